/** Parked messages of all chargers, in D1. Written rarely. */
import type { DeadLetter } from '../recipient.ts';
import * as z from 'zod';

/** A parked message in a listing. `record` is the letter: what a replay sends, and the last answer. */
export type StoredLetter = {
  readonly deliveryId: string;
  readonly chargePointId: string;
  readonly parkedAt: number;
  readonly record: DeadLetter;
};

/** The filter of a listing or replay. An absent field matches all. */
export type LetterFilter = {
  readonly provider?: string | undefined;
  readonly chargePointId?: string | undefined;
  readonly reason?: string | undefined;
  /** Only letters parked at or before this time (ms). */
  readonly parkedUntil?: number | undefined;
  /** Only letters of chargers that are in the registry. */
  readonly isRegistered?: true;
};

const Row = z.object({
  delivery_id: z.string(),
  charge_point_id: z.string(),
  parked_at: z.number(),
  record: z.string(),
});

/**
 * The id of a dead letter. A message that is parked again has the same id. It is unique even if the station lost its
 * storage and counts rows from one again. The ids of one charger are in the order of its messages.
 */
export function deliveryIdOf(
  chargePointId: string,
  { provider, seq, part, receivedAt }: Pick<DeadLetter, 'provider' | 'seq' | 'part' | 'receivedAt'>,
): string {
  const place = `${String(seq).padStart(10, '0')}.${String(part).padStart(3, '0')}`;
  return `${place}.${receivedAt.toString(36)}.${provider}.${chargePointId}`;
}

/** Stores a dead letter; repeating it changes nothing. */
export async function saveDeadLetter(
  db: D1Database,
  chargePointId: string,
  letter: DeadLetter,
  now: number,
): Promise<void> {
  const sql = `INSERT INTO dead_letters (delivery_id, provider, charge_point_id, reason, record, parked_at)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (delivery_id) DO NOTHING`;
  const { provider, reason } = letter;
  const id = deliveryIdOf(chargePointId, letter);
  await db.prepare(sql).bind(id, provider, chargePointId, reason, JSON.stringify(letter), now).run();
}

const FILTER = `(?1 IS NULL OR provider = ?1) AND (?2 IS NULL OR charge_point_id = ?2) AND (?3 IS NULL OR reason = ?3)
  AND (?6 IS NULL OR parked_at <= ?6)
  AND (?7 IS NULL OR charge_point_id IN (SELECT charge_point_id FROM chargers))`;

/** At most `limit` letters after `after`, in the order of their ids: for one charger, the order in which they came. */
export async function listDeadLetters(
  db: D1Database,
  filter: LetterFilter,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<StoredLetter[]> {
  const { provider = null, chargePointId = null, reason = null, parkedUntil = null, isRegistered = null } = filter;
  const { results } = await db
    .prepare(`SELECT * FROM dead_letters WHERE ${FILTER} AND delivery_id > ?4 ORDER BY delivery_id LIMIT ?5`)
    .bind(provider, chargePointId, reason, after, limit, parkedUntil, isRegistered && 1)
    .all();
  return z.array(Row).parse(results).map(letterOf);
}

/** One letter, or undefined. */
export async function findDeadLetter(db: D1Database, deliveryId: string): Promise<StoredLetter | undefined> {
  const row = await db.prepare('SELECT * FROM dead_letters WHERE delivery_id = ?').bind(deliveryId).first();
  return row === null ? undefined : letterOf(Row.parse(row));
}

/** Removes letters that their station has taken back. */
export async function deleteDeadLetters(db: D1Database, deliveryIds: readonly string[]): Promise<void> {
  const sql = 'DELETE FROM dead_letters WHERE delivery_id IN (SELECT value FROM json_each(?))';
  await db.prepare(sql).bind(JSON.stringify(deliveryIds)).run();
}

/** Forgets letters parked before `before` (ms). */
export async function pruneDeadLetters(db: D1Database, before: number): Promise<void> {
  await db.prepare('DELETE FROM dead_letters WHERE parked_at < ?').bind(before).run();
}

/** Only we write the record, so it is what we wrote. */
function letterOf(row: z.infer<typeof Row>): StoredLetter {
  return {
    deliveryId: row.delivery_id,
    chargePointId: row.charge_point_id,
    parkedAt: row.parked_at,
    record: JSON.parse(row.record) as DeadLetter,
  };
}
