/** Which limit of a profile is in force when, and since when it curtails a car. Pure; times in ms since the epoch. */
import type { ChargingProfile, ChargingSchedule, SchedulePeriod } from './charging-profile.ts';

/** A limit from `from` on, until before `to`, in the unit of its schedule. */
export type LimitSpan = Omit<SchedulePeriod, 'startS'> & { readonly from: number; readonly to: number };

/** A profile as a charger carries it out. Without a start it begins at `setAt`; if relative, with its session. */
export type ProfileInForce = {
  readonly profile: Pick<ChargingProfile, 'kind' | 'recurrencyKind' | 'validFrom' | 'validTo'>;
  readonly schedule: ChargingSchedule;
  readonly setAt: number;
  readonly sessionStartedAt?: number | undefined;
};

const DAY_MS = 24 * 60 * 60_000;

/** At or below this, a car is curtailed. An AC charger can offer no less (IEC 61851-1: 6 A; at 230 V ≈ 1.4 kW). */
const TRICKLE = { A: 6, W: 1400 } as const;

/** The limit at `at`; undefined when the profile sets none then. */
export function limitAt(inForce: ProfileInForce, at: number): number | undefined {
  return spansAround(inForce, at).find(({ from, to }) => from <= at && at < to)?.limit;
}

/**
 * Since when the car has been curtailed without a break; undefined when it is not curtailed at `at`. If the profile
 * before curtailed the car already when this one was set, the time counts from `carriedSince`.
 */
export function curtailedSince(inForce: ProfileInForce, at: number, carriedSince?: number): number | undefined {
  const spans = spansAround(inForce, at);
  let index = spans.findIndex(({ from, to }) => from <= at && at < to);
  let since: number | undefined;
  for (; index >= 0; index -= 1) {
    const span = spans[index];
    if (span === undefined || !isTrickle(span, inForce) || (since !== undefined && span.to !== since)) break;
    since = span.from;
  }
  if (since === undefined || since > inForce.setAt) return since;
  return Math.min(carriedSince ?? inForce.setAt, inForce.setAt);
}

/** When the profile next begins to curtail the car after `at`. A recurring profile is looked at one cycle ahead. */
export function nextCurtailedAt(inForce: ProfileInForce, at: number): number | undefined {
  return spansAround(inForce, at).find((span) => span.from > at && isTrickle(span, inForce))?.from;
}

/**
 * The spans that are not over at `at`, in order; of a recurring profile those of its current cycle and the next one.
 */
export function spansFrom(inForce: ProfileInForce, at: number): readonly LimitSpan[] {
  return spansAround(inForce, at).filter(({ to }) => to > at);
}

const isTrickle = ({ limit }: LimitSpan, { schedule }: ProfileInForce) => limit <= TRICKLE[schedule.rateUnit];

/** The spans of the profile in order. For a recurring profile, the spans of the cycles around `at`. */
function spansAround(inForce: ProfileInForce, at: number): readonly LimitSpan[] {
  const { profile, schedule } = inForce;
  const { validFrom, validTo } = profile;
  const valid = { from: validFrom === undefined ? -Infinity : Date.parse(validFrom), to: endOf(validTo) };
  return startsAround(inForce, at)
    .flatMap((start, index, starts) => spansOf(schedule, start, starts[index + 1] ?? Infinity))
    .map((span) => ({ ...span, from: Math.max(span.from, valid.from), to: Math.min(span.to, valid.to) }))
    .filter(({ from, to }) => from < to);
}

const endOf = (validTo: string | undefined) => (validTo === undefined ? Infinity : Date.parse(validTo));

function startsAround({ profile, schedule, setAt, sessionStartedAt }: ProfileInForce, at: number): readonly number[] {
  if (profile.kind === 'Relative') return [sessionStartedAt ?? setAt];
  const start = schedule.startSchedule === undefined ? setAt : Date.parse(schedule.startSchedule);
  if (profile.kind === 'Absolute') return [start];
  const cycle = cycleOf(profile);
  const current = start + Math.floor((at - start) / cycle) * cycle;
  return [current - cycle, current, current + cycle].filter((each) => each >= start);
}

/** When a recurring profile begins anew after `at`; undefined for a profile that does not recur. */
export function nextCycleAt({ profile, schedule, setAt }: ProfileInForce, at: number): number | undefined {
  if (profile.kind !== 'Recurring') return undefined;
  const start = schedule.startSchedule === undefined ? setAt : Date.parse(schedule.startSchedule);
  const cycle = cycleOf(profile);
  return at < start ? start : start + (Math.floor((at - start) / cycle) + 1) * cycle;
}

const cycleOf = ({ recurrencyKind }: ProfileInForce['profile']) => (recurrencyKind === 'Weekly' ? 7 * DAY_MS : DAY_MS);

function spansOf({ periods, durationS }: ChargingSchedule, start: number, nextStart: number): LimitSpan[] {
  const end = Math.min(nextStart, durationS === undefined ? Infinity : start + durationS * 1000);
  return periods.map(({ startS, ...period }, index) => {
    const next = periods[index + 1];
    const to = next === undefined ? end : Math.min(end, start + next.startS * 1000);
    return { ...period, from: start + startS * 1000, to };
  });
}
