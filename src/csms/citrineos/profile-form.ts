/**
 * Puts a profile into the form that CitrineOS accepts on OCPP 2.0.1, without changing what it means (K01.FR.36,
 * K01.FR.40): an absolute schedule has its start, and no profile becomes valid later. Pure; refuses what cannot be said
 * in that form.
 */
import type { SetChargingProfileRequest } from '../../ocpp/v201/set-charging-profile.ts';
import { err, ok, type Result } from '../../result.ts';
import type { Command } from '../command.ts';

type Profile = SetChargingProfileRequest['chargingProfile'];
type Schedule = Profile['chargingSchedule'][number];

/** The payload to send, at `now` (ms). 'valid-from-in-future' when a relative or recurring profile begins later. */
export function acceptable({ id, protocol, action, payload: said }: Command, now: number): Result<object, string> {
  if (protocol !== 'ocpp2.0.1' || action !== 'SetChargingProfile' || !isSetRequest(said)) return ok(said);
  const payload = withOwnIds(said, id);
  const { validFrom, ...profile } = payload.chargingProfile;
  const isLater = validFrom !== undefined && Date.parse(validFrom) > now;
  if (profile.chargingProfileKind !== 'Absolute') {
    return isLater ? err('valid-from-in-future') : ok(payload);
  }
  const startsAt = isLater ? Date.parse(validFrom) : now;
  const chargingSchedule = profile.chargingSchedule.map((schedule) =>
    isLater ? beginningAt(schedule, startsAt) : withStart(schedule, now),
  );
  return ok({
    ...payload,
    chargingProfile: { ...profile, ...(validFrom !== undefined && !isLater && { validFrom }), chargingSchedule },
  });
}

/**
 * The same with schedule ids that no command had before: CitrineOS keeps each one for ever, and refuses to see it
 * again. `commandId` is random (a UUID).
 */
function withOwnIds(payload: SetChargingProfileRequest, commandId: string): SetChargingProfileRequest {
  const drawn = Number.parseInt(commandId.replaceAll('-', '').slice(0, 8), 16) % (MAX_ID - 3);
  const chargingSchedule = payload.chargingProfile.chargingSchedule.map((schedule, index) => ({
    ...schedule,
    id: drawn + index + 1,
  }));
  return { ...payload, chargingProfile: { ...payload.chargingProfile, chargingSchedule } };
}

/** An id is a positive 32-bit integer, and a profile has at most three schedules. */
const MAX_ID = 0x7fff_ffff;

function isSetRequest(payload: object): payload is SetChargingProfileRequest {
  return 'chargingProfile' in payload;
}

/** Providers mean a profile to be effective at once. */
function withStart(schedule: Schedule, now: number): Schedule {
  return schedule.startSchedule === undefined ? { ...schedule, startSchedule: new Date(now).toISOString() } : schedule;
}

/** The same limits from `startsAt` (ms) on: what comes before that moment is cut off, the rest keeps its times. */
function beginningAt(schedule: Schedule, startsAt: number): Schedule {
  const { startSchedule, duration, chargingSchedulePeriod } = schedule;
  const begins = new Date(startsAt).toISOString();
  const cutS = startSchedule === undefined ? 0 : Math.floor((startsAt - Date.parse(startSchedule)) / 1000);
  if (cutS <= 0) return { ...schedule, startSchedule: startSchedule ?? begins };
  const inForce = chargingSchedulePeriod.findLastIndex(({ startPeriod }) => startPeriod <= cutS);
  const periods = chargingSchedulePeriod
    .slice(inForce)
    .map((period) => ({ ...period, startPeriod: Math.max(0, period.startPeriod - cutS) }));
  return {
    ...schedule,
    startSchedule: begins,
    ...(duration !== undefined && { duration: Math.max(0, duration - cutS) }),
    chargingSchedulePeriod: periods,
  };
}
