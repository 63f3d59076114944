/**
 * Recognises repeated events for as long as the journal is kept, and at least a day. Names stand side by side in a few
 * rows, so that an event costs one row written however many names it has, and forgetting costs next to nothing.
 */
import type { Names } from './names.ts';

/** Names are remembered for at least this long, and an event is looked for this long before it was said. */
const DAY_MS = 24 * 60 * 60_000;
/** How long a name counts of which nobody knows when it was said. */
const RECENT_S = 10 * 60;
/** A row takes this many names, then a new one begins. */
const NAMES_PER_ROW = 128;

/** Remembers one name; false when it was remembered within the last day. */
export function rememberOnce(sql: SqlStorage, name: string, nowMs: number): boolean {
  const names = { kept: [name], exact: [name] };
  const seen = lookUp(sql, names, nowMs);
  if (!seen.isRepeat) remember(sql, names, seen, nowMs);
  return !seen.isRepeat;
}

/** What a look-up found: whether the event came before, and the row that takes its names if it did not. */
export type Seen = { readonly isRepeat: boolean; readonly last: Last | undefined };

/**
 * Whether any of these names is remembered. What has no name is never a repeat. Writes nothing. It looks at what came
 * since a day before the event was said: of an event of this moment the last day, of a backfill whatever is remembered.
 */
export function lookUp(sql: SqlStorage, names: Names, nowMs: number): Seen {
  if (names.exact.length === 0) return { isRepeat: false, last: undefined };
  const [first, second = first, third = first] = names.exact.map((name) => `${name} `);
  const recent = `${names.recent ?? first}:`;
  const since = Math.min(names.saidMs ?? nowMs, nowMs) - DAY_MS;
  const [last] = sql.exec<Last & { hits: string | null }>(LOOK, first, second, third, recent, since);
  return { isRepeat: last !== undefined && isKnown(last.hits ?? '', names, nowMs), last };
}

/** The newest row, and what stands in the rows that have one of the names. */
const LOOK = `
SELECT id, size, (
  SELECT group_concat(keys, '') FROM seen
   WHERE id >= ifnull((SELECT max(id) FROM seen WHERE started_at <= ?5), 0)
     AND (instr(keys, ?1) > 0 OR instr(keys, ?2) > 0 OR instr(keys, ?3) > 0 OR instr(keys, ?4) > 0)
) AS hits FROM seen ORDER BY id DESC LIMIT 1`;

type Last = { readonly id: number; readonly size: number };

function isKnown(hits: string, { exact, recent }: Names, nowMs: number): boolean {
  if (exact.some((name) => hits.includes(`${name} `))) return true;
  if (recent === undefined) return false;
  const seconds = hits.split(`${recent}:`).slice(1);
  return seconds.some((rest) => nowMs / 1000 - Number.parseInt(rest, 10) <= RECENT_S);
}

/** Remembers the names of an event, after its look-up and before any other. One row written, and rarely one more. */
export function remember(sql: SqlStorage, { kept: names }: Names, { last }: Seen, nowMs: number): void {
  if (names.length === 0) return;
  const text = `${names.join(' ')} `;
  if (last !== undefined && last.size < NAMES_PER_ROW) {
    sql.exec('UPDATE seen SET keys = keys || ?, size = size + ? WHERE id = ?', text, names.length, last.id);
    return;
  }
  sql.exec(
    'INSERT INTO seen (id, started_at, size, keys) VALUES (?, ?, ?, ?)',
    (last?.id ?? 0) + 1,
    nowMs,
    names.length,
    text,
  );
}

/**
 * Forgets names older than `before` and than a day. A row goes when the row after it is so old: then its last name is.
 */
export function pruneSeen(sql: SqlStorage, before: number, nowMs: number): void {
  const until = Math.min(before, nowMs - DAY_MS);
  sql.exec('DELETE FROM seen WHERE id < (SELECT max(id) FROM seen WHERE started_at <= ?)', until);
}

/** Forgets all names: what comes again is news. */
export function forgetRepeats(sql: SqlStorage): void {
  sql.exec('DELETE FROM seen');
}
