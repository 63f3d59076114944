/** Tells the operator, and the CSMS, of chargers that nobody registered: once a day for each. */
import type { Config } from '../config.ts';
import { writeLog } from '../log.ts';
import { openAlert } from '../storage/alerts.ts';
import { claimUntold } from '../storage/unknown-chargers.ts';

/** How many are told of in one minute, so that a CSMS that makes up identities does not drown the others. */
const TOLD_PER_RUN = 20;

/** Opens an alert for each that is new, which is closed after a day; `now` in ms. */
export async function tellUnknown(env: Env, { isNotifying }: Config, now: number): Promise<void> {
  for (const identity of await claimUntold(env.DB, TOLD_PER_RUN, now)) {
    const type = 'charger.unknown';
    const notification = { type, timestamp: new Date(now).toISOString(), data: { identity } };
    const told = { now, notification: isNotifying ? notification : undefined };
    await openAlert(env.DB, { type, subject: identity, detail: {} }, told);
    writeLog('info', type, { 'scsp.identity': identity });
  }
}
