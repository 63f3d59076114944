/** Buttons that change something: they ask first, say what became of it, and have everything read anew. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { call, type Refusal } from '../base/api.ts';
import { asked } from '../base/live.ts';
import { Refused } from './bits.tsx';

type ActionProps = {
  readonly label: string;
  /** What is asked before, as a sentence or a form; without it the button acts at once. */
  readonly question?: ComponentChildren;
  readonly isDangerous?: boolean;
  /** Acts; gives what went wrong, or what to say when it is done. `say` tells how far it is. */
  readonly act: (fields: FormData, say: (text: string) => void) => Promise<Refusal | string | undefined>;
};

type State = { readonly isBusy?: boolean; readonly progress?: string; readonly said?: Refusal | string };

/** The button, with its question in a dialog. */
export function Action({ label, question, isDangerous = false, act }: ActionProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const state = useSignal<State>({});
  const run = async (fields: FormData) => {
    state.value = { isBusy: true };
    const said = await act(fields, (progress) => (state.value = { isBusy: true, progress }));
    state.value = said === undefined ? {} : { said };
    asked.value += 1;
    if (said === undefined) dialog.current?.close();
  };
  const { isBusy = false, said, progress } = state.value;
  const look = isDangerous ? 'button danger' : 'button';
  const open = () => {
    state.value = {};
    if (question === undefined) return void run(new FormData());
    return dialog.current?.showModal();
  };
  return (
    <>
      <button type="button" class={look} disabled={isBusy} onClick={open}>
        {label}
      </button>
      {question === undefined ? (
        <Said said={said} />
      ) : (
        <dialog ref={dialog} aria-label={label}>
          <form onSubmit={(event) => (event.preventDefault(), void run(new FormData(event.currentTarget)))}>
            <h2>{label}</h2>
            {typeof said === 'string' ? null : question}
            <Said said={said} />
            {progress === undefined ? null : <p role="status">{progress}</p>}
            <div class="actions">
              <button type="button" class="button" onClick={() => dialog.current?.close()}>
                {typeof said === 'string' ? 'Close' : 'Cancel'}
              </button>
              {typeof said === 'string' ? null : (
                <button type="submit" class={`${look} primary`} disabled={isBusy}>
                  {isBusy ? 'Working …' : label}
                </button>
              )}
            </div>
          </form>
        </dialog>
      )}
    </>
  );
}

function Said({ said }: { readonly said: Refusal | string | undefined }) {
  if (said === undefined) return null;
  return typeof said === 'string' ? (
    <p class="notice good" role="status">
      {said}
    </p>
  ) : (
    <Refused refusal={said} />
  );
}

/** Calls the API for an action; `done` says what to show when it went well. */
export async function doing<T>(
  [method, path, body]: readonly ['POST' | 'DELETE', string, unknown?],
  done: (value: T) => string | undefined = () => undefined,
): Promise<Refusal | string | undefined> {
  const answer = await call<T>(method, path, body);
  return answer.ok ? done(answer.value) : answer.refusal;
}

/** Moves the focus to the heading of a page when it comes, so that a screen reader says where one is. */
export function useHeading(name: string): void {
  useEffect(() => {
    document.title = `${name} · scsp-edge`;
    const heading = document.querySelector('h1');
    if (document.activeElement === document.body || document.activeElement?.closest('main') !== null) heading?.focus();
  }, [name]);
}
