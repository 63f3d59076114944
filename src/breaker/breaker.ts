/**
 * When a provider fails everywhere: who may still knock, and how fast everybody may come back. Pure; holds, never drops.
 * Only lanes in trouble ask, so that a healthy provider costs nothing here.
 */

/** closed: nobody is held. open: one probe at a time. recovering: everybody in turn, at a rate that grows up to a bound. */
export type Breaker = {
  readonly mode: 'closed' | 'open' | 'recovering';
  /** The newest failures since the last success, oldest first: whose, and when (ms since the epoch). */
  readonly failures: readonly Failure[];
  readonly since: number;
  /** open: when the next probe may go. recovering: the next free slot. */
  readonly nextAt: number;
};

type Failure = { readonly station: string; readonly at: number };

/** `waitMs` 0: go now. `isReserved`: the place after the wait is kept, do not ask again for it. */
export type Permit = { readonly waitMs: number; readonly isReserved: boolean; readonly mode: Breaker['mode'] };

export const CLOSED: Breaker = { mode: 'closed', failures: [], since: 0, nextAt: 0 };

/** A breaker read from storage. Its failures begin anew: they are stored by chance only, and by an earlier version in another form. */
export function restored(stored: Breaker | undefined): Breaker {
  return { ...CLOSED, ...stored, failures: CLOSED.failures };
}

/**
 * This many failures within the window, of so many stations and with no success between them, are the provider's failure and not
 * chance: when each request fails with probability one half, 20 in a row are one in a million. Nor a charger's: by its waits,
 * one station alone fails again about seven times in the window.
 */
const FAILURES_TO_OPEN = 20;
const STATIONS_TO_OPEN = 5;
const WINDOW_MS = 120_000;
/** While open, one request in this time finds out whether the provider is back. */
const PROBE_MS = 10_000;
/** The others wait longer than that by up to the age of the outage, within these bounds: each wait costs them a row or two. */
const SPREAD_MS = 30_000;
const LONGEST_SPREAD_MS = 5 * 60_000;
/** Recovery begins with this many messages a second over all chargers, and doubles every step. */
export const FIRST_RATE_PER_S = 20;
const STEP_MS = 30_000;
/** No more than this, however long it lasts: each message is two calls of the one object, which is good for about 1,000 a second. */
export const HIGHEST_RATE_PER_S = 320;
/** Recovery lasts at least this long, and until nobody queues any more. */
const RECOVERY_MS = 3 * 60_000;
/** Slots are handed out at most this far ahead; later lanes ask again. */
const HORIZON_MS = 5 * 60_000;
/**
 * A probe that is overdue for so long comes no more, as when the provider was paused: those that were held ask within about five
 * minutes, those that failed within 12, unless the provider asked them for a longer wait.
 */
const UNPROBED_MS = 15 * 60_000;
/** What is stored may be behind by less than this. Each probe is further from the one before. */
const STORE_MS = 1000;

/** A station that failed before asks whether it may try now. `random` in [0, 1) spreads those that must wait. */
export function ask(breaker: Breaker, now: number, random: number): { breaker: Breaker; permit: Permit } {
  const current = settled(breaker, now);
  const { mode, nextAt } = current;
  if (mode === 'closed') return { breaker: current, permit: { waitMs: 0, isReserved: true, mode } };
  if (mode === 'open') {
    if (now >= nextAt) {
      return { breaker: { ...current, nextAt: now + PROBE_MS }, permit: { waitMs: 0, isReserved: true, mode } };
    }
    const spreadMs = Math.min(LONGEST_SPREAD_MS, Math.max(SPREAD_MS, now - current.since));
    const waitMs = Math.ceil(nextAt - now + random * spreadMs);
    return { breaker: current, permit: { waitMs, isReserved: false, mode } };
  }
  const slotAt = Math.max(now, nextAt);
  const waitMs = Math.ceil(slotAt - now);
  if (waitMs > HORIZON_MS) return { breaker: current, permit: { waitMs: HORIZON_MS, isReserved: false, mode } };
  const next = { ...current, nextAt: slotAt + 1000 / ratePerS(current, slotAt) };
  return { breaker: next, permit: { waitMs, isReserved: true, mode } };
}

/**
 * A station in trouble tells how its attempt went. It tells of failures from the second in a row on, and of every success: since both
 * are tries after a failure, what is told here is a fair sample, although healthy stations tell nothing.
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

/** What operators are shown. An open breaker that nobody probes any more knows nothing of the provider and holds nobody: closed. */
export function modeAt(breaker: Breaker, now: number): Breaker['mode'] {
  const { mode, nextAt } = settled(breaker, now);
  return mode === 'open' && now - nextAt > UNPROBED_MS ? 'closed' : mode;
}

/** Whether it went on so far since it was stored that a restart must not forget it: who probed last, and how long the queue is. */
export function isWorthStoring(breaker: Breaker, stored: Breaker): boolean {
  return breaker.mode !== stored.mode || breaker.nextAt - stored.nextAt >= STORE_MS;
}

/** Recovery is over when its time is, and the next free slot is not ahead: nobody queues, so nobody is let loose. */
function settled(breaker: Breaker, now: number): Breaker {
  const { mode, since, nextAt } = breaker;
  const isOver = mode === 'recovering' && now - since >= RECOVERY_MS && nextAt <= now;
  return isOver ? { ...breaker, mode: 'closed', since: now } : breaker;
}

/** How many messages a second may go out over all chargers at that time. */
function ratePerS({ since }: Breaker, at: number): number {
  return Math.min(HIGHEST_RATE_PER_S, FIRST_RATE_PER_S * 2 ** Math.floor((at - since) / STEP_MS));
}
