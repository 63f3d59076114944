/**
 * Charging profiles on their way from a provider to a charger, in a form that belongs to neither OCPP version.
 * Pure. Refuses, with a reason, a profile that no running session or no charger can carry out.
 */
import { err, ok, type Result } from '../result.ts';
import { cutToOneDecimal } from './quantity.ts';
import type { EvseRef, TransactionId } from './session.ts';

/** What a profile is for, as OCPP 2.0.1 names it. OCPP 1.6 calls the first one ChargePointMaxProfile. */
export const PROFILE_PURPOSES = ['ChargingStationMaxProfile', 'TxDefaultProfile', 'TxProfile'] as const;
export type ProfilePurpose = (typeof PROFILE_PURPOSES)[number];

/** A limit from `startS` seconds after the schedule's start on, in the schedule's unit. No `numberPhases` means 3. */
export type SchedulePeriod = {
  readonly startS: number;
  readonly limit: number;
  readonly numberPhases?: number | undefined;
  /** Which phase to use when `numberPhases` is 1 (OCPP 2.0.1 only). */
  readonly phaseToUse?: number | undefined;
};

/** Limits over time, in W (total power) or in A (per phase). We never convert one into the other. */
export type ChargingSchedule = {
  readonly id?: number | undefined;
  readonly startSchedule?: string | undefined;
  readonly durationS?: number | undefined;
  readonly rateUnit: 'W' | 'A';
  readonly minChargingRate?: number | undefined;
  readonly periods: readonly SchedulePeriod[];
};

/** A profile as its provider means it: it replaces one of the same `id` on its EVSE. The charger's id may differ. */
export type ChargingProfile = {
  readonly id: number;
  readonly stackLevel: number;
  readonly purpose: ProfilePurpose;
  readonly kind: 'Absolute' | 'Recurring' | 'Relative';
  readonly recurrencyKind?: 'Daily' | 'Weekly' | undefined;
  readonly validFrom?: string | undefined;
  readonly validTo?: string | undefined;
  readonly schedules: readonly ChargingSchedule[];
};

/** What a provider asks for. `evseId` 0 is the whole station. `transaction` is the provider's id of it. */
export type ProfileRequest = {
  readonly evseId: number;
  readonly transaction?: Pick<TransactionId, 'ocpp16'> | Pick<TransactionId, 'ocpp201'> | undefined;
  readonly profile: ChargingProfile;
};

/** A session that a profile may steer. `stationTransactionId` is the id that the charger itself uses. */
export type RunningTransaction = {
  readonly transactionId: TransactionId;
  readonly stationTransactionId: number | string;
  readonly evse: EvseRef;
};

/** The charger of a profile. `allowDischarge` when it is known to be able to discharge a car. */
export type ProfileTarget = {
  readonly evseIds: readonly number[];
  readonly running: readonly RunningTransaction[];
  readonly allowDischarge?: boolean | undefined;
};

/** One command: the profile with its EVSE, and for a TxProfile its transaction. The id is the provider's. */
export type BoundProfile = {
  readonly evseId: number;
  readonly stationTransactionId?: number | string | undefined;
  readonly profile: ChargingProfile;
};

/** Which profiles to clear. An absent field matches any profile. */
export type ProfileFilter = {
  readonly id?: number | undefined;
  readonly evseId?: number | undefined;
  readonly purpose?: ProfilePurpose | undefined;
  readonly stackLevel?: number | undefined;
};

/** The charger's answer. `reasonCode` and `detail` only from OCPP 2.0.1. */
export type ProfileVerdict = {
  readonly status: 'Accepted' | 'Rejected' | 'NotSupported';
  readonly reasonCode?: string;
  readonly detail?: string;
};

/** Why a profile is refused before any charger is asked. `detail` is for the provider. */
export type ProfileRefusal = { readonly reason: ProfileRefusalReason; readonly detail: string };
export type ProfileRefusalReason =
  | 'evse-mismatch'
  | 'evse-unknown'
  | 'limit-negative'
  | 'no-session'
  | 'profile-invalid'
  | 'purpose-not-allowed'
  | 'several-schedules'
  | 'start-period-not-zero'
  | 'too-many-profiles'
  | 'transaction-unknown';

/** Builds a refusal. */
export function refuse(reason: ProfileRefusalReason, detail: string): Result<never, ProfileRefusal> {
  return err({ reason, detail });
}

/**
 * Turns a request into commands. A TxProfile for EVSE 0 becomes one command for each EVSE with a running transaction;
 * every other request becomes one command. Limits are cut to one decimal, because OCPP allows no more.
 */
export function bindProfile(
  request: ProfileRequest,
  target: ProfileTarget,
): Result<readonly BoundProfile[], ProfileRefusal> {
  const { evseId } = request;
  if (evseId !== 0 && !target.evseIds.includes(evseId)) return refuse('evse-unknown', `there is no EVSE ${evseId}`);
  const flaw = validityFlawOf(request.profile) ?? flawOf(request.profile.schedules, target.allowDischarge === true);
  if (flaw !== undefined) return err(flaw);
  const profile = { ...request.profile, schedules: request.profile.schedules.map(withCutLimits) };
  if (profile.purpose === 'TxProfile') return bindToSessions({ ...request, profile }, target.running);
  if (profile.purpose === 'ChargingStationMaxProfile' && evseId !== 0) {
    return refuse('evse-mismatch', 'a maximum for the whole station is set on EVSE 0');
  }
  return ok([{ evseId, profile }]);
}

function validityFlawOf({ validFrom, validTo }: ChargingProfile): ProfileRefusal | undefined {
  if (validFrom === undefined || validTo === undefined || Date.parse(validFrom) < Date.parse(validTo)) return undefined;
  return { reason: 'profile-invalid', detail: 'validTo is not after validFrom' };
}

function flawOf(schedules: readonly ChargingSchedule[], allowDischarge: boolean): ProfileRefusal | undefined {
  for (const { periods } of schedules) {
    if (periods[0]?.startS !== 0) {
      return { reason: 'start-period-not-zero', detail: 'the first period of a schedule starts at 0' };
    }
    if (periods.some(({ startS }, index) => index > 0 && startS <= (periods[index - 1]?.startS ?? 0))) {
      return { reason: 'profile-invalid', detail: 'the periods of a schedule are in order of their start' };
    }
    if (!allowDischarge && periods.some(({ limit }) => limit < 0)) {
      return { reason: 'limit-negative', detail: 'the charger is not known to be able to discharge' };
    }
  }
  return undefined;
}

function withCutLimits(schedule: ChargingSchedule): ChargingSchedule {
  const { minChargingRate } = schedule;
  return {
    ...schedule,
    ...(minChargingRate !== undefined && { minChargingRate: cutToOneDecimal(minChargingRate) }),
    periods: schedule.periods.map((period) => ({ ...period, limit: cutToOneDecimal(period.limit) })),
  };
}

function bindToSessions(
  { evseId, transaction, profile }: ProfileRequest,
  running: readonly RunningTransaction[],
): Result<readonly BoundProfile[], ProfileRefusal> {
  const meant = transaction === undefined ? running : running.filter((session) => isMeant(session, transaction));
  if (running.length === 0) return refuse('no-session', 'no session is running on this charger');
  if (meant.length === 0) return refuse('transaction-unknown', 'the transaction is not running on this charger');
  const here = meant.filter(({ evse }) => evse.evseId !== 0 && (evseId === 0 || evse.evseId === evseId));
  if (here.length > 0) return ok(spread(profile, here));
  if (evseId === 0) return refuse('evse-unknown', 'the charger has not said on which EVSE its session runs');
  return transaction === undefined
    ? refuse('no-session', `no session is running on EVSE ${evseId}`)
    : refuse('evse-mismatch', `the transaction does not run on EVSE ${evseId}`);
}

function isMeant({ transactionId }: RunningTransaction, named: NonNullable<ProfileRequest['transaction']>): boolean {
  return 'ocpp16' in named ? transactionId.ocpp16 === named.ocpp16 : transactionId.ocpp201 === named.ocpp201;
}

/** Of several transactions on one EVSE, only the newest can still run. `running` is in the order of start. */
function spread(profile: ChargingProfile, running: readonly RunningTransaction[]): readonly BoundProfile[] {
  const byEvse = new Map(running.map((session) => [session.evse.evseId, session]));
  const sessions = [...byEvse.values()].toSorted((a, b) => a.evse.evseId - b.evse.evseId);
  return sessions.map(({ evse: { evseId }, stationTransactionId }) => ({ evseId, stationTransactionId, profile }));
}

/** The highest profile id that both OCPP versions allow (a 32-bit integer). */
export const MAX_PROFILE_ID = 0x7fff_ffff;

/**
 * The id for the copy of a profile on one EVSE when another EVSE already has the profile's own id. The same arguments
 * give the same id: `id` × 100 + `evseId`. If that is no positive int32, or not distinct, it counts down from the
 * highest.
 */
export function spreadId(id: number, evseId: number): number {
  const readable = id * 100 + evseId;
  if (id >= 0 && evseId < 100 && readable <= MAX_PROFILE_ID) return readable;
  const fromTop = MAX_PROFILE_ID - ((Math.abs(id) % 20_000) * 100_000 + (evseId % 100_000));
  return fromTop === id ? fromTop - 100_000 : fromTop;
}
