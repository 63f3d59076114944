/**
 * Parked messages in the station's own SQLite: all are written here first, and those stay for which D1 has no place.
 */
import type { DeadLetter } from '../../recipient.ts';
import {
  deliveryIdOf,
  MAX_PAGE_BYTES,
  type LetterFilter,
  type LetterPage,
  type StoredLetter,
} from '../../storage/dead-letters.ts';

/** All letters of a station together take at most so much. Then the oldest go, until a tenth is free. */
export const MAX_BYTES = 16_000_000;

/** Which letters of a station are meant, and where a page of them begins. */
export type OwnLetters = Omit<LetterFilter, 'chargePointId' | 'isRegistered'> & {
  readonly deliveryId?: string | undefined;
  readonly after?: string;
  readonly limit?: number;
};

type Row = { delivery_id: string; parked_at: number; octets: number; record: string };

/** Stores a letter at the end. Gives how much it takes. */
export function addLetter(sql: SqlStorage, chargePointId: string, letter: DeadLetter, now: number): number {
  const record = JSON.stringify(letter);
  const octets = new TextEncoder().encode(record).length;
  sql.exec(
    'INSERT INTO letters (delivery_id, provider, reason, parked_at, octets, record) VALUES (?, ?, ?, ?, ?, ?)',
    deliveryIdOf(chargePointId, letter),
    letter.provider,
    letter.reason,
    now,
    octets,
    record,
  );
  return octets;
}

/** What all letters take together. */
export function octetsOf(sql: SqlStorage): number {
  return sql.exec<{ octets: number }>('SELECT coalesce(sum(octets), 0) AS octets FROM letters').one().octets;
}

/** Removes the oldest letters until a tenth of the place is free; gives how many. */
export function trimLetters(sql: SqlStorage): number {
  return sql
    .exec(
      `DELETE FROM letters WHERE id IN
        (SELECT id FROM (SELECT id, sum(octets) OVER (ORDER BY id DESC) AS total FROM letters) WHERE total > ?)
       RETURNING id`,
      0.9 * MAX_BYTES,
    )
    .toArray().length;
}

/** Forgets letters parked before `before` (ms), and those of releases that kept them longer before `olderBefore`. */
export function pruneLetters(sql: SqlStorage, before: number, olderBefore: number): void {
  sql.exec('DELETE FROM letters WHERE parked_at < CASE is_older WHEN 1 THEN ? ELSE ? END', olderBefore, before);
}

/** When the oldest letter was parked (ms), or undefined. */
export function oldestLetterAt(sql: SqlStorage): number | undefined {
  const [row] = sql.exec<{ parked_at: number }>('SELECT parked_at FROM letters ORDER BY id LIMIT 1');
  return row?.parked_at;
}

const FILTER = `(?1 IS NULL OR provider = ?1) AND (?2 IS NULL OR reason = ?2) AND (?3 IS NULL OR parked_at <= ?3)
  AND (?4 IS NULL OR delivery_id = ?4)`;

const filterOf = ({ provider, reason, parkedUntil, deliveryId }: OwnLetters) => [
  provider ?? null,
  reason ?? null,
  parkedUntil ?? null,
  deliveryId ?? null,
];

/** The letters that match, oldest first, after the id `after`. */
export function lettersOf(sql: SqlStorage, chargePointId: string, query: OwnLetters): LetterPage {
  const { after = '', limit = 100 } = query;
  const rows = sql.exec<Row>(
    `SELECT delivery_id, parked_at, octets, record FROM letters WHERE ${FILTER} AND delivery_id > ?5
      ORDER BY delivery_id LIMIT ?6`,
    ...filterOf(query),
    after,
    limit,
  );
  const letters: StoredLetter[] = [];
  let octets = 0;
  for (const row of rows) {
    if (octets >= MAX_PAGE_BYTES) return { letters, isCut: true };
    octets += row.octets;
    // What this object wrote itself is trusted to be what it wrote.
    const record = JSON.parse(row.record) as DeadLetter;
    letters.push({ deliveryId: row.delivery_id, chargePointId, parkedAt: row.parked_at, record });
  }
  return { letters, isCut: letters.length === limit };
}

/** Removes the letters that match; gives how many. */
export function removeLetters(sql: SqlStorage, filter: OwnLetters): number {
  return sql.exec(`DELETE FROM letters WHERE ${FILTER} RETURNING id`, ...filterOf(filter)).toArray().length;
}
