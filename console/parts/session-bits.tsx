/** Sessions: what one does now and why, and several as a table. */
import { to } from '../base/place.ts';
import { kW, kWh, named } from '../base/words.ts';
import type { Session } from '../types.ts';
import { Badge, Facts, Time, type Tone } from './bits.tsx';
import { Table } from './table.tsx';

const BAD = ['fault', 'charger-offline', 'profile-rejected', 'profile-not-followed', 'provider-silent'];

/** What an explanation's colour is. */
export function toneOf(code: string): Tone {
  if (code === 'charging') return 'good';
  return BAD.includes(code) ? 'bad' : code === 'unknown' ? 'calm' : 'warn';
}

/** What was not said is null, or is not there. */
const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

type NowProps = { readonly session: Session; readonly chargePointId: string; readonly most: string };

/** A running session: why it charges or does not, and its figures. */
export function SessionNow({ session, chargePointId, most }: NowProps) {
  const { explanation, transactionId, startedAt, registerWh, powerW, powerAt, profile } = session;
  return (
    <>
      {explanation === undefined ? null : (
        <p>
          <Badge tone={toneOf(explanation.code)}>{explanation.code.replaceAll('-', ' ')}</Badge> {explanation.text}
        </p>
      )}
      <Facts
        of={[
          ['Session', <a href={to(['chargers', chargePointId, 'sessions', transactionId])}>{transactionId}</a>],
          ['Since', <Time at={startedAt} />],
          ['Charging state', session.chargingState ?? 'not said'],
          [
            'Power',
            isAbsent(powerW) ? (
              'not said'
            ) : (
              <>
                {kW(powerW)}
                {isAbsent(powerAt) ? (
                  ''
                ) : (
                  <>
                    , <Time at={powerAt} />
                  </>
                )}
              </>
            ),
          ],
          ['At most', most],
          ['Register', registerWh === null ? 'not said' : kWh(registerWh)],
          [
            'Profile',
            isAbsent(profile) ? (
              'none'
            ) : (
              <>
                {limitOf(profile)} <Badge tone={profile.status === 'Accepted' ? 'good' : 'bad'}>{profile.status}</Badge>
              </>
            ),
          ],
        ]}
      />
    </>
  );
}

function limitOf({ provider, limit, unit }: NonNullable<Session['profile']>): string {
  const amount = limit === null ? 'no limit now' : unit === 'A' ? `${limit} A` : kW(limit);
  return `${named(provider)}: ${amount}`;
}

type Row = Session & { readonly chargePointId: string };

/** Sessions, each a link to its own page. */
export function SessionTable({ sessions, hasCharger = false }: { sessions: readonly Row[]; hasCharger?: boolean }) {
  return (
    <Table
      caption="Sessions"
      rows={sessions}
      keyOf={({ chargePointId, transactionId, startedAt }) => `${chargePointId} ${transactionId} ${startedAt}`}
      hrefOf={({ chargePointId, transactionId }) => to(['chargers', chargePointId, 'sessions', transactionId])}
      columns={[
        { name: 'Session', cell: ({ transactionId }) => transactionId },
        ...(hasCharger ? [{ name: 'Charger', cell: ({ chargePointId }: Row) => chargePointId }] : []),
        { name: 'EVSE', cell: ({ evseId }) => evseId, isNumber: true },
        { name: 'State', cell: stateOf },
        { name: 'Began', cell: ({ startedAt }) => <Time at={startedAt} /> },
        { name: 'Ended', cell: ({ endedAt }) => (isAbsent(endedAt) ? '–' : <Time at={endedAt} />) },
        { name: 'Register', cell: ({ registerWh }) => (registerWh === null ? '–' : kWh(registerWh)), isNumber: true },
        { name: 'Flags', cell: ({ warnings }) => warnings.map(({ code }) => code).join(', ') || '–' },
      ]}
    />
  );
}

function stateOf({ state, explanation }: Session) {
  if (explanation === undefined) return state;
  return <Badge tone={toneOf(explanation.code)}>{explanation.code.replaceAll('-', ' ')}</Badge>;
}
