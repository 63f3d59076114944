/** Parked messages of all chargers, in D1, as many of each provider as the quota allows. Written rarely. */
import type { DeadLetter } from '../recipient.ts';
import * as z from 'zod';

/** The charger of a parked notification that belongs to none. */
export const NO_CHARGER = '';

/** A parked message. `record` is the letter: what a replay sends, and the last answer. */
export type StoredLetter = {
  readonly deliveryId: string;
  readonly chargePointId: string;
  readonly parkedAt: number;
  readonly record: DeadLetter;
};

/** The filter of a listing, replay or purge. An absent field matches all. */
export type LetterFilter = {
  readonly provider?: string | undefined;
  readonly chargePointId?: string | undefined;
  readonly reason?: string | undefined;
  /** Only letters parked at or before this time (ms). */
  readonly parkedUntil?: number | undefined;
  /** Only letters of chargers that are in the registry. */
  readonly isRegistered?: true;
};

/**
 * A page holds at most `limit` letters, and about this much: an answer and a call of a station must stay below 8 MB.
 */
export const MAX_PAGE_BYTES = 4_000_000;
/** How many letters one statement deletes: D1 has one writer, and everybody waits for it. */
const DELETED_AT_ONCE = 1000;

/** `isCut`: there may be more behind them. */
export type LetterPage = { readonly letters: readonly StoredLetter[]; readonly isCut: boolean };

const Row = z.object({
  delivery_id: z.string(),
  charge_point_id: z.string(),
  parked_at: z.number(),
  record: z.string(),
});
const PageRow = Row.extend({ found: z.number() });

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

/** The charger that a delivery id names; empty for a text that is none. */
export function chargerOfDelivery(deliveryId: string): string {
  return deliveryId.split('.').slice(4).join('.');
}

/**
 * Stores letters of one charger while their provider's quota allows it; repeating it changes nothing. Gives the ids of
 * those that are stored now.
 */
export async function saveDeadLetters(
  db: D1Database,
  letters: readonly StoredLetter[],
  quota: number,
): Promise<ReadonlySet<string>> {
  const save = db.prepare(
    `INSERT INTO dead_letters (delivery_id, provider, charge_point_id, reason, record, parked_at)
     SELECT ?1, ?2, ?3, ?4, ?5, ?6
      WHERE coalesce((SELECT letters FROM dead_letter_counts WHERE provider = ?2), 0) < ?7
     ON CONFLICT (delivery_id) DO NOTHING`,
  );
  const ids = JSON.stringify(letters.map(({ deliveryId }) => deliveryId));
  const results = await db.batch([
    ...letters.map(({ deliveryId, chargePointId, parkedAt, record }) =>
      save.bind(deliveryId, record.provider, chargePointId, record.reason, JSON.stringify(record), parkedAt, quota),
    ),
    db.prepare('SELECT delivery_id FROM dead_letters WHERE delivery_id IN (SELECT value FROM json_each(?1))').bind(ids),
  ]);
  const rows = z.array(Row.pick({ delivery_id: true })).parse(results.at(-1)?.results);
  return new Set(rows.map((row) => row.delivery_id));
}

const FILTER = `(?1 IS NULL OR provider = ?1) AND (?2 IS NULL OR charge_point_id = ?2) AND (?3 IS NULL OR reason = ?3)
  AND (?4 IS NULL OR parked_at <= ?4) AND (?5 IS NULL OR charge_point_id = '' OR charge_point_id IN (SELECT charge_point_id FROM chargers))`;

const filterOf = ({ provider, chargePointId, reason, parkedUntil, isRegistered }: LetterFilter) => [
  provider ?? null,
  chargePointId ?? null,
  reason ?? null,
  parkedUntil ?? null,
  isRegistered ? 1 : null,
];

/** Letters after `after`, in the order of their ids: for one charger, the order in which they came. */
export async function listDeadLetters(
  db: D1Database,
  filter: LetterFilter,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<LetterPage> {
  const { results } = await db
    .prepare(LIST)
    .bind(...filterOf(filter), after, limit, MAX_PAGE_BYTES)
    .all();
  const rows = z.array(PageRow).parse(results);
  const [first] = rows;
  return { letters: rows.map(letterOf), isCut: rows.length === limit || rows.length < (first?.found ?? 0) };
}

/** A letter is in the page when those before it do not fill it. */
const LIST = `
SELECT * FROM (
  SELECT *, count(*) OVER () AS found, sum(octets) OVER (ORDER BY delivery_id) - octets AS octets_before FROM (
    SELECT *, length(CAST(record AS BLOB)) AS octets FROM dead_letters
     WHERE ${FILTER} AND delivery_id > ?6 ORDER BY delivery_id LIMIT ?7))
 WHERE octets_before < ?8 ORDER BY delivery_id`;

/** One letter, or undefined. */
export async function findDeadLetter(db: D1Database, deliveryId: string): Promise<StoredLetter | undefined> {
  const row = await db.prepare('SELECT * FROM dead_letters WHERE delivery_id = ?').bind(deliveryId).first();
  return row === null ? undefined : letterOf(Row.parse(row));
}

/** A letter's record anew, as JSON. */
type Rewritten = { readonly deliveryId: string; readonly record: string };

/** One statement takes so many characters; D1 takes a parameter of 2 MB. */
const MAX_REWRITTEN_LENGTH = 600_000;
const REWRITE = `
UPDATE dead_letters SET record = each.value ->> 'record' FROM json_each(?) AS each
 WHERE delivery_id = each.value ->> 'deliveryId'`;

/** Stores other records of letters that are there. */
export async function rewriteDeadLetters(db: D1Database, letters: readonly Rewritten[]): Promise<void> {
  const chunks: Rewritten[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const letter of letters) {
    if (length + letter.record.length > MAX_REWRITTEN_LENGTH) chunks.push([]);
    length = letter.record.length + (chunks.at(-1)?.length === 0 ? 0 : length);
    chunks.at(-1)?.push(letter);
  }
  if (chunks.length > 0) await db.batch(chunks.map((chunk) => db.prepare(REWRITE).bind(JSON.stringify(chunk))));
}

/** Removes letters. */
export async function deleteDeadLetters(db: D1Database, deliveryIds: readonly string[]): Promise<void> {
  const sql = 'DELETE FROM dead_letters WHERE delivery_id IN (SELECT value FROM json_each(?))';
  await db.prepare(sql).bind(JSON.stringify(deliveryIds)).run();
}

/** Removes at most 1,000 letters that match; gives how many. */
export async function purgeDeadLetters(db: D1Database, filter: LetterFilter): Promise<number> {
  const { results } = await db
    .prepare(`DELETE FROM dead_letters WHERE id IN (SELECT id FROM dead_letters WHERE ${FILTER} LIMIT ?6) RETURNING id`)
    .bind(...filterOf(filter), DELETED_AT_ONCE)
    .all();
  return results.length;
}

const LAST_OLDER = `coalesce((SELECT CAST(value AS INTEGER) FROM deployment WHERE name = 'last-older-letter'), 0)`;

/**
 * Forgets letters parked before `before` (ms), and those of releases that kept them longer before `olderBefore`; of
 * each at most 1,000 of the oldest.
 */
export async function pruneDeadLetters(db: D1Database, before: number, olderBefore: number): Promise<void> {
  const prune = (of: string) =>
    `DELETE FROM dead_letters WHERE parked_at < ?1
      AND id IN (SELECT id FROM dead_letters WHERE id ${of} ${LAST_OLDER} ORDER BY id LIMIT ?2)`;
  await db.batch([
    db.prepare(prune('>')).bind(before, DELETED_AT_ONCE),
    db.prepare(prune('<=')).bind(olderBefore, DELETED_AT_ONCE),
  ]);
}

/** The providers of which `quota` letters or more are parked. */
export async function listFullQuotas(db: D1Database, quota: number): Promise<readonly string[]> {
  const { results } = await db
    .prepare('SELECT provider FROM dead_letter_counts WHERE letters >= ? ORDER BY provider')
    .bind(quota)
    .all();
  return z
    .array(z.object({ provider: z.string() }))
    .parse(results)
    .map(({ provider }) => provider);
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
