/** Lines of a charger's timeline. */
import { sayItem } from '../base/entries.ts';
import { textAt } from '../base/json.ts';
import { to } from '../base/place.ts';
import type { TimelineItem } from '../types.ts';
import { Badge, Time } from './bits.tsx';
import { Outcome, Outcomes } from './outcome.tsx';
import { Table } from './table.tsx';

type Props = { readonly chargePointId: string; readonly items: readonly TimelineItem[] };

export function TimelineTable({ chargePointId, items }: Props) {
  return (
    <Table
      caption="Timeline"
      rows={items}
      keyOf={({ seq }) => String(seq)}
      hrefOf={({ seq }) => to(['chargers', chargePointId, 'timeline', seq])}
      columns={[
        { name: 'What', cell: (item) => sayItem(item).title },
        { name: 'Figures', cell: (item) => sayItem(item).detail },
        { name: 'From', cell: fromOf },
        { name: 'Became', cell: becameOf },
        { name: 'When', cell: ({ at }) => <Time at={at} /> },
      ]}
    />
  );
}

function fromOf({ entry }: TimelineItem): string {
  if (entry.kind !== 'message') return textAt(entry, 'by') || textAt(entry, 'provider');
  return entry['direction'] === 'cs' ? 'charger' : 'CSMS';
}

function becameOf(item: TimelineItem) {
  const kept = textAt(item.kept.at(-1), 'reason');
  if (item.entry.kind.startsWith('charging-profile')) {
    const word = textAt(item.entry, 'outcome');
    return word === '' ? '–' : <Outcome word={word} />;
  }
  if (kept !== '') return <Badge tone="calm">{`kept: ${kept}`}</Badge>;
  return <Outcomes item={item} />;
}
