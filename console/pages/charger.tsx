/** One charger: what its EVSEs do and why, with whom it is paired, and what an operator can do. */
import { api } from '../base/api.ts';
import { useAnswer } from '../base/live.ts';
import { parts, to } from '../base/place.ts';
import { count, kW, number } from '../base/words.ts';
import { useHeading } from '../parts/action.tsx';
import { Card, Empty, Facts, Head, Shown, Time } from '../parts/bits.tsx';
import { ChargerActions, Pairings } from '../parts/charger-actions.tsx';
import { SessionNow, SessionTable } from '../parts/session-bits.tsx';
import { TimelineTable } from '../parts/timeline-table.tsx';
import type { ChargerDetail, Evse, ParkedGroup, Session, TimelineItem } from '../types.ts';

export function Charger() {
  const [, chargePointId = ''] = parts.value;
  useHeading(chargePointId);
  const known = useAnswer<ChargerDetail>(api(['chargers', chargePointId])).value;
  const parked = useAnswer<{ groups: readonly ParkedGroup[] }>(
    api(['dead-letters', 'summary'], { chargePointId }),
  ).value;
  const messages = parked.value?.groups.reduce((sum, group) => sum + group.messages, 0) ?? 0;
  return (
    <>
      <Head title={chargePointId} lead={known.value?.name ?? ' '}>
        {known.value === undefined ? null : <ChargerActions {...known.value} parked={messages} />}
      </Head>
      {messages === 0 ? null : (
        <p class="notice bad">
          {count(messages, 'message')} of this charger {messages === 1 ? 'is' : 'are'} parked.{' '}
          <a href={to(['parked'], { chargePointId })}>See why, and send again</a>
        </p>
      )}
      <Shown known={known}>{(charger) => <Details {...charger} />}</Shown>
      <Sessions chargePointId={chargePointId} />
      <Latest chargePointId={chargePointId} />
    </>
  );
}

function Details(charger: ChargerDetail) {
  const { chargePointId, ocppIdentity, protocol, evses, sessions, warnings } = charger;
  return (
    <>
      {warnings.map((warning) => (
        <p key={warning} class="notice warn">
          {warning}
        </p>
      ))}
      <div class="cards">
        {evses.map((evse) => (
          <EvseCard key={evse.evseId} {...{ evse, chargePointId }} sessions={sessions} />
        ))}
        <Card title="Registration">
          <Facts
            of={[
              ['OCPP identity', <code>{ocppIdentity}</code>],
              ['Version', protocol.replace('ocpp', 'OCPP ')],
              ['EVSEs', number(evses.length)],
            ]}
          />
        </Card>
        <Pairings {...charger} />
      </div>
    </>
  );
}

type EvseProps = { readonly evse: Evse; readonly chargePointId: string; readonly sessions: readonly Session[] };

function EvseCard({ evse, chargePointId, sessions }: EvseProps) {
  const { evseId, emi3Id, uid, connectors } = evse;
  const session = sessions.find((each) => each.evseId === evseId);
  const power = connectors.flatMap(({ maxPower }) => maxPower ?? []);
  const most = power.length === 0 ? 'not known' : kW(Math.max(...power));
  return (
    <Card title={`EVSE ${evseId}`} aside={<code>{emi3Id ?? uid ?? ''}</code>}>
      {session === undefined ? (
        <Facts
          of={[
            ['Session', 'none'],
            ['At most', most],
          ]}
        />
      ) : (
        <SessionNow {...{ session, chargePointId, most }} />
      )}
    </Card>
  );
}

function Sessions({ chargePointId }: { readonly chargePointId: string }) {
  const path = api(['chargers', chargePointId, 'sessions'], { limit: 10 });
  const known = useAnswer<{ sessions: readonly Session[] }>(path).value;
  return (
    <Card title="Sessions">
      <Shown known={known}>
        {({ sessions }) =>
          sessions.length === 0 ? (
            <Empty>No session is remembered.</Empty>
          ) : (
            <SessionTable sessions={sessions.map((session) => ({ ...session, chargePointId }))} />
          )
        }
      </Shown>
    </Card>
  );
}

function Latest({ chargePointId }: { readonly chargePointId: string }) {
  const path = api(['chargers', chargePointId, 'timeline'], { limit: 10 });
  const known = useAnswer<{ timeline: readonly TimelineItem[] }>(path).value;
  const newest = known.value?.timeline[0];
  return (
    <Card title="Timeline" aside={newest && <Time at={newest.at} />}>
      <Shown known={known}>
        {({ timeline }) =>
          timeline.length === 0 ? (
            <Empty>Nothing has happened at this charger yet.</Empty>
          ) : (
            <TimelineTable {...{ chargePointId }} items={timeline} />
          )
        }
      </Shown>
      <a href={to(['chargers', chargePointId, 'timeline'])}>The whole timeline</a>
    </Card>
  );
}
