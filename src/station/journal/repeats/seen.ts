/**
 * Recognises repeated events for as long as the journal is kept, and at least a day. A day's names stand in a tree of
 * rows: the first row takes names until it is full, then each of its 16 children takes those that begin like it. So a
 * look-up reads one row more for sixteen times as many names, and an event costs one row written.
 */
import type { Names } from './names.ts';

const DAY_MS = 24 * 60 * 60_000;
/** How long a name counts of which nobody knows when it was said. */
const RECENT_S = 10 * 60;
/** A row that has this many names takes no more, but for one at the end of the tree. */
const NAMES_PER_ROW = 128;
/** The part of a name that says where it stands: three characters give 16 bits, four steps of the tree. */
const PLACING_CHARACTERS = 3;

/** Remembers one name; false when it was remembered within the last day. */
export function rememberOnce(sql: SqlStorage, name: string, nowMs: number): boolean {
  const names = { kept: [name], exact: [name] };
  const seen = lookUp(sql, names, nowMs);
  if (!seen.isRepeat) remember(sql, names, seen, nowMs);
  return !seen.isRepeat;
}

/** What a look-up found: whether the event came before, and the rows of today that are full. */
export type Seen = { readonly isRepeat: boolean; readonly full: ReadonlySet<string> };

/**
 * Whether any of these names is remembered. What has no name is never a repeat. Writes nothing. It looks at what came
 * since a day before the event was said: of an event of this moment the last day, of a backfill whatever is remembered.
 */
export function lookUp(sql: SqlStorage, names: Names, nowMs: number): Seen {
  if (names.exact.length === 0) return { isRepeat: false, full: new Set() };
  const [first = '', second = first, third = first] = names.exact.map((name) => `${name} `);
  const recent = `${names.recent ?? first}:`;
  const slots = JSON.stringify([...new Set([...names.exact, ...names.kept].flatMap(slotsOf))]);
  const since = dayOf(Math.min(names.saidMs ?? nowMs, nowMs) - DAY_MS);
  const rows = sql.exec<Row>(LOOK, since, slots, first, second, third, recent).toArray();
  const hits = rows.map(({ keys }) => keys).join('');
  const full = rows.filter(({ day, size }) => day === dayOf(nowMs) && size >= NAMES_PER_ROW).map(({ slot }) => slot);
  return { isRepeat: isKnown(hits, names, nowMs), full: new Set(full) };
}

type Row = { readonly day: number; readonly slot: string; readonly size: number; readonly keys: string };

/** The rows in which the names may stand, of each day since; with what stands in them when a name is there. */
const LOOK = `
WITH RECURSIVE days (day) AS (
  SELECT max(day) FROM repeats
  UNION ALL SELECT (SELECT max(day) FROM repeats WHERE day < days.day) FROM days WHERE days.day > ?1
)
SELECT r.day, r.slot, r.size, iif(
    instr(r.keys, ?3) > 0 OR instr(r.keys, ?4) > 0 OR instr(r.keys, ?5) > 0 OR instr(r.keys, ?6) > 0, r.keys, ''
  ) AS keys
  FROM days CROSS JOIN json_each(?2) AS s CROSS JOIN repeats AS r ON r.day = days.day AND r.slot = s.value`;

function isKnown(hits: string, { exact, recent }: Names, nowMs: number): boolean {
  if (exact.some((name) => hits.includes(`${name} `))) return true;
  if (recent === undefined) return false;
  const seconds = hits.split(`${recent}:`).slice(1);
  return seconds.some((rest) => nowMs / 1000 - Number.parseInt(rest, 10) <= RECENT_S);
}

/** Remembers the names of an event, after its look-up and before any other. One row written for each name. */
export function remember(sql: SqlStorage, { kept }: Names, { full }: Seen, nowMs: number): void {
  const bySlot = Object.groupBy(kept, (name) => {
    const slots = slotsOf(name);
    return slots.find((slot) => !full.has(slot)) ?? slots.at(-1) ?? '';
  });
  for (const [slot, names = []] of Object.entries(bySlot)) {
    sql.exec(
      `INSERT INTO repeats (day, slot, size, keys) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET size = size + excluded.size, keys = keys || excluded.keys`,
      dayOf(nowMs),
      slot,
      names.length,
      `${names.join(' ')} `,
    );
  }
}

const dayOf = (ms: number) => Math.floor(ms / DAY_MS);

/** The rows in which a name may stand, from the first of the day to the last child. */
function slotsOf(name: string): string[] {
  const path = Buffer.from(name.slice(0, PLACING_CHARACTERS), 'base64url').toString('hex');
  return Array.from({ length: path.length + 1 }, (_, depth) => path.slice(0, depth));
}

/** The fact that says before which instant names were forgotten, in ms since the epoch. */
const FACT = 'gone';

/** Forgets the days that ended before `before` and more than a day ago, and notes it. */
export function pruneSeen(sql: SqlStorage, before: number, nowMs: number): void {
  const until = dayOf(Math.min(before, nowMs - DAY_MS));
  const { rowsWritten } = sql.exec('DELETE FROM repeats WHERE day < ?', until);
  if (rowsWritten === 0) return;
  sql.exec('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)', FACT, String(until * DAY_MS));
}

/** Whether an event that was seen then may have been taken and forgotten, so that nobody can say if it is a repeat. */
export function isForgotten(sql: SqlStorage, { saidMs }: Names, nowMs: number): boolean {
  if (saidMs === undefined || saidMs > nowMs - DAY_MS) return false;
  const [fact] = sql.exec<{ value: string }>('SELECT value FROM facts WHERE name = ?', FACT);
  return fact !== undefined && saidMs < Number(fact.value);
}

/** Forgets all names: what comes again is news. */
export function forgetRepeats(sql: SqlStorage): void {
  sql.exec('DELETE FROM repeats');
}

/** Takes over the names that earlier releases kept in the order in which they came. */
export function adoptOlderNames(sql: SqlStorage): void {
  for (const row of sql.exec<{ started_at: number; keys: string }>('SELECT started_at, keys FROM seen').toArray()) {
    for (const name of row.keys.split(' ').filter(Boolean)) {
      const names = { kept: [name], exact: [name] };
      remember(sql, names, lookUp(sql, names, row.started_at), row.started_at);
    }
  }
  sql.exec('DROP TABLE seen');
}
