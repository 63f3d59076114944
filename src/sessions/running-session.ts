/**
 * What the book remembers of a session while it runs, from its start and from each message of it. Pure; places nothing.
 */
import type {
  ConnectorState,
  SessionStarted,
  SessionUpdated,
  StopReason,
  TriggerReason,
} from '../charging/charge-event.ts';
import type { Authorization, IdToken } from '../charging/id-token.ts';
import type { MeterValue } from '../charging/meter.ts';
import { powerOf } from '../charging/power.ts';
import type { ChargingState, EvseRef, TransactionId } from '../charging/session.ts';
import type { RunningSession } from './book.ts';
import { watched, withWarning } from './plausibility.ts';
import { newestRegister } from './registers.ts';

/** How long a session may go on after its connector said Available and nothing more came of it. */
export const IDLE_MS = 60 * 60_000;

/**
 * What a start gives the book. A register that is absent is taken from the first reading, else from the EVSE's last
 * one.
 */
export type Opening = {
  readonly transactionId: TransactionId;
  readonly stationId: string;
  readonly numberedBy: RunningSession['numberedBy'];
  readonly evse: EvseRef;
  readonly at: string;
  readonly trigger: TriggerReason;
  readonly authorization: Authorization;
  readonly meterStartWh?: number;
  readonly meterValues: readonly MeterValue[];
  readonly chargingState?: ChargingState;
  readonly idToken?: IdToken;
  readonly reservationId?: number;
  readonly details?: SessionStarted['details'];
  readonly connectorStatus?: SessionStarted['connectorStatus'];
  /** Its start was never heard of: time and register are those of the first thing known. */
  readonly isInferred?: true;
  /** The message id of its start, when that was never answered. */
  readonly unansweredId?: string;
};

/** A step within a session, or its end. Absent means: the message did not say. */
export type Change = Omit<SessionUpdated, 'kind' | 'session' | 'sequence'> & {
  readonly evse?: EvseRef;
  /** The message does not name the transaction: if the car has left, it gives the session no more time. */
  readonly isUnnamed?: true;
};
export type Ending = Change & {
  /** The EVSEs the charger has, as far as is known. */
  readonly evseIds?: readonly number[];
  readonly meterStopWh?: number;
  readonly stopReason?: StopReason;
  readonly authorization?: Authorization;
};

/** The session as it begins. */
export function beginning(opening: Opening, started: SessionStarted): RunningSession {
  const { at, chargingState, meterValues } = opening;
  const read = newestRegister({ started }, meterValues);
  const register = read ?? { registerWh: started.meterStartWh, at };
  const lastPower = powerOf(meterValues);
  const noted = watched(
    { started, lastRegisterWh: started.meterStartWh, lastRegisterAt: at },
    { meterValues, register: read, power: lastPower },
  );
  return {
    ref: started.session,
    stationId: opening.stationId,
    numberedBy: opening.numberedBy,
    started,
    nextSequence: 1,
    lastRegisterWh: register.registerWh,
    lastRegisterAt: register.at,
    ...(read && { registerLocation: read.location }),
    lastMeterValues: meterValues,
    ...(lastPower && { lastPower }),
    ...noted,
    ...(opening.isInferred && {
      isInferred: true,
      warnings: withWarning(noted.warnings ?? [], { code: 'events-missing', since: at }),
    }),
    ...(opening.unansweredId !== undefined && { unansweredId: opening.unansweredId }),
    lastMessageAt: at,
    ...(chargingState && { chargingState, chargingStateAt: at }),
    hasCharged: chargingState === 'Charging',
    seqOffsets: {},
  };
}

/** The session after a step. What came late changes nothing that is known from a later time. */
export function progressed(session: RunningSession, change: Change, nowMs: number): RunningSession {
  const { at, meterValues } = change;
  const { idleSince: _, leftAt: __, endsAt: ___, powerWatch: ____, ...rest } = session;
  const known = { registerWh: session.lastRegisterWh, at: session.lastRegisterAt };
  const read = newestRegister(session, meterValues);
  const register = newer(known, read);
  const readings = newer({ at: readAt(session), list: session.lastMeterValues }, readingsOf(meterValues));
  const isNewState = change.chargingState !== undefined && !isOlder(at, session.chargingStateAt);
  const power = powerOf(meterValues);
  const lastPower = session.lastPower === undefined ? power : newer(session.lastPower, power);
  return {
    ...rest,
    ...watched(session, { meterValues, register: read, power }),
    ref: refAfter(session, change),
    nextSequence: session.nextSequence + 1,
    lastRegisterWh: register.registerWh,
    lastRegisterAt: register.at,
    ...(read && { registerLocation: read.location }),
    lastMeterValues: readings.list,
    ...(lastPower && { lastPower }),
    lastMessageAt: isOlder(at, session.lastMessageAt) ? session.lastMessageAt : at,
    ...(isNewState && { chargingState: change.chargingState, chargingStateAt: at }),
    hasCharged: session.hasCharged || change.chargingState === 'Charging',
    ...afterwards(session, isNewState ? change : withoutState(change), nowMs),
  };
}

/**
 * What shows that a session goes on whose connector said Available; all else is of the connector, or of the next car.
 */
export const REVIVING: ReadonlySet<ConnectorState> = new Set(['Charging', 'SuspendedEV', 'SuspendedEVSE']);

/** The session when its connector reports a state, at `at`, beside the session's own messages. */
export function seenConnector(
  session: RunningSession,
  { at, state }: { readonly at: string; readonly state: ConnectorState },
  nowMs: number,
): RunningSession {
  const { idleSince: _, leftAt: __, endsAt: ___, ...rest } = session;
  if (REVIVING.has(state)) return rest;
  if (state !== 'Available') return session;
  const lastMessageAt = isOlder(at, session.lastMessageAt) ? session.lastMessageAt : at;
  return { ...session, lastMessageAt, idleSince: nowMs, leftAt: at, endsAt: nowMs + IDLE_MS };
}

/** Whether its connector had said Available, and nothing of a car since, when something was said at `at`. */
export function hasLeft({ leftAt }: RunningSession, at: string): boolean {
  return leftAt !== undefined && !isOlder(at, leftAt);
}

/** Whether `at` is before what is known; nothing known is before everything. */
export function isOlder(at: string, known: string | undefined): boolean {
  return known !== undefined && Date.parse(at) < Date.parse(known);
}

/**
 * Whose car has left stays so until a state says otherwise. Each message that names the transaction gives it another
 * hour; one that was said since shows that it goes on.
 */
function afterwards(
  { idleSince, leftAt, endsAt }: RunningSession,
  { chargingState, at, isUnnamed }: Change,
  nowMs: number,
): Pick<RunningSession, 'idleSince' | 'leftAt' | 'endsAt'> {
  if (chargingState === 'Idle') return { idleSince: nowMs, leftAt: at, endsAt: nowMs + IDLE_MS };
  if (chargingState !== undefined || endsAt === undefined) return {};
  const isRevived = !isUnnamed && isOlder(leftAt ?? at, at);
  return {
    ...(idleSince !== undefined && !isRevived && { idleSince }),
    ...(leftAt !== undefined && { leftAt }),
    endsAt: isUnnamed ? endsAt : nowMs + IDLE_MS,
  };
}

/** What a message says of the EVSE, and the first one of the token, holds for the whole session. */
export function refAfter({ ref }: RunningSession, { evse, idToken }: Change): RunningSession['ref'] {
  const isMoved = evse !== undefined && evse.evseId > 0 && evse.evseId !== ref.evse.evseId;
  return { ...ref, ...(isMoved && { evse }), ...(idToken && ref.idToken === undefined && { idToken }) };
}

function withoutState(change: Change): Change {
  const { chargingState: _, ...rest } = change;
  return rest;
}

function newer<T extends { readonly at: string }>(known: T, said: T | undefined): T {
  return said === undefined || isOlder(said.at, known.at) ? known : said;
}

const readAt = ({ lastMeterValues, started }: RunningSession) => lastMeterValues.at(-1)?.at ?? started.at;

function readingsOf(list: readonly MeterValue[]) {
  const at = list.at(-1)?.at;
  return at === undefined ? undefined : { at, list };
}
