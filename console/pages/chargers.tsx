/** The registry: found by id, identity or name, one page at a time. */
import { api } from '../base/api.ts';
import { useAnswer } from '../base/live.ts';
import { filtered, go, place, to } from '../base/place.ts';
import { count } from '../base/words.ts';
import { useHeading } from '../parts/action.tsx';
import { Badge, Card, Empty, Head, Shown } from '../parts/bits.tsx';
import { Pager, Table } from '../parts/table.tsx';
import type { Charger, Page } from '../types.ts';

const FILTERS = [
  ['', 'all'],
  ['unpaired', 'unpaired'],
  ['lagging', 'lagging'],
  ['parked', 'with parked messages'],
] as const;

export function Chargers() {
  useHeading('Chargers');
  const { query } = place.value;
  const [search, only, cursor] = ['search', 'only', 'cursor'].map((name) => query.get(name) ?? undefined);
  const path = api(['chargers'], { limit: 50, search, only, cursor });
  const known = useAnswer<Page & { chargers: readonly Charger[] }>(path, 15_000).value;
  return (
    <>
      <Head title="Chargers" lead="Every charger that the CSMS registered." />
      <search class="filters">
        <label>
          Find
          <input
            type="search"
            value={search ?? ''}
            placeholder="id, identity or name"
            onChange={(event) => go(filtered({ search: event.currentTarget.value.trim() }))}
          />
        </label>
        <label>
          Only
          <select value={only ?? ''} onChange={(event) => go(filtered({ only: event.currentTarget.value }))}>
            {FILTERS.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </search>
      <Card title={search === undefined && only === undefined ? 'Registered' : 'Found'}>
        <Shown known={known}>
          {({ chargers, cursor }) => (
            <>
              {chargers.length === 0 ? <Empty>No charger fits.</Empty> : <List chargers={chargers} />}
              <Pager cursor={cursor} />
            </>
          )}
        </Shown>
      </Card>
    </>
  );
}

function List({ chargers }: { readonly chargers: readonly Charger[] }) {
  return (
    <Table
      caption="Chargers"
      rows={chargers}
      keyOf={({ chargePointId }) => chargePointId}
      hrefOf={({ chargePointId }) => to(['chargers', chargePointId])}
      columns={[
        { name: 'Charger', cell: ({ chargePointId }) => chargePointId },
        { name: 'Name', cell: ({ name }) => name ?? '–' },
        { name: 'OCPP identity', cell: ({ ocppIdentity }) => <code>{ocppIdentity}</code> },
        { name: 'Version', cell: ({ protocol }) => protocol.replace('ocpp', 'OCPP ') },
        { name: 'EVSEs', cell: ({ evses }) => evses.length, isNumber: true },
        {
          name: 'Warnings',
          cell: ({ warnings }) =>
            warnings.length === 0 ? '–' : <Badge tone="warn">{count(warnings.length, 'warning')}</Badge>,
        },
      ]}
    />
  );
}
