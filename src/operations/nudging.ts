/** Wakes stations whose own alarm may be lost: those long in trouble, and every paired station in turn. */
import { stationOf } from '../station/station-of.ts';
import { clearTroubles, listPairedInTurn, listTroubled } from '../storage/troubled-lanes.ts';

/** How often the cron trigger runs (wrangler.toml). */
export const RUN_EVERY_MS = 5 * 60_000;
/** A lane that is in trouble for longer than this should have been woken by its own alarm. */
const OVERDUE_MS = 10 * 60_000;
/** How many stations one run calls for each of the two. A Worker's request may call only so many objects. */
const STATIONS_PER_RUN = 100;

/** Wakes stations that are noted as in trouble. The note is deleted at a station that owes nothing. */
export async function nudgeTroubled(env: Env, now: number): Promise<void> {
  const chargePointIds = await listTroubled(env.DB, now - OVERDUE_MS, STATIONS_PER_RUN);
  await Promise.allSettled(
    chargePointIds.map(async (id) => {
      const isOwing = await stationOf(env, id).nudge();
      if (!isOwing) await clearTroubles(env.DB, id, now);
    }),
  );
}

/**
 * Wakes every paired station in its turn: 100 in each run, so 1,000 within 50 minutes. Costs one object request for
 * each, and writes nothing at a station that is well.
 */
export async function nudgeInTurn(env: Env, now: number): Promise<void> {
  const chargePointIds = await listPairedInTurn(env.DB, Math.floor(now / RUN_EVERY_MS), STATIONS_PER_RUN);
  await Promise.allSettled(chargePointIds.map((id) => stationOf(env, id).nudge()));
}
