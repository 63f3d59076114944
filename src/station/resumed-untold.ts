/** Finds pauses that are over although nobody told the station. Asks D1 only when a paused lane owes something. */
import { listPaused } from '../storage/paused-providers.ts';
import type { Ledger } from './journal/ledger.ts';

/** The providers whose lanes the station holds, and that are paused no more. */
export async function resumedUntold(db: D1Database, { registration, store }: Ledger): Promise<string[]> {
  if (registration === undefined || registration.paused.length === 0) return [];
  const owed = store.backlog.recipients().filter((name) => registration.paused.includes(name));
  if (owed.length === 0) return [];
  const paused = await listPaused(db);
  return owed.filter((name) => !paused.includes(name));
}
