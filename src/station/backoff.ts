/** How long a lane waits before it tries again. Pure: the random number is an argument. */

const FIRST_MS = 1000;
/**
 * Short, so that a lane that waits alone notices soon that its provider is back. The breaker keeps many lanes apart.
 */
const LONGEST_MS = 45_000;
const JITTER = 0.2;
/** A provider may ask for a longer wait than our longest, up to this. */
export const LONGEST_ASKED_MS = 60 * 60_000;

/**
 * The wait in ms after the `failures`-th failure in a row (1 is the first): 1 s, doubling, at most `longestMs`, ± 20 %
 * by `random` in [0, 1). What the provider asks for (`askedMs`) lengthens the wait, to at most 1 h. It never shortens
 * it.
 */
export function backoffMs(failures: number, random: number, askedMs = 0, longestMs = LONGEST_MS): number {
  const exponential = Math.min(longestMs, FIRST_MS * 2 ** Math.min(failures - 1, 30));
  const jittered = exponential * (1 - JITTER + 2 * JITTER * random);
  return Math.round(Math.max(jittered, Math.min(askedMs, LONGEST_ASKED_MS)));
}
