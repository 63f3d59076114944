/** Chargers in D1 whose events were ignored, because nobody registered them. For seven days after the last event. */
import * as z from 'zod';

export const UNKNOWN_KEPT_MS = 7 * 24 * 60 * 60_000;
/** How many are kept; the newest stay. A CSMS that makes up identities fills nothing. */
const KEPT = 10_000;
/** How many one webhook can add, and how long a name may be. */
const NOTED = 50;
const NAME_LENGTH = 255;
const DAY_MS = 24 * 60 * 60_000;

/** `events` of it were ignored since `firstAt`; both times in ms. */
export type UnknownCharger = {
  readonly identity: string;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly events: number;
};

const Row = z.object({ identity: z.string(), first_at: z.number(), last_at: z.number(), events: z.number() });

/** Notes how many events of each name were ignored at `now` (ms). One statement. */
export async function noteUnknown(db: D1Database, names: ReadonlyMap<string, number>, now: number): Promise<void> {
  const noted = [...names].slice(0, NOTED).map(([name, events]) => [name.slice(0, NAME_LENGTH), events] as const);
  if (noted.length === 0) return;
  const sql = `INSERT INTO unknown_chargers (identity, first_at, last_at, events)
    SELECT value ->> 0, ?2, ?2, value ->> 1 FROM json_each(?1) WHERE true
    ON CONFLICT (identity) DO UPDATE SET last_at = excluded.last_at, events = events + excluded.events`;
  await db.prepare(sql).bind(JSON.stringify(noted), now).run();
}

/** At most `limit` of them, the newest first, after the one that `after` names. */
export async function listUnknown(
  db: D1Database,
  { limit, after, now }: { readonly limit: number; readonly after?: UnknownKey | undefined; readonly now: number },
): Promise<UnknownCharger[]> {
  const sql = `SELECT identity, first_at, last_at, events FROM unknown_chargers
    WHERE last_at > ?1 AND (last_at, identity) < (?2, ?3) ORDER BY last_at DESC, identity DESC LIMIT ?4`;
  const { lastAt, identity } = after ?? { lastAt: Number.MAX_SAFE_INTEGER, identity: '' };
  const { results } = await db
    .prepare(sql)
    .bind(now - UNKNOWN_KEPT_MS, lastAt, identity, limit)
    .all();
  return z
    .array(Row)
    .parse(results)
    .map(({ identity: name, first_at: firstAt, last_at, events }) => ({
      identity: name,
      firstAt,
      lastAt: last_at,
      events,
    }));
}

/** Where a page ends. */
export type UnknownKey = Pick<UnknownCharger, 'lastAt' | 'identity'>;

/** At most `limit` of which the operator was not told for a day; each is taken as told from `now` (ms) on. */
export async function claimUntold(db: D1Database, limit: number, now: number): Promise<string[]> {
  const sql = `UPDATE unknown_chargers SET told_at = ?1 WHERE identity IN
    (SELECT identity FROM unknown_chargers WHERE told_at <= ?2 AND last_at > ?2 ORDER BY told_at LIMIT ?3) RETURNING identity`;
  const { results } = await db
    .prepare(sql)
    .bind(now, now - DAY_MS, limit)
    .all();
  return z
    .array(z.object({ identity: z.string() }))
    .parse(results)
    .map(({ identity }) => identity);
}

/** Forgets those not heard of for seven days, and all but the newest 10,000. */
export async function pruneUnknown(db: D1Database, now: number): Promise<void> {
  const sql = `DELETE FROM unknown_chargers WHERE last_at <= max(?1, coalesce(
    (SELECT last_at FROM unknown_chargers ORDER BY last_at DESC LIMIT 1 OFFSET ?2), 0))`;
  await db
    .prepare(sql)
    .bind(now - UNKNOWN_KEPT_MS, KEPT)
    .run();
}

/** A charger that was registered is not unknown any more. */
export function forgetUnknown(db: D1Database, names: readonly string[]): D1PreparedStatement {
  return db
    .prepare('DELETE FROM unknown_chargers WHERE identity IN (SELECT value FROM json_each(?1))')
    .bind(JSON.stringify(names));
}
