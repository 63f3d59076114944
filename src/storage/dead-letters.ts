/** Messages that will not be delivered by themselves any more, across chargers. D1; written rarely. */
import type { DeadLetter } from '../station/lane.ts';

/** The name of a dead letter: unique, and the same when the same message is parked again. */
export function deliveryIdOf(chargePointId: string, letter: Pick<DeadLetter, 'provider' | 'seq' | 'part'>): string {
  return `${letter.seq}.${letter.part}.${letter.provider}.${chargePointId}`;
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
