/** The page before all others: it exchanges the operator's token for a cookie. */
import { useSignal } from '@preact/signals';
import { signIn, type Refusal } from '../base/api.ts';

export function SignIn() {
  const refusal = useSignal<Refusal | undefined>(undefined);
  const isBusy = useSignal(false);
  const submit = async (form: HTMLFormElement) => {
    isBusy.value = true;
    const token = new FormData(form).get('token');
    refusal.value = await signIn(typeof token === 'string' ? token.trim() : '');
    isBusy.value = false;
  };
  return (
    <main class="sign-in">
      <form onSubmit={(event) => (event.preventDefault(), void submit(event.currentTarget))}>
        <h1>scsp-edge</h1>
        <p class="lead">Between your chargers and the providers that plan when cars charge.</p>
        <label>
          Operator’s token
          <input name="token" type="password" autocomplete="current-password" required autoFocus />
        </label>
        <p class="hint">
          One of <code>ADMIN_TOKEN</code>. The browser keeps a cookie for 12 hours, and not the token.
        </p>
        {refusal.value === undefined ? null : (
          <p class="notice bad" role="alert">
            {refusal.value.status === 401 ? 'This token is not accepted.' : refusal.value.detail}
          </p>
        )}
        <button type="submit" class="button primary" disabled={isBusy.value}>
          Sign in
        </button>
      </form>
    </main>
  );
}
