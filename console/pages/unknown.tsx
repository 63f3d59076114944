/** Chargers that the CSMS reports and never registered. */
import { api } from '../base/api.ts';
import { useAnswer } from '../base/live.ts';
import { number } from '../base/words.ts';
import { useHeading } from '../parts/action.tsx';
import { Card, Empty, Head, Shown, Time } from '../parts/bits.tsx';
import { Table } from '../parts/table.tsx';
import type { UnknownCharger } from '../types.ts';

export function Unknown() {
  useHeading('Unknown chargers');
  const known = useAnswer<{ unknownChargers: readonly UnknownCharger[] }>(api(['unknown-chargers']), 15_000).value;
  return (
    <>
      <Head
        title="Unknown chargers"
        lead="Their events were ignored in the last 7 days, because no charger is registered under this identity."
      />
      <Card title="Heard of">
        <Shown known={known}>
          {({ unknownChargers }) =>
            unknownChargers.length === 0 ? (
              <Empty>Every charger that was heard of is registered.</Empty>
            ) : (
              <List of={unknownChargers} />
            )
          }
        </Shown>
      </Card>
    </>
  );
}

function List({ of }: { readonly of: readonly UnknownCharger[] }) {
  return (
    <Table
      caption="Unknown chargers"
      rows={of}
      keyOf={({ identity }) => identity}
      columns={[
        { name: 'Identity', cell: ({ identity }) => <code>{identity}</code> },
        { name: 'Events', cell: ({ events }) => number(events), isNumber: true },
        { name: 'First', cell: ({ firstAt }) => <Time at={firstAt} /> },
        { name: 'Last', cell: ({ lastAt }) => <Time at={lastAt} /> },
      ]}
    />
  );
}
