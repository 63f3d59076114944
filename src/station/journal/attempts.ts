/** Attempts that did not simply succeed, in the station's SQLite; those that did stand in their row's deliveries. */
import type { Exchange, Outcome } from '../../recipient.ts';

/** One attempt as the timeline shows it. */
export type AttemptRecord = {
  readonly part: number;
  readonly name: string;
  readonly durationMs: number;
  readonly exchange: Exchange;
  readonly outcome: Outcome;
};

export type NotedAttempt = { readonly provider: string; readonly at: number; readonly record: AttemptRecord };

type Row = { seq: number; provider: string; at: number; record: string };

/** One row written. */
export function noteAttempt(sql: SqlStorage, seq: number, { provider, at, record }: NotedAttempt): void {
  const insert = 'INSERT INTO attempts (seq, provider, at, record) VALUES (?, ?, ?, ?)';
  sql.exec(insert, seq, provider, at, JSON.stringify(record));
}

/** What the provider last answered to this part of the row, or undefined. */
export function lastExchange(
  sql: SqlStorage,
  { seq, provider, part }: { readonly seq: number; readonly provider: string; readonly part: number },
): Exchange | undefined {
  const [row] = sql.exec<{ record: string }>(
    `SELECT record FROM attempts WHERE seq = ? AND provider = ? AND json_extract(record, '$.part') = ? ORDER BY id DESC LIMIT 1`,
    seq,
    provider,
    part,
  );
  return row === undefined ? undefined : recordOf(row.record).exchange;
}

/** The attempts for rows `from` to `to`, by row, oldest first. One query, however many rows. */
export function attemptsBetween(
  sql: SqlStorage,
  from: number,
  to: number,
): ReadonlyMap<number, readonly NotedAttempt[]> {
  const select = 'SELECT seq, provider, at, record FROM attempts WHERE seq BETWEEN ? AND ? ORDER BY id';
  const rows = sql.exec<Row>(select, from, to).toArray();
  return Map.groupBy(
    rows.map(({ record, ...row }) => ({ ...row, record: recordOf(record) })),
    ({ seq }) => seq,
  );
}

/** What this object wrote itself is trusted to be what it wrote. */
const recordOf = (json: string) => JSON.parse(json) as AttemptRecord;
