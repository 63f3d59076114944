/** Whether the database has the tables that this version of the Worker needs. */
import * as z from 'zod';

/** The newest file of `migrations/`. */
export const NEWEST_MIGRATION = '0013_evse_uids.sql';

const Applied = z.object({ name: z.string(), applied_at: z.string() });

/** What `wrangler d1 migrations apply` did last. `appliedAt` in ms since the epoch. */
export type NewestApplied = { readonly name: string; readonly appliedAt: number };

/** The newest migration that was applied; undefined when none was. Throws when D1 cannot be read. */
export async function findNewestApplied(db: D1Database): Promise<NewestApplied | undefined> {
  const table = await db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'd1_migrations'").first();
  if (table === null) return undefined;
  const row = await db.prepare('SELECT name, applied_at FROM d1_migrations ORDER BY name DESC LIMIT 1').first();
  if (row === null) return undefined;
  const { name, applied_at: appliedAt } = Applied.parse(row);
  // SQLite's CURRENT_TIMESTAMP: UTC without a zone.
  return { name, appliedAt: Date.parse(`${appliedAt.replace(' ', 'T')}Z`) };
}
