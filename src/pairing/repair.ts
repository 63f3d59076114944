/**
 * What the cron sweep does for pairings: tells stations what they may not have heard, and ends what nobody finished.
 */
import { listAbandonedClaims, listRecentPairings } from './pairings.ts';
import { end, retellPaired } from './telling.ts';

/** A pairing is told again for this long, in ms: three runs of the sweep. */
const RETOLD_FOR_MS = 15 * 60_000;
/** How many stations one run calls for each of the two. */
const STATIONS_PER_RUN = 200;

/** Tells stations of the pairings made lately. One that knows, or knows that it ended, does nothing. */
export async function retellPairings(env: Env, now: number): Promise<void> {
  const pairings = await listRecentPairings(env.DB, now - RETOLD_FOR_MS, STATIONS_PER_RUN);
  await Promise.allSettled(pairings.map((pairing) => retellPaired(env, pairing)));
}

/** A Worker died while it asked a provider: the provider may have paired, we have not, and it is told so. */
export async function endAbandonedClaims(env: Env, now: number): Promise<void> {
  const claims = await listAbandonedClaims(env.DB, now, STATIONS_PER_RUN);
  await Promise.allSettled(claims.map((claim) => end({ env, now }, claim, true)));
}
