/** Everything that happened at a charger, newest first. */
import { api } from '../base/api.ts';
import { useAnswer } from '../base/live.ts';
import { parts, place, to } from '../base/place.ts';
import { useHeading } from '../parts/action.tsx';
import { Card, Empty, Head, Shown } from '../parts/bits.tsx';
import { Pager } from '../parts/table.tsx';
import { TimelineTable } from '../parts/timeline-table.tsx';
import type { Page, TimelineItem } from '../types.ts';

export function Timeline() {
  const [, chargePointId = ''] = parts.value;
  useHeading(`Timeline of ${chargePointId}`);
  const cursor = place.value.query.get('cursor') ?? undefined;
  const path = api(['chargers', chargePointId, 'timeline'], { limit: 50, cursor });
  const known = useAnswer<Page & { timeline: readonly TimelineItem[] }>(path).value;
  return (
    <>
      <Head title="Timeline" lead={<a href={to(['chargers', chargePointId])}>{chargePointId}</a>} />
      <Card title="What happened">
        <Shown known={known}>
          {({ timeline, cursor }) => (
            <>
              {timeline.length === 0 ? (
                <Empty>Nothing has happened at this charger yet.</Empty>
              ) : (
                <TimelineTable chargePointId={chargePointId} items={timeline} />
              )}
              <Pager cursor={cursor} />
            </>
          )}
        </Shown>
      </Card>
    </>
  );
}
