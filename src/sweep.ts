/** What the cron trigger does: throws away what nobody needs any more. Each task may fail without keeping the others. */
import { prunePairingCodes } from './storage/pairing-codes.ts';

/** Runs every task that is due at `now` (ms since the epoch). */
export async function sweep(env: Env, now: number): Promise<void> {
  await prunePairingCodes(env.DB, now);
}
