/** A charger's sessions for its view: running ones with profile, meter and explanation, and ended ones. Pure. */
import { limitAt } from '../../charging/limit.ts';
import { powerOf } from '../../charging/power.ts';
import { maxPowerAt, type Charger } from '../../charging/charger.ts';
import type { RunningSession, SessionBook } from '../../sessions/book.ts';
import { warningsOf, type Warning } from '../../sessions/plausibility.ts';
import { explain, type Explanation } from './explanation.ts';
import type { Learned } from './capability.ts';
import { inForceOf, type ProfileSlot } from './profile-memory.ts';
import type { ProfilePlace } from './profile-place.ts';

export { WARNING_CODES } from '../../sessions/plausibility.ts';

/** A running session as the API shows it. Instants in RFC 3339. `powerW` is null until a meter value has it. */
export type SessionView = {
  readonly state: 'running';
  readonly transactionId: string;
  readonly evseId: number;
  readonly startedAt: string;
  readonly chargingState: string | null;
  readonly registerWh: number;
  /** What it has taken so far, by the registers. */
  readonly energyWh: number;
  readonly powerW: number | null;
  readonly powerAt: string | null;
  readonly profile: ProfileView | null;
  /** Why it charges, or does not. */
  readonly explanation: Explanation;
  readonly warnings: readonly Warning[];
};

/** A session that ended, as the API shows it. It is remembered because late messages may still name it. */
export type EndedSessionView = {
  readonly state: 'ended' | 'refused';
  readonly transactionId: string;
  readonly evseId: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly registerWh: number;
  readonly energyWh: number;
  readonly warnings: readonly Warning[];
};

/**
 * The profile that steers a session. `status`: Accepted; unconfirmed when the charger's answer never came; clearing
 * while it is being cleared; else the outcome of the only request so far. `limit`, in `unit`, is in force now; null
 * without one.
 */
export type ProfileView = {
  readonly provider: string;
  readonly status: string;
  readonly requestedAt: string;
  readonly limit: number | null;
  readonly unit: 'W' | 'A' | null;
  /** Whether the meter shows that the car follows it. */
  readonly followed: 'yes' | 'no' | 'unknown';
  readonly notes: readonly string[];
  /** The newest request, whatever its outcome. */
  readonly lastRequest: { readonly provider: string; readonly status: string; readonly requestedAt: string };
};

/** A profile that is for no session: for an EVSE, or for the whole station (`evseId` 0). */
export type OtherProfileView = ProfileView & Pick<ProfilePlace, 'evseId' | 'purpose' | 'stackLevel'>;

/** What is known of a charger beside its registration. `phases`: how many the last car used, by EVSE. */
export type LearnedView = Omit<Learned, 'evses'>;

/** All that the API shows of a charger's object. */
export type SteeringView = {
  readonly sessions: readonly (SessionView | EndedSessionView)[];
  readonly profiles: readonly OtherProfileView[];
  readonly learned: LearnedView;
};

/** What the views are made from. */
export type Known = {
  readonly book: SessionBook;
  readonly slots: readonly ProfileSlot[];
  readonly charger: Charger | undefined;
};

/** Each running session at `now` (ms). */
export function sessionViews({ book, slots, charger }: Known, now: number): SessionView[] {
  return book.running.map((session) => {
    const slot = slotOf(session, slots);
    const evse = book.evses[String(session.ref.evse.evseId)];
    const power = session.lastPower ?? powerOf(session.lastMeterValues);
    return {
      state: 'running',
      transactionId: session.ref.transactionId.ocpp201,
      evseId: session.ref.evse.evseId,
      startedAt: beganAt(session),
      chargingState: session.chargingState ?? null,
      registerWh: session.lastRegisterWh,
      energyWh: session.lastRegisterWh - takenSoFar(session).meterStartWh,
      powerW: power?.powerW ?? null,
      powerAt: power?.at ?? null,
      profile: slot === undefined ? null : profileOf(slot, now),
      explanation: explain({
        session,
        slot,
        evse,
        connection: book.connection,
        charger,
        now,
        isNotFollowed: slot?.active?.followed === 'no',
      }),
      warnings: warningsOf(session.warnings, takenSoFar(session), maxPowerAt(charger, session.ref.evse.evseId)),
    };
  });
}

/** Each session that is remembered beyond its end. */
export function endedSessionViews({ book: { ended }, charger }: Known): EndedSessionView[] {
  return ended.map((session) => {
    const { ref, endedAt, registerWh, isRefused, warnings, trueStart } = session;
    const meterStartWh = trueStart?.meterStartWh ?? session.meterStartWh ?? registerWh;
    const taken = { startedAt: beganAt(session), readAt: endedAt, meterStartWh, registerWh };
    return {
      state: isRefused ? 'refused' : 'ended',
      transactionId: ref.transactionId.ocpp201,
      evseId: ref.evse.evseId,
      startedAt: beganAt(session),
      endedAt,
      registerWh,
      energyWh: registerWh - meterStartWh,
      warnings: warningsOf(warnings, taken, maxPowerAt(charger, ref.evse.evseId)),
    };
  });
}

/** The profiles that outlive sessions, at `now` (ms). */
export function otherProfileViews({ slots }: Known, now: number): OtherProfileView[] {
  return slots
    .filter(({ transactionId, active, clear }) => transactionId === undefined && (active ?? clear) !== undefined)
    .map((slot) => {
      const { evseId, purpose, stackLevel } = slot;
      return { evseId, purpose, stackLevel, ...profileOf(slot, now) };
    });
}

/** What was learned, without what only says of which registration it holds. */
export function learnedView(learned: Learned): LearnedView {
  const { evses, ...shown } = learned;
  return evses === undefined ? learned : shown;
}

const takenSoFar = (session: RunningSession) => ({
  startedAt: beganAt(session),
  readAt: session.lastRegisterAt,
  meterStartWh: session.trueStart?.meterStartWh ?? session.started.meterStartWh,
  registerWh: session.lastRegisterWh,
});

/** When a session began, as far as it is known by now. */
const beganAt = ({ ref, trueStart }: Pick<RunningSession, 'ref' | 'trueStart'>) => trueStart?.at ?? ref.startedAt;

/** Of several, an active one comes first, then the highest stack level (OCPP 2.0.1 §K.3.3), then the newest. */
function slotOf({ ref }: RunningSession, slots: readonly ProfileSlot[]): ProfileSlot | undefined {
  const isActive = (slot: ProfileSlot) => Number(slot.active !== undefined);
  const [slot] = slots
    .filter(({ transactionId }) => transactionId === ref.transactionId.ocpp201)
    .toSorted(
      (a, b) => isActive(b) - isActive(a) || b.stackLevel - a.stackLevel || b.last.requestedAt - a.last.requestedAt,
    );
  return slot;
}

function profileOf(slot: ProfileSlot, now: number): ProfileView {
  const { active, last } = slot;
  const inForce = inForceOf(slot);
  const limit = inForce && limitAt(inForce, now);
  return {
    provider: active?.provider ?? last.provider,
    status: slotStatus(slot),
    requestedAt: iso(active?.requestedAt ?? last.requestedAt),
    limit: limit ?? null,
    unit: limit === undefined ? null : (inForce?.schedule.rateUnit ?? null),
    followed: active?.followed ?? 'unknown',
    notes: active?.notes ?? [],
    lastRequest: { ...last, requestedAt: iso(last.requestedAt) },
  };
}

function slotStatus({ active, clear, last }: ProfileSlot): string {
  if (clear !== undefined) return 'clearing';
  if (active === undefined) return last.status;
  return active.isConfirmed ? 'Accepted' : 'unconfirmed';
}

const iso = (at: number) => new Date(at).toISOString();
