/** Whether the Worker can do its work, and whether each provider takes our credentials. */
import { useSignal } from '@preact/signals';
import { api, call, type Refusal } from '../base/api.ts';
import { useAnswer } from '../base/live.ts';
import { named } from '../base/words.ts';
import { useHeading } from '../parts/action.tsx';
import { Badge, Card, Head, Refused, Shown } from '../parts/bits.tsx';
import { Table } from '../parts/table.tsx';
import type { Check, Provider } from '../types.ts';

type Checked = { readonly ok: boolean; readonly steps: readonly Check[] };

export function Health() {
  useHeading('Health');
  const ready = useAnswer<{ ready: boolean; checks: readonly Check[] }>('/readyz').value;
  const health = useAnswer<{ version: string }>('/healthz', 60_000).value;
  const providers = useAnswer<{ providers: readonly Provider[] }>(api(['providers']), 60_000).value;
  const { version } = health.value ?? {};
  return (
    <>
      <Head title="Health" lead={version === undefined ? ' ' : `scsp-edge ${version}`} />
      <Shown known={ready}>
        {({ ready, checks }) => (
          <Card title="The Worker" aside={<Badge tone={ready ? 'good' : 'bad'}>{ready ? 'ready' : 'not ready'}</Badge>}>
            <Checks caption="Checks of the Worker" checks={checks} />
          </Card>
        )}
      </Shown>
      {providers.value?.providers
        .filter(({ state }) => state === 'on')
        .map(({ provider }) => (
          <ProviderCheck key={provider} name={provider} />
        ))}
    </>
  );
}

function Checks({ caption, checks }: { readonly caption: string; readonly checks: readonly Check[] }) {
  return (
    <Table
      caption={caption}
      rows={checks}
      keyOf={({ name }) => name}
      columns={[
        { name: 'Check', cell: ({ name }) => name },
        { name: 'Result', cell: ({ ok }) => <Badge tone={ok ? 'good' : 'bad'}>{ok ? 'fine' : 'fails'}</Badge> },
        { name: 'Found', cell: ({ detail }) => detail ?? '' },
      ]}
    />
  );
}

function ProviderCheck({ name }: { readonly name: string }) {
  const state = useSignal<{ readonly checked?: Checked; readonly refusal?: Refusal; readonly isBusy?: boolean }>({});
  const run = async () => {
    state.value = { isBusy: true };
    const answer = await call<Checked>('POST', api(['providers', name, 'check']));
    state.value = answer.ok ? { checked: answer.value } : { refusal: answer.refusal };
  };
  const { checked, refusal, isBusy = false } = state.value;
  return (
    <Card
      title={named(name)}
      aside={checked && <Badge tone={checked.ok ? 'good' : 'bad'}>{checked.ok ? 'reached' : 'refused'}</Badge>}
    >
      <p class="lead">Reaches {named(name)} with our credentials. Nothing is changed there.</p>
      {refusal === undefined ? null : <Refused refusal={refusal} />}
      {checked === undefined ? null : <Checks caption={`Checks of ${named(name)}`} checks={checked.steps} />}
      <div class="actions">
        <button type="button" class="button" disabled={isBusy} onClick={() => void run()}>
          {isBusy ? 'Checking …' : `Check ${named(name)}`}
        </button>
      </div>
    </Card>
  );
}
