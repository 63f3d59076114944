/**
 * Recognises repeated events for at least a day. Names stand side by side in a few rows, so that an event costs one row written
 * however many names it has, and forgetting costs next to nothing.
 */
import type { Names } from './names.ts';

/** Names are remembered for at least this long. */
const REMEMBERED_MS = 24 * 60 * 60_000;
/** How long a name counts of which nobody knows when it was said. */
const RECENT_S = 10 * 60;
/** A row takes this many names, then a new one begins. */
const NAMES_PER_ROW = 128;

/**
 * Whether none of these names was remembered within the last day; remembers them then. One row written for news, and rarely one more.
 * What has no name is always news.
 */
export function isNews(sql: SqlStorage, names: Names, nowMs: number): boolean {
  if (names.exact.length === 0) return true;
  const [first, second = first, third = first] = names.exact.map((name) => `${name} `);
  const recent = `${names.recent ?? first}:`;
  const [last] = sql.exec<Last & { hits: string | null }>(LOOK, first, second, third, recent);
  if (last !== undefined && isKnown(last.hits ?? '', names, nowMs)) return false;
  if (names.kept.length > 0) remember(sql, names.kept, { last, nowMs });
  return true;
}

/** The newest row, and what stands in the rows that have one of the names. */
const LOOK = `
SELECT id, size, (
  SELECT group_concat(keys, '') FROM seen
   WHERE instr(keys, ?1) > 0 OR instr(keys, ?2) > 0 OR instr(keys, ?3) > 0 OR instr(keys, ?4) > 0
) AS hits FROM seen ORDER BY id DESC LIMIT 1`;

type Last = { readonly id: number; readonly size: number };

function isKnown(hits: string, { exact, recent }: Names, nowMs: number): boolean {
  if (exact.some((name) => hits.includes(`${name} `))) return true;
  if (recent === undefined) return false;
  const seconds = hits.split(`${recent}:`).slice(1);
  return seconds.some((rest) => nowMs / 1000 - Number.parseInt(rest, 10) <= RECENT_S);
}

type Remembering = { readonly last: Last | undefined; readonly nowMs: number };

function remember(sql: SqlStorage, names: readonly string[], { last, nowMs }: Remembering): void {
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
  forgetSeen(sql, nowMs);
}

/** A row may go when the row after it began more than a day ago: then its last name is older than a day. */
function forgetSeen(sql: SqlStorage, nowMs: number): void {
  sql.exec('DELETE FROM seen WHERE id < (SELECT max(id) FROM seen WHERE started_at <= ?)', nowMs - REMEMBERED_MS);
}
