// Waiting for a condition with a deadline; it never waits for a mere amount of time.
import { setTimeout as sleep } from 'node:timers/promises';

/** How often a condition is looked at. */
const intervalMs = 10;

/** Waits until the condition holds; false when it does not by the deadline. */
export async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() >= deadline) return false;
    await sleep(intervalMs);
  }
  return true;
}

/** Waits until a number has stayed the same for `stillMs`: nothing more seems to come. Gives up waiting after `timeoutMs`. */
export async function untilStill(count: () => number, stillMs: number, timeoutMs: number): Promise<void> {
  let [last, since] = [count(), performance.now()];
  await until(() => {
    const current = count();
    if (current !== last) [last, since] = [current, performance.now()];
    return performance.now() - since >= stillMs;
  }, timeoutMs);
}
