/**
 * A schedule of no more periods than a charger can hold: equal neighbours as one, and the rest for later. Pure; times
 * in ms.
 */
import type { ChargingProfile, ChargingSchedule, SchedulePeriod } from './charging-profile.ts';
import { nextCycleAt, spansFrom, type LimitSpan } from './limit.ts';

/** A profile that fits. `restAt`: when the periods that were left out are to be sent. */
export type Fitted = { readonly profile: ChargingProfile; readonly restAt?: number };

/** OCPP's meaning of a period without `numberPhases`. */
const ALL_PHASES = 3;

/** Since when a profile without a start of its own runs, and what time it is. */
export type Moment = { readonly now: number; readonly setAt: number; readonly sessionStartedAt?: number | undefined };

/** The schedule with neighbours of the same limit and phases as one period. */
export function merged(schedule: ChargingSchedule): ChargingSchedule {
  const periods = schedule.periods.filter((period, index, { [index - 1]: before }) => !isSame(before, period));
  return { ...schedule, periods };
}

const isSame = (a: SchedulePeriod | undefined, b: SchedulePeriod) =>
  a !== undefined && a.limit === b.limit && a.numberPhases === b.numberPhases && a.phaseToUse === b.phaseToUse;

/**
 * The profile cut after the last of `max` periods. Up to the start of that period nothing changes; from there on the
 * lowest limit of all that follows is in force, until the rest is sent. Of a plan that is too long, periods that are
 * over are left out.
 */
export function withinPeriods(profile: ChargingProfile, max: number, moment: Moment): Fitted {
  const [schedule, ...others] = profile.schedules;
  if (schedule === undefined || profile.schedules.every(({ periods }) => periods.length <= max)) return { profile };
  if (others.length > 0) return { profile: { ...profile, schedules: profile.schedules.map((each) => cut(each, max)) } };
  const spans = spansFrom({ profile, schedule, ...moment }, moment.now);
  const [first] = spans;
  if (first === undefined) return { profile: { ...profile, schedules: [cut(schedule, max)] } };
  const againAt = nextCycleAt({ profile, schedule, ...moment }, moment.now);
  return ahead(profile, { schedule, spans, start: startAt(first, moment.now), againAt }, max);
}

/**
 * Where the plan begins: now, a whole number of seconds from the period that is in force; or when it begins later,
 * then.
 */
function startAt({ from }: LimitSpan, now: number): number {
  return from >= now ? from : from + Math.floor((now - from) / 1000) * 1000;
}

type Ahead = {
  readonly schedule: ChargingSchedule;
  readonly spans: readonly LimitSpan[];
  readonly start: number;
  /** When the plan begins anew, if it recurs. */
  readonly againAt: number | undefined;
};

/**
 * The plan from its start on, as an absolute one, up to its next gap; what follows the gap, or the next cycle, is sent
 * then.
 */
function ahead(profile: ChargingProfile, { schedule, spans, start, againAt }: Ahead, max: number): Fitted {
  const gap = spans.findIndex((span, index) => index > 0 && span.from > (spans[index - 1]?.to ?? span.from));
  const whole = absolute(schedule, gap < 0 ? spans : spans.slice(0, gap), start);
  const { recurrencyKind: _, ...head } = profile;
  const fitted = (only: ChargingSchedule): ChargingProfile => ({ ...head, kind: 'Absolute', schedules: [only] });
  if (whole.periods.length <= max) {
    const restAt = Math.min(spans[gap]?.from ?? Infinity, againAt ?? Infinity);
    return { profile: fitted(whole), ...(restAt < Infinity && { restAt }) };
  }
  const restS = whole.periods[Math.max(1, max - 1)]?.startS ?? 0;
  return { profile: fitted(cut(whole, max)), restAt: start + restS * 1000 };
}

function absolute(schedule: ChargingSchedule, spans: readonly LimitSpan[], start: number): ChargingSchedule {
  const { durationS: _, ...rest } = schedule;
  const end = spans.at(-1)?.to ?? Infinity;
  const periods = spans.map(({ from, to: __, ...period }) => ({
    startS: Math.max(0, Math.round((from - start) / 1000)),
    ...period,
  }));
  return merged({
    ...rest,
    startSchedule: new Date(start).toISOString(),
    ...(Number.isFinite(end) && { durationS: Math.ceil((end - start) / 1000) }),
    periods,
  });
}

/** The first `max` periods; the last of them allows the least that it and those left out allow. */
function cut(schedule: ChargingSchedule, max: number): ChargingSchedule {
  const kept = schedule.periods.slice(0, max);
  const [last, ...leftOut] = schedule.periods.slice(max - 1);
  if (last === undefined || leftOut.length === 0) return schedule;
  const all = [last, ...leftOut];
  const numberPhases = Math.min(...all.map((period) => period.numberPhases ?? ALL_PHASES));
  const isOnOnePhase = all.every(({ phaseToUse }) => phaseToUse === last.phaseToUse);
  const least = {
    startS: last.startS,
    limit: Math.min(...all.map(({ limit }) => limit)),
    ...(numberPhases < ALL_PHASES && { numberPhases }),
    ...(isOnOnePhase && last.phaseToUse !== undefined && { phaseToUse: last.phaseToUse }),
  };
  return { ...schedule, periods: [...kept.slice(0, -1), least] };
}
