/** What operators are shown of a station, and how long it is kept. Reads the log; changes it only by forgetting. */
import { maskIdTokens } from '../../charging/mask.ts';
import type { Delivery } from '../../recipient.ts';
import type { SessionBook } from '../../sessions/book.ts';
import { waitedFor } from '../../sessions/waiting.ts';
import { attemptsBetween, type NotedAttempt } from './attempts.ts';
import { owedNames } from './backlog.ts';

/**
 * One thing that came in, what became of it, and every attempt that did not simply succeed. Newest first in listings.
 * `deliveries`: recipient → how its part ended, when, and after how many requests; a recipient in `owed` has none yet.
 */
export type TimelineItem = {
  readonly seq: number;
  readonly at: string;
  readonly requestId: string;
  readonly entry: unknown;
  readonly events: unknown;
  readonly kept: unknown;
  readonly owed: readonly string[];
  readonly deliveries: Readonly<Record<string, Omit<Delivery, 'at'> & { readonly at: string }>>;
  readonly attempts: readonly unknown[];
};

/** What stands in the row of a charger that was erased after it was removed: nobody is shown that it was there. */
export const FORGOTTEN = 'forgotten';

export type TimelineQuery = { readonly limit: number; readonly before?: number; readonly isUnmasked: boolean };

/** `isCut`: there may be older ones. */
export type TimelinePage = { readonly items: readonly TimelineItem[]; readonly isCut: boolean };

type Row = Record<'request_id' | 'entry' | 'deliverables' | 'kept' | 'owed' | 'deliveries', string> &
  Record<'seq' | 'received_at', number>;

/** A page has at most so many characters of rows, and at least one row: three bytes of UTF-8 each are below 8 MB. */
const MAX_PAGE_CHARACTERS = 2_500_000;

/**
 * At most `limit` items that came before row `before`, newest first; fewer when they are large. What has no place in
 * the book yet says what it waits for.
 */
export function timeline(sql: SqlStorage, book: SessionBook, query: TimelineQuery): TimelinePage {
  const { rows, isCut } = pageOf(sql, query);
  return { items: itemsOf(sql, book, { rows, isUnmasked: query.isUnmasked }), isCut };
}

function pageOf(sql: SqlStorage, { limit, before }: TimelineQuery): { rows: readonly Row[]; isCut: boolean } {
  const cursor = sql.exec<Row>(
    `SELECT seq, received_at, request_id, entry, deliverables, kept, owed, deliveries FROM log
     WHERE seq < ? AND entry NOT LIKE '{"kind":"${FORGOTTEN}"%' ORDER BY seq DESC LIMIT ?`,
    before ?? Number.MAX_SAFE_INTEGER,
    limit,
  );
  const rows: Row[] = [];
  let characters = 0;
  for (const row of cursor) {
    characters += row.entry.length + row.deliverables.length + row.kept.length;
    if (characters > MAX_PAGE_CHARACTERS && rows.length > 0) return { rows, isCut: true };
    rows.push(row);
  }
  return { rows, isCut: rows.length === limit };
}

function itemsOf(
  sql: SqlStorage,
  book: SessionBook,
  { rows, isUnmasked }: { readonly rows: readonly Row[]; readonly isUnmasked: boolean },
): TimelineItem[] {
  const waits = waitedFor(book);
  const attempts = attemptsBetween(sql, rows.at(-1)?.seq ?? 0, rows[0]?.seq ?? 0);
  return rows.map((row) => {
    const entry: unknown = JSON.parse(row.entry);
    const events: unknown = JSON.parse(row.deliverables);
    return {
      seq: row.seq,
      at: new Date(row.received_at).toISOString(),
      requestId: row.request_id,
      entry: isUnmasked ? entry : maskIdTokens(entry),
      events: isUnmasked ? events : maskIdTokens(events),
      kept: keptOf(row.seq, JSON.parse(row.kept), waits),
      owed: owedNames(row.owed),
      deliveries: endsIn(row.deliveries),
      attempts: (attempts.get(row.seq) ?? []).map(shown),
    };
  });
}

/** What this object wrote itself is trusted to be what it wrote. */
function endsIn(json: string): TimelineItem['deliveries'] {
  const deliveries = Object.entries(JSON.parse(json) as Record<string, Delivery>);
  return Object.fromEntries(
    deliveries.map(([name, delivery]) => [name, { ...delivery, at: new Date(delivery.at).toISOString() }]),
  );
}

function keptOf(seq: number, kept: readonly unknown[], waits: ReadonlyMap<number, string>): unknown {
  const waitsFor = waits.get(seq);
  return waitsFor === undefined ? kept : [...kept, { seq, reason: 'waiting', for: waitsFor }];
}

const shown = ({ provider, at, record }: NotedAttempt) => ({ provider, at: new Date(at).toISOString(), ...record });

/** Who paired and unpaired stays for the record. Such a row, when it is old, holds nothing else: its book is empty. */
const IS_RECORD = "json_extract(entry, '$.kind') IN ('paired', 'unpaired', 'pairing-undone')";

/** Forgets what came before `before` (ms) and is owed to nobody. The newest row stays: the book is in it. */
export function prune(sql: SqlStorage, before: number): void {
  const isOld = "received_at < ? AND owed = '' AND seq < (SELECT max(seq) FROM log)";
  sql.exec(`DELETE FROM log WHERE ${isOld} AND NOT ${IS_RECORD}`, before);
  sql.exec(`UPDATE log SET deliverables = '[]', kept = '[]', book = '' WHERE ${isOld} AND book <> ''`, before);
  const isGone = 'seq NOT IN (SELECT seq FROM log)';
  sql.exec(
    `DELETE FROM attempts WHERE ${isGone} OR (at < ? AND seq NOT IN (SELECT seq FROM log WHERE owed <> ''))`,
    before,
  );
}

/** Forgets what came up to row `seq` and is owed to nobody, and the parked messages of those rows. */
export function forgetUpTo(sql: SqlStorage, seq: number): void {
  sql.exec("DELETE FROM log WHERE seq <= ? AND owed = ''", seq);
  sql.exec('DELETE FROM attempts WHERE seq NOT IN (SELECT seq FROM log)');
  sql.exec('DELETE FROM letters WHERE substr(delivery_id, 1, 10) <= ?', String(seq).padStart(10, '0'));
}

/** Forgets sessions that are over, and profiles, unless one is still to be cleared at the charger. */
export function forgetFacts(sql: SqlStorage): void {
  sql.exec(
    `DELETE FROM facts WHERE name IN ('ended', 'noted-sessions') OR (name = 'profiles' AND instr(value, '"clear":') = 0)`,
  );
}

/** When the oldest row that may ever be forgotten came (ms), or undefined. */
export function oldestAt(sql: SqlStorage): number | undefined {
  const [row] = sql.exec<{ received_at: number }>(
    "SELECT received_at FROM log WHERE book <> '' AND seq < (SELECT max(seq) FROM log) ORDER BY seq LIMIT 1",
  );
  return row?.received_at;
}
