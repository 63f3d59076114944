/** Why a running session charges or does not: one code, and a sentence with figures. Pure; times in ms. */
import { maxPowerOf, evseOf, type Charger } from '../../charging/charger.ts';
import { spansFrom, type LimitSpan } from '../../charging/limit.ts';
import type { EvseMemory, RunningSession, StationConnection } from '../../sessions/book.ts';
import { inForceOf, type ProfileSlot } from './profile-memory.ts';

export const EXPLANATION_CODES = [
  'charging',
  'curtailed',
  'paused-by-provider',
  'paused-by-car',
  'paused-by-charger',
  'waits-for-authorization',
  'waits-for-car',
  'charger-offline',
  'profile-rejected',
  'profile-not-followed',
  'provider-silent',
  'fault',
  'unknown',
] as const;

/** `since` and `until` in RFC 3339; `until` only when the end is known. `text` is for people. */
export type Explanation = {
  readonly code: (typeof EXPLANATION_CODES)[number];
  readonly text: string;
  readonly since: string;
  readonly until?: string;
};

/** What is known around a session. `isNotFollowed`: the car draws more than its profile allows. */
export type Circumstances = {
  readonly session: RunningSession;
  readonly slot: ProfileSlot | undefined;
  readonly evse: EvseMemory | undefined;
  readonly connection: StationConnection | undefined;
  readonly charger: Charger | undefined;
  readonly isNotFollowed?: boolean;
  readonly now: number;
};

/** A car that draws nothing for so long, and does not begin when it may again, is asleep. */
const ASLEEP_AFTER_MS = 15 * 60_000;
/** A provider that pauses charging without an end, and has sent nothing for so long, is called silent. */
const SILENT_AFTER_MS = 60 * 60_000;

/** A car that draws this much (W) charges. */
const DRAWING_W = 100;

/** The cause that is furthest from the car: a fault, the connection, the driver, the provider, then the car. */
export function explain(around: Circumstances): Explanation {
  return (
    ofCharger(around) ??
    ofDriver(around) ??
    ofProvider(around) ??
    ofState(around) ??
    said('unknown', Date.parse(around.session.ref.startedAt), 'The charger has not said what the session does')
  );
}

function ofCharger({ session, evse, connection, now }: Circumstances): Explanation | undefined {
  if (evse?.state === 'Faulted') {
    const since = at(evse.stateAt, now);
    return said('fault', since, `The charger reports a fault since ${clock(since, now)}`);
  }
  // Not every CSMS reports that a connection is back. A message of the session shows it.
  if (connection?.isConnected !== false || session.lastMessageAt > connection.at) return undefined;
  const since = at(connection.at, now);
  return said(
    'charger-offline',
    since,
    `The charger has been offline since ${clock(since, now)}; what it does is not known`,
  );
}

function ofDriver({ session, now }: Circumstances): Explanation | undefined {
  if (session.numberedBy !== 'station' || session.ref.idToken !== undefined || session.hasCharged) return undefined;
  const since = Date.parse(session.ref.startedAt);
  return said(
    'waits-for-authorization',
    since,
    `The charger has waited for a card or an app since ${clock(since, now)}`,
  );
}

function ofProvider(around: Circumstances): Explanation | undefined {
  const { slot, now } = around;
  if (slot === undefined) return undefined;
  const limit = limitNow(slot, now);
  if (limit !== undefined && around.isNotFollowed === true) return notFollowed(around, limit);
  if (limit?.span.limit === 0) return paused(slot, limit, now);
  if (slot.active !== undefined || !/^(Rejected|NotSupported)$/.test(slot.last.status)) return undefined;
  const { provider, requestedAt, status } = slot.last;
  const text = `The charger refused the charging profile that ${named(provider)} sent at ${clock(requestedAt, now)}: ${status}`;
  return said('profile-rejected', requestedAt, text);
}

function notFollowed({ session, slot, now }: Circumstances, { span, unit }: LimitNow): Explanation {
  const since = Math.max(span.from, slot?.active?.requestedAt ?? span.from);
  const drawn = session.lastPower === undefined ? 'more' : kilowatts(session.lastPower.powerW);
  const text = `The charger accepted a limit of ${amount(span.limit, unit)} but the car draws ${drawn}, since ${clock(since, now)}`;
  return said('profile-not-followed', since, text);
}

/** A pause has an end if the plan has one. Without an end, and without news from the provider, it is silence. */
function paused(slot: ProfileSlot, { span, unit, next }: LimitNow, now: number): Explanation {
  const provider = named(slot.active?.provider ?? slot.last.provider);
  const since = Math.max(span.from, slot.active?.requestedAt ?? span.from);
  const head = `${provider} has paused charging since ${clock(since, now)}`;
  if (next !== undefined) {
    const text = `${head}; its plan resumes at ${clock(next.from, now)} with ${amount(next.limit, unit)}`;
    return said('paused-by-provider', since, text, next.from);
  }
  if (Number.isFinite(span.to)) {
    return said('paused-by-provider', since, `${head}; its plan ends at ${clock(span.to, now)}`, span.to);
  }
  const { requestedAt } = slot.last;
  if (now - requestedAt < SILENT_AFTER_MS) return said('paused-by-provider', since, `${head}; its plan has no end`);
  const text = `${head}; its plan has no end, and it has sent nothing since ${clock(requestedAt, now)}`;
  return said('provider-silent', since, text);
}

function ofState(around: Circumstances): Explanation | undefined {
  const { session, now } = around;
  const since = at(session.chargingStateAt ?? session.ref.startedAt, now);
  const state = session.chargingState;
  const power = session.lastPower;
  const hasNotBegun = state === undefined || state === 'EVConnected' || state === 'Idle';
  // The meter knows better than a charger that has not said yet that it charges.
  if (hasNotBegun && power !== undefined && power.powerW >= DRAWING_W && Date.parse(power.at) >= since)
    return charging(around, Date.parse(power.at));
  if (state === undefined) return undefined;
  switch (state) {
    case 'SuspendedEV':
      return pausedByCar(around, since);
    case 'SuspendedEVSE':
      return said(
        'paused-by-charger',
        since,
        `The charger has paused charging since ${clock(since, now)}; no provider asked for that`,
      );
    case 'EVConnected':
    case 'Idle':
      return said(
        'waits-for-car',
        since,
        `The car is connected and has asked for no energy since ${clock(since, now)}`,
      );
    case 'Charging':
      return charging(around, since);
  }
}

function pausedByCar({ slot, now, ...around }: Circumstances, since: number): Explanation {
  const limit = slot && limitNow(slot, now);
  const most = limit === undefined ? mostOf(around) : amount(limit.span.limit, limit.unit);
  const allowedAt = Math.max(
    since,
    limit?.span.from ?? since,
    limit === undefined ? since : (slot?.active?.requestedAt ?? since),
  );
  if (limit !== undefined && allowedAt > since && now - since > ASLEEP_AFTER_MS) {
    const text = `The car is asleep: it has drawn nothing since ${clock(since, now)}, although it may draw ${most} since ${clock(allowedAt, now)}`;
    return said('paused-by-car', since, text);
  }
  return said(
    'paused-by-car',
    since,
    `The car has paused charging since ${clock(since, now)}${most === undefined ? '' : `; it may draw ${most}`}`,
  );
}

function charging({ session, slot, charger, now }: Circumstances, since: number): Explanation {
  const limit = slot && limitNow(slot, now);
  const drawn = session.lastPower === undefined ? '' : ` with ${kilowatts(session.lastPower.powerW)}`;
  if (limit === undefined || !isBelowMost(limit, { session, charger })) {
    return said('charging', since, `The car charges${drawn} since ${clock(since, now)}`);
  }
  const from = Math.max(limit.span.from, slot?.active?.requestedAt ?? limit.span.from);
  const until = Number.isFinite(limit.span.to) ? limit.span.to : undefined;
  const end = until === undefined ? '' : ` until ${clock(until, now)}`;
  const text = `${named(slot?.active?.provider ?? '')} limits charging to ${amount(limit.span.limit, limit.unit)} since ${clock(from, now)}${end}`;
  return said('curtailed', from, text, until);
}

type Unit = 'W' | 'A';
/** The limit in force, and the next limit at which the car may charge. */
type LimitNow = { readonly span: LimitSpan; readonly unit: Unit; readonly next?: LimitSpan };

function limitNow(slot: ProfileSlot, now: number): LimitNow | undefined {
  const inForce = inForceOf(slot);
  if (inForce === undefined) return undefined;
  const [span, ...later] = spansFrom(inForce, now);
  if (span === undefined || span.from > now) return undefined;
  const next = later.find(({ limit }) => limit > 0);
  return { span, unit: inForce.schedule.rateUnit, ...(next !== undefined && { next }) };
}

type Place = Pick<Circumstances, 'session' | 'charger'>;

function connectorsOf({ session, charger }: Place) {
  return (charger && evseOf(charger, session.ref.evse.evseId)?.connectors) ?? [];
}

/** A limit that is not below the connector's maximum limits nothing. If the maximum is unknown, every limit counts. */
function isBelowMost({ span, unit }: LimitNow, place: Place): boolean {
  const most = connectorsOf(place).map((connector) =>
    unit === 'W' ? maxPowerOf(connector).maxPowerW : connector.maxAmperage,
  );
  return most.length === 0 || most.some((each) => each === undefined || span.limit < each);
}

function mostOf(place: Place): string | undefined {
  const powers = connectorsOf(place).flatMap((connector) => maxPowerOf(connector).maxPowerW ?? []);
  return powers.length === 0 ? undefined : kilowatts(Math.max(...powers));
}

function said(code: Explanation['code'], since: number, text: string, until?: number): Explanation {
  const explained = { code, text: `${text}.`, since: new Date(since).toISOString() };
  return until === undefined ? explained : { ...explained, until: new Date(until).toISOString() };
}

const at = (instant: string | undefined, now: number) => (instant === undefined ? now : Date.parse(instant));

/** The time of day in UTC; with the date if it is not today. */
function clock(instant: number, now: number): string {
  const [day = '', time = ''] = new Date(instant).toISOString().split('T');
  const [today] = new Date(now).toISOString().split('T');
  return `${day === today ? '' : `${day} `}${time.slice(0, 5)} UTC`;
}

const kilowatts = (watts: number) => `${(watts / 1000).toFixed(1)} kW`;
const amount = (limit: number, unit: Unit) => (unit === 'W' ? kilowatts(limit) : `${limit.toFixed(1)} A`);
const named = (provider: string) => `${provider.charAt(0).toUpperCase()}${provider.slice(1)}`;
