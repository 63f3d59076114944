/** Lanes that fail or lag: what operators are shown of them, and which stations the cron sweep wakes. */
import * as z from 'zod';

const Row = z.object({ charge_point_id: z.string() });

/** A lane in trouble. Instants in ms since the epoch. `reason` is why it waits. */
export type Trouble = {
  readonly chargePointId: string;
  readonly provider: string;
  readonly oldestAt: number;
  readonly backlog: number;
  readonly attempts: number;
  readonly reason: string | undefined;
};

/** Notes that a lane fails or lags, or how it stands now. One row written. */
export async function noteTrouble(db: D1Database, trouble: Trouble, now: number): Promise<void> {
  const { chargePointId, provider, oldestAt, backlog, attempts, reason = null } = trouble;
  const sql = `INSERT INTO troubled_lanes (charge_point_id, provider, since, oldest_at, backlog, attempts, reason, noted_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?3)
    ON CONFLICT DO UPDATE SET oldest_at = excluded.oldest_at, backlog = excluded.backlog, attempts = excluded.attempts,
      reason = coalesce(excluded.reason, reason), noted_at = excluded.noted_at`;
  await db.prepare(sql).bind(chargePointId, provider, now, oldestAt, backlog, attempts, reason).run();
}

const LagRow = z.object({
  provider: z.string(),
  chargers: z.number(),
  backlog: z.number(),
  oldest_at: z.number().nullable(),
  refused: z.string().nullable(),
  reason: z.string().nullable(),
  reason_at: z.number().nullable(),
});

/**
 * What a provider's lanes in trouble amount to. `refused`: why our credentials were refused, twice in a row at one
 * charger.
 */
export type Lag = {
  readonly provider: string;
  readonly chargers: number;
  readonly backlog: number;
  readonly oldestAt: number | undefined;
  readonly refused: string | undefined;
  /** The newest reason why a lane waits, and when it was noted. */
  readonly reason: string | undefined;
  readonly reasonAt: number;
};

/**
 * SQLite takes the bare column of the row that has the maximum. A breaker or a pause is no reason of the provider's.
 */
const LAGS = `
SELECT provider, count(*) AS chargers, sum(backlog) AS backlog, min(coalesce(oldest_at, since)) AS oldest_at,
       max(CASE WHEN attempts >= 2 AND reason IN ('http-401', 'http-403', 'credential') THEN reason END) AS refused,
       (SELECT reason FROM troubled_lanes AS newest WHERE newest.provider = troubled_lanes.provider AND reason IS NOT NULL
         ORDER BY noted_at DESC LIMIT 1) AS reason,
       max(CASE WHEN reason IS NOT NULL THEN noted_at END) AS reason_at
  FROM troubled_lanes GROUP BY provider`;

/** The lanes in trouble, added up by provider. */
export async function listLags(db: D1Database): Promise<Lag[]> {
  const { results } = await db.prepare(LAGS).all();
  return z
    .array(LagRow)
    .parse(results)
    .map(({ oldest_at: oldestAt, reason_at: reasonAt, reason, refused, ...lag }) => ({
      ...lag,
      oldestAt: oldestAt ?? undefined,
      refused: refused ?? undefined,
      reason: reason ?? undefined,
      reasonAt: reasonAt ?? 0,
    }));
}

/** At most `limit` chargers whose lane to this provider waits, the longest first, and how many there are. */
export async function listWaiting(
  db: D1Database,
  provider: string,
  limit: number,
): Promise<{ readonly chargePointIds: readonly string[]; readonly total: number }> {
  const [page, count] = await db.batch([
    db
      .prepare('SELECT charge_point_id FROM troubled_lanes WHERE provider = ? ORDER BY noted_at LIMIT ?')
      .bind(provider, limit),
    db.prepare('SELECT count(*) AS total FROM troubled_lanes WHERE provider = ?').bind(provider),
  ]);
  const [{ total }] = z.tuple([z.object({ total: z.number() })]).parse(count?.results);
  return { chargePointIds: idsIn(page?.results ?? []), total };
}

/** Deletes the note: the lane has delivered everything. */
export async function clearTrouble(db: D1Database, chargePointId: string, provider: string): Promise<void> {
  const sql = 'DELETE FROM troubled_lanes WHERE charge_point_id = ? AND provider = ?';
  await db.prepare(sql).bind(chargePointId, provider).run();
}

/** Deletes the charger's notes: none of its lanes owes anything. What was noted after `now` (ms) stays. */
export async function clearTroubles(db: D1Database, chargePointId: string, now: number): Promise<void> {
  const sql = 'DELETE FROM troubled_lanes WHERE charge_point_id = ? AND since < ?';
  await db.prepare(sql).bind(chargePointId, now).run();
}

/** At most `limit` chargers with lanes in trouble since before `before` (ms), at random. The others come next time. */
export async function listTroubled(db: D1Database, before: number, limit: number): Promise<string[]> {
  const sql = `SELECT charge_point_id FROM troubled_lanes WHERE since < ? GROUP BY charge_point_id ORDER BY random() LIMIT ?`;
  const { results } = await db.prepare(sql).bind(before, limit).all();
  return idsIn(results);
}

/** At most `limit` paired chargers: the first in turn 0, the next in turn 1, and after the last the first again. */
export async function listPairedInTurn(db: D1Database, turn: number, limit: number): Promise<string[]> {
  const all = "SELECT DISTINCT charge_point_id FROM pairings WHERE status = 'paired'";
  const turns = `max(1, ((SELECT count(*) FROM (${all})) + ?2 - 1) / ?2)`;
  const sql = `${all} ORDER BY charge_point_id LIMIT ?2 OFFSET (?1 % ${turns}) * ?2`;
  return idsIn((await db.prepare(sql).bind(turn, limit).all()).results);
}

function idsIn(rows: readonly unknown[]): string[] {
  return z
    .array(Row)
    .parse(rows)
    .map((row) => row.charge_point_id);
}
