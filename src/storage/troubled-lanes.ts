/** Which stations the cron sweep wakes: those with lanes in trouble, and all paired ones in turn. */
import * as z from 'zod';

const Row = z.object({ charge_point_id: z.string() });

/** Notes that a provider's lane at a charger keeps failing; noting it again changes nothing. */
export async function noteTrouble(db: D1Database, chargePointId: string, provider: string, now: number): Promise<void> {
  const sql = `INSERT INTO troubled_lanes (charge_point_id, provider, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`;
  await db.prepare(sql).bind(chargePointId, provider, now).run();
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
