/** Which stations keep parked messages themselves, because D1 had no place for them. In D1. */
import * as z from 'zod';

const Row = z.object({ charge_point_id: z.string() });

/** Notes that the station of this charger keeps letters; repeating it changes nothing. */
export async function noteLetters(db: D1Database, chargePointId: string): Promise<void> {
  await db.prepare('INSERT OR IGNORE INTO letter_stations (charge_point_id) VALUES (?)').bind(chargePointId).run();
}

/** The station of this charger keeps no letters any more. */
export async function clearLetters(db: D1Database, chargePointId: string): Promise<void> {
  await db.prepare('DELETE FROM letter_stations WHERE charge_point_id = ?').bind(chargePointId).run();
}

/** The next two chargers from `from` on whose stations keep letters. */
export async function nextLetterStations(db: D1Database, from: string): Promise<readonly string[]> {
  const { results } = await db
    .prepare('SELECT charge_point_id FROM letter_stations WHERE charge_point_id >= ? ORDER BY charge_point_id LIMIT 2')
    .bind(from)
    .all();
  return z
    .array(Row)
    .parse(results)
    .map((row) => row.charge_point_id);
}
