/**
 * Keeps what a station stores below a bound. What is shown of old rows goes first, then what is shown of rows that are
 * owed; what is owed, and what sessions wait for, stays. One look at the size when there is room.
 */
import type { SessionBook } from '../../sessions/book.ts';
import { waitedFor } from '../../sessions/waiting.ts';
import type { Acceptance } from '../station-rpc.ts';

/** What becomes of a new event when there is no room. */
export const STATION_FULL: Acceptance = {
  kind: 'rejected',
  reason: 'station-full',
  detail: 'The station stores as much as it may, and nothing of it can go before it was delivered.',
};

/** As `makeRoom`, sparing the rows that the sessions of the book wait for. */
export function hasRoomFor(sql: SqlStorage, maxBytes: number, book: SessionBook): boolean {
  const waits = waitedFor(book);
  return makeRoom(sql, maxBytes, (seq) => waits.has(seq));
}

/** At once, so that one webhook does not do the work of hours; the next one goes on. */
const ROWS_AT_ONCE = 200;
const MAX_ROUNDS = 20;
/** Shortening goes on until so much of the bound is free, so that not every webhook has to do it. */
const FREED = 0.9;
/** A row of so many characters has nothing to give. */
const SHORT = 400;

/** In this order. A row's frame keeps what it is, and loses what it says. */
const STEPS = [
  { rows: "owed = ''", changes: "deliverables = '[]', book = '{}'" },
  { rows: "owed <> ''", changes: "book = '{}'" },
] as const;

const SIZE = "length(entry) + length(book) + iif(owed = '', length(deliverables), 0)";
/** What may be long: of a message what it says, and of a charging profile the plan and the commands. */
const LONG = "'$.frame.payload', '$.frame.details', '$.response', '$.profile', '$.commands'";
const SHORTENED = `json_set(json_remove(entry, ${LONG}), '$.isShortened', json('true'))`;
/** A row has something to give once, and once more when what it owed was delivered. */
const IS_NEW = `(entry NOT LIKE '%"isShortened":true}' OR (owed = '' AND deliverables <> '[]'))`;

/**
 * Makes room when more than `maxBytes` are stored; true when there is room then. `isAwaited`: rows that sessions wait
 * for. The newest row is never touched.
 */
export function makeRoom(sql: SqlStorage, maxBytes: number, isAwaited: (seq: number) => boolean): boolean {
  if (sql.databaseSize <= maxBytes) return true;
  for (const { rows, changes } of STEPS) {
    let from = 0;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const found = sql
        .exec<{ seq: number }>(
          `SELECT seq FROM log WHERE seq > ? AND seq < (SELECT max(seq) FROM log) AND ${rows} AND ${SIZE} > ${SHORT}
              AND ${IS_NEW} ORDER BY seq LIMIT ${ROWS_AT_ONCE}`,
          from,
        )
        .toArray();
      const last = found.at(-1);
      if (last === undefined) break;
      for (const { seq } of found.filter((row) => !isAwaited(row.seq))) {
        if (sql.databaseSize <= maxBytes * FREED) return true;
        sql.exec(`UPDATE log SET entry = ${SHORTENED}, ${changes} WHERE seq = ?`, seq);
      }
      from = last.seq;
    }
  }
  return sql.databaseSize <= maxBytes;
}
