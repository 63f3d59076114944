/** Which providers are paused, and which stations have been told so. The stations hold by what they were told. */
import * as z from 'zod';

const NameRow = z.object({ provider: z.string() });
const OrderRow = z.object({ charge_point_id: z.string(), provider: z.string(), is_paused: z.number() });

/** Pauses or resumes a provider; repeating it changes nothing. */
export async function setPaused(db: D1Database, provider: string, isPaused: boolean, now: number): Promise<void> {
  const statement = isPaused
    ? db
        .prepare('INSERT INTO paused_providers (provider, paused_at) VALUES (?, ?) ON CONFLICT DO NOTHING')
        .bind(provider, now)
    : db.prepare('DELETE FROM paused_providers WHERE provider = ?').bind(provider);
  await statement.run();
}

/** The names of the paused providers. */
export async function listPaused(db: D1Database): Promise<string[]> {
  const { results } = await db.prepare('SELECT provider FROM paused_providers').all();
  return z
    .array(NameRow)
    .parse(results)
    .map((row) => row.provider);
}

/** A station that must be told whether to hold a provider's lane. */
export type HoldOrder = { readonly chargePointId: string; readonly provider: string; readonly isPaused: boolean };

/**
 * At most `limit` stations that were last told otherwise than it is now. One that is unpaired need only be told to go
 * on.
 */
export async function listHoldOrders(db: D1Database, limit: number): Promise<HoldOrder[]> {
  const sql = `SELECT charge_point_id, provider, provider IN (SELECT provider FROM paused_providers) AS is_paused
    FROM pairings WHERE (status = 'paired' OR held = 1) AND held <> (provider IN (SELECT provider FROM paused_providers)) LIMIT ?`;
  const { results } = await db.prepare(sql).bind(limit).all();
  return z
    .array(OrderRow)
    .parse(results)
    .map((row) => ({ chargePointId: row.charge_point_id, provider: row.provider, isPaused: row.is_paused === 1 }));
}

/** Notes that these stations have been told. */
export async function noteHolds(db: D1Database, orders: readonly HoldOrder[]): Promise<void> {
  const sql = 'UPDATE pairings SET held = ? WHERE charge_point_id = ? AND provider = ?';
  const statement = db.prepare(sql);
  if (orders.length === 0) return;
  await db.batch(orders.map((order) => statement.bind(order.isPaused ? 1 : 0, order.chargePointId, order.provider)));
}
