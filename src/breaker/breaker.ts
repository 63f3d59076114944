/**
 * When a provider fails for everybody: which lane may try, and how fast all lanes may come back. It makes lanes wait,
 * and never drops a message. Only lanes in trouble ask, so a healthy provider pays nothing for it. Pure.
 */

/** closed: no lane waits. open: one probe at a time. recovering: all lanes in turn, at a rate that grows. */
export type Breaker = {
  readonly mode: 'closed' | 'open' | 'recovering';
  /** The newest failures since the last success, oldest first: of which station, and when (ms since the epoch). */
  readonly failures: readonly Failure[];
  readonly since: number;
  /** open: when the next probe may be sent. recovering: the next free place. */
  readonly nextAt: number;
  /**
   * open: the stations that asked, as far as they matter. When they are few, each of them asks often enough to probe.
   */
  readonly asking?: readonly string[];
};

type Failure = { readonly station: string; readonly at: number };

/** `waitMs` 0: send now. `isReserved`: the place after the wait is kept, so the lane need not ask again. */
export type Permit = { readonly waitMs: number; readonly isReserved: boolean; readonly mode: Breaker['mode'] };

export const CLOSED: Breaker = { mode: 'closed', failures: [], since: 0, nextAt: 0 };

/**
 * A breaker read from storage. Its failures start anew: not every failure is stored, and an earlier version stored them
 * in another form.
 */
export function restored(stored: Breaker | undefined): Breaker {
  return { ...CLOSED, ...stored, failures: CLOSED.failures };
}

/**
 * So many failures within the window, of so many stations, without a success between them, are no chance: if each
 * request fails with probability one half, 20 in a row happen once in a million. Nor are they one charger's fault: one
 * station alone fails again about seven times in the window, because of its waits.
 */
const FAILURES_TO_OPEN = 20;
const STATIONS_TO_OPEN = 5;
const WINDOW_MS = 120_000;
/** While open, one request in this time finds out whether the provider is back. */
const PROBE_MS = 10_000;
/** The others wait longer, by up to the age of the outage, within these bounds: each wait costs a row or two. */
const SPREAD_MS = 30_000;
const LONGEST_SPREAD_MS = 5 * 60_000;
/** Up to so many stations ask so often that one of them finds out every 10 s whether the provider is back. */
const MANY = 29;
/** Recovery begins with so many messages a second over all chargers. The rate doubles at every step. */
export const FIRST_RATE_PER_S = 20;
const STEP_MS = 30_000;
/** The highest rate. Each message is two calls of this one object, which can take about 1,000 a second. */
export const HIGHEST_RATE_PER_S = 320;
/** Recovery lasts at least so long, and until no lane queues. */
const RECOVERY_MS = 3 * 60_000;
/** Places are given out at most this far ahead. A lane that comes later asks again. */
const HORIZON_MS = 5 * 60_000;
/** The next free place is no further ahead than the last one given out, and the time that one message takes. */
const LONGEST_AHEAD_MS = HORIZON_MS + 1000;
/**
 * A probe that is so long overdue will not come, for example because the provider was paused. Lanes that were told to
 * wait ask within about five minutes, and lanes that failed within one, unless the provider asked for a longer wait.
 */
const UNPROBED_MS = 15 * 60_000;
/** The stored value may be behind by less than this. Probes are further apart. */
const STORE_MS = 1000;

/** A station that failed before asks whether it may try now. `random` in [0, 1) spreads those that must wait. */
export function ask(breaker: Breaker, now: number, random: number, station = ''): { breaker: Breaker; permit: Permit } {
  const current = settled(breaker, now);
  const { mode, nextAt } = current;
  if (mode === 'closed') return { breaker: current, permit: { waitMs: 0, isReserved: true, mode } };
  if (mode === 'open') {
    if (now >= nextAt) {
      return { breaker: { ...current, nextAt: now + PROBE_MS }, permit: { waitMs: 0, isReserved: true, mode } };
    }
    const known = current.asking ?? [];
    const asking = known.length > MANY || known.includes(station) ? known : [...known, station];
    const ageMs = Math.min(LONGEST_SPREAD_MS, Math.max(SPREAD_MS, now - current.since));
    const spreadMs =
      asking.length > MANY ? ageMs : Math.min(ageMs, Math.max(SPREAD_MS, (asking.length - 2) * PROBE_MS));
    const waitMs = Math.ceil(nextAt - now + random * spreadMs);
    return { breaker: { ...current, asking }, permit: { waitMs, isReserved: false, mode } };
  }
  const slotAt = Math.max(now, nextAt);
  const waitMs = Math.ceil(slotAt - now);
  if (waitMs > HORIZON_MS) return { breaker: current, permit: { waitMs: HORIZON_MS, isReserved: false, mode } };
  const next = { ...current, nextAt: slotAt + 1000 / ratePerS(current, slotAt) };
  return { breaker: next, permit: { waitMs, isReserved: true, mode } };
}

/**
 * A station in trouble reports how its attempt went: failures from the second in a row on, and every success. Both are
 * tries after a failure, so the reports are a fair sample, although healthy stations report nothing.
 */
export function report(breaker: Breaker, station: string, isDelivered: boolean, now: number): Breaker {
  const current = settled(breaker, now);
  if (isDelivered) {
    const isBack = current.mode === 'open';
    return isBack ? { mode: 'recovering', failures: [], since: now, nextAt: now } : { ...current, failures: [] };
  }
  if (current.mode === 'open') return current;
  const recent = current.failures.filter(({ at }) => now - at < WINDOW_MS);
  const failures = [...recent, { station, at: now }].slice(-FAILURES_TO_OPEN);
  const stations = new Set(failures.map((failure) => failure.station));
  const isEverywhere = failures.length >= FAILURES_TO_OPEN && stations.size >= STATIONS_TO_OPEN;
  return isEverywhere ? { mode: 'open', failures: [], since: now, nextAt: now + PROBE_MS } : { ...current, failures };
}

/** An operator says that the cause is gone: the next lane that asks is let through, if the breaker is open. */
export function probed(breaker: Breaker, now: number): Breaker {
  return breaker.mode === 'open' ? { ...breaker, nextAt: now } : breaker;
}

/** The mode as operators see it. An open breaker that no lane probes knows nothing: it is shown as closed. */
export function modeAt(breaker: Breaker, now: number): Breaker['mode'] {
  const { mode, nextAt } = settled(breaker, now);
  return mode === 'open' && now - nextAt > UNPROBED_MS ? 'closed' : mode;
}

/** Whether so much has changed since it was stored that a restart must not forget it: the last probe, or the queue. */
export function isWorthStoring(breaker: Breaker, stored: Breaker): boolean {
  return breaker.mode !== stored.mode || breaker.nextAt - stored.nextAt >= STORE_MS;
}

/** Recovery is over when its time is, and the next free place is not ahead: then no lane queues. */
function settled(stored: Breaker, now: number): Breaker {
  const breaker = inTime(stored, now);
  const { mode, since, nextAt } = breaker;
  const isOver = mode === 'recovering' && now - since >= RECOVERY_MS && nextAt <= now;
  return isOver ? { ...breaker, mode: 'closed', since: now } : breaker;
}

/**
 * When the clock was set back, nothing lies in the future but the next probe or place, which is no further than it may
 * be.
 */
function inTime(breaker: Breaker, now: number): Breaker {
  const latest = now + (breaker.mode === 'open' ? PROBE_MS : LONGEST_AHEAD_MS);
  if (breaker.since <= now && breaker.nextAt <= latest) return breaker;
  const failures = breaker.failures.map(({ station, at }) => ({ station, at: Math.min(at, now) }));
  return { ...breaker, failures, since: Math.min(breaker.since, now), nextAt: Math.min(breaker.nextAt, latest) };
}

/** How many messages a second may be sent at that time, over all chargers. */
function ratePerS({ since }: Breaker, at: number): number {
  return Math.min(HIGHEST_RATE_PER_S, FIRST_RATE_PER_S * 2 ** Math.floor((at - since) / STEP_MS));
}
