/**
 * The station's SQLite: one log row for each thing that was accepted, with the book's state after it. No decisions, no network.
 * Rows written are money: docs/storage.md counts them.
 */
import type { ChargeEvent } from '../charging/charge-event.ts';
import type { Charger } from '../charging/charger.ts';
import { EMPTY_BOOK, type Kept, type SessionBook } from './book.ts';

/** What came in, as the timeline shows it: an OCPP frame, a connection change, or a change of our own. */
export type Entry = { readonly kind: string; readonly [field: string]: unknown };

/** An event and whom it goes to: provider → that provider's `seqNo` of the session (0 outside sessions). */
export type Deliverable = { readonly event: ChargeEvent; readonly to: Readonly<Record<string, number>> };

/** How one provider's part of a row ended. */
export type Delivery = {
  readonly outcome: 'delivered' | 'parked' | 'skipped';
  readonly at: number;
  readonly attempts: number;
  readonly reason?: string;
};

export type NewRow = {
  readonly seq: number;
  readonly receivedAt: number;
  readonly requestId: string;
  readonly entry: Entry;
  readonly deliverables: readonly Deliverable[];
  readonly kept: readonly Kept[];
  readonly book: SessionBook;
};

/** A row that is owed to a provider. */
export type OwedRow = {
  readonly seq: number;
  readonly receivedAt: number;
  readonly requestId: string;
  readonly deliverables: readonly Deliverable[];
};

/** A lane that holds: where in its row it stands, how often it failed there, and when it may try again. */
export type LaneRow = {
  readonly provider: string;
  readonly seq: number;
  readonly part: number;
  readonly attempts: number;
  readonly dueAt: number;
};

/** The charger as last registered, and which providers its events go to. */
export type Registration = {
  readonly charger: Charger;
  readonly isRegistered: boolean;
  readonly providers: readonly string[];
};

const SCHEMA = `
CREATE TABLE log (
  seq INTEGER PRIMARY KEY, owed TEXT NOT NULL, received_at INTEGER NOT NULL, request_id TEXT NOT NULL,
  deliveries TEXT NOT NULL, kept TEXT NOT NULL, entry TEXT NOT NULL, deliverables TEXT NOT NULL, book TEXT NOT NULL
);
CREATE TABLE seen (id INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, size INTEGER NOT NULL, keys TEXT NOT NULL);
CREATE TABLE lanes (
  provider TEXT PRIMARY KEY, seq INTEGER NOT NULL, part INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE attempts (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, provider TEXT NOT NULL, at INTEGER NOT NULL, record TEXT NOT NULL
);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

/** Providers that a row is still owed to, as one text that SQL can search: "|stekker|jedlix|", or "" when there is none. */
const owedText = (providers: readonly string[]) => (providers.length === 0 ? '' : `|${providers.join('|')}|`);

export class StationStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Whether this object ever stored anything: one that did not costs nothing. */
  isCreated(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'log'").toArray().length > 0;
  }

  /** Makes the tables, once. */
  create(): void {
    if (!this.isCreated()) this.#sql.exec(SCHEMA);
  }

  registration(): Registration | undefined {
    return this.#json<Registration>("SELECT value AS json FROM facts WHERE name = 'registration'");
  }

  saveRegistration(registration: Registration): void {
    const sql = "INSERT OR REPLACE INTO facts (name, value) VALUES ('registration', ?)";
    this.#sql.exec(sql, JSON.stringify(registration));
  }

  /** The book after the newest row: the log is the only state there is. */
  latest(isCreated: boolean): { seq: number; book: SessionBook } {
    if (!isCreated) return { seq: 0, book: EMPTY_BOOK };
    const [row] = this.#sql.exec<{ seq: number; book: string }>('SELECT seq, book FROM log ORDER BY seq DESC LIMIT 1');
    return row === undefined ? { seq: 0, book: EMPTY_BOOK } : { seq: row.seq, book: parse<SessionBook>(row.book) };
  }

  append(row: NewRow): void {
    const owed = new Set(row.deliverables.flatMap(({ to }) => Object.keys(to)));
    this.#sql.exec(
      `INSERT INTO log (seq, owed, received_at, request_id, deliveries, kept, entry, deliverables, book)
       VALUES (?, ?, ?, ?, '{}', ?, ?, ?, ?)`,
      row.seq,
      owedText([...owed]),
      row.receivedAt,
      row.requestId,
      JSON.stringify(row.kept),
      JSON.stringify(row.entry),
      JSON.stringify(row.deliverables),
      JSON.stringify(row.book),
    );
  }

  /** The oldest row owed to this provider after `seq`, or undefined. */
  nextOwed(provider: string, seq: number): OwedRow | undefined {
    const [row] = this.#sql.exec<{ seq: number; received_at: number; request_id: string; deliverables: string }>(
      `SELECT seq, received_at, request_id, deliverables FROM log
       WHERE seq > ? AND instr(owed, ?) > 0 ORDER BY seq LIMIT 1`,
      seq,
      `|${provider}|`,
    );
    if (row === undefined) return undefined;
    const deliverables = parse<Deliverable[]>(row.deliverables);
    return { seq: row.seq, receivedAt: row.received_at, requestId: row.request_id, deliverables };
  }

  /** Whether any row is owed to anybody. */
  isOwed(): boolean {
    return this.isCreated() && this.#sql.exec("SELECT 1 FROM log WHERE owed <> '' LIMIT 1").toArray().length > 0;
  }

  /** Every provider that any row is owed to. */
  owedProviders(): string[] {
    const rows = this.#sql.exec<{ owed: string }>("SELECT DISTINCT owed FROM log WHERE owed <> ''").toArray();
    return [...new Set(rows.flatMap(({ owed }) => owed.split('|').filter((name) => name !== '')))];
  }

  /** Writes how a row's deliveries ended; `open` are the providers it is still owed to. One row written. */
  settle(seq: number, deliveries: Readonly<Record<string, Delivery>>, open: readonly string[]): void {
    this.#sql.exec(
      'UPDATE log SET owed = ?, deliveries = json_patch(deliveries, ?) WHERE seq = ?',
      owedText(open),
      JSON.stringify(deliveries),
      seq,
    );
  }

  /** Providers a row is still owed to, as stored. */
  openOf(seq: number): string[] {
    const [row] = this.#sql.exec<{ owed: string }>('SELECT owed FROM log WHERE seq = ?', seq);
    return row === undefined ? [] : row.owed.split('|').filter((name) => name !== '');
  }

  lanes(): LaneRow[] {
    const rows = this.#sql.exec<{ provider: string; seq: number; part: number; attempts: number; due_at: number }>(
      'SELECT provider, seq, part, attempts, due_at FROM lanes',
    );
    return rows.toArray().map(({ due_at: dueAt, ...lane }) => ({ ...lane, dueAt }));
  }

  saveLane({ provider, seq, part, attempts, dueAt }: LaneRow): void {
    const sql = 'INSERT OR REPLACE INTO lanes (provider, seq, part, attempts, due_at) VALUES (?, ?, ?, ?, ?)';
    this.#sql.exec(sql, provider, seq, part, attempts, dueAt);
  }

  /** Notes an attempt that did not simply succeed; those that did stand in their row's deliveries. */
  noteAttempt(seq: number, provider: string, at: number, record: unknown): void {
    const sql = 'INSERT INTO attempts (seq, provider, at, record) VALUES (?, ?, ?, ?)';
    this.#sql.exec(sql, seq, provider, at, JSON.stringify(record));
  }

  #json<T>(sql: string): T | undefined {
    const [row] = this.#sql.exec<{ json: string }>(sql);
    return row === undefined ? undefined : parse<T>(row.json);
  }
}

/** What this object wrote itself is trusted to be what it wrote. */
function parse<T>(json: string): T {
  return JSON.parse(json) as T;
}
