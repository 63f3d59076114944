/** How long a lane waits before it tries again. Pure: the random number is an argument. */

const FIRST_MS = 1000;
const LONGEST_MS = 10 * 60_000;
const JITTER = 0.2;
/** A provider may ask for a longer wait than our longest, up to this. */
const LONGEST_ASKED_MS = 60 * 60_000;

/**
 * The wait in ms after the `failures`-th failure in a row (1 is the first): 1 s, doubling, at most 10 min, ± 20 % by
 * `random` in [0, 1). What the provider asks for (`askedMs`) lengthens the wait, to at most 1 h. It never shortens it.
 */
export function backoffMs(failures: number, random: number, askedMs = 0): number {
  const exponential = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 30));
  const jittered = exponential * (1 - JITTER + 2 * JITTER * random);
  return Math.round(Math.max(jittered, Math.min(askedMs, LONGEST_ASKED_MS)));
}
