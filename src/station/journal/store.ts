/**
 * The station's SQLite: one log row for each thing that was accepted, with the book's state after it. No decisions, no network.
 * Rows written are money: docs/storage.md counts them.
 */
import type { Deliverable, Delivery } from '../../recipient.ts';
import type { Charger } from '../../charging/charger.ts';
import { EMPTY_BOOK, type Kept, type SessionBook } from '../../sessions/book.ts';
import { OwedProviders, owedNames, owedText } from './owed-providers.ts';
import { SCHEMA } from './schema.ts';
import { StoredBook } from './stored-book.ts';

/** What came in, as the timeline shows it: an OCPP frame, a connection change, or a change of our own. */
export type Entry = { readonly kind: string; readonly [field: string]: unknown };

export type NewRow = {
  readonly seq: number;
  readonly receivedAt: number;
  readonly requestId: string;
  readonly entry: Entry;
  readonly deliverables: readonly Deliverable[];
  readonly kept: readonly Kept[];
  readonly book: SessionBook;
};

/** A row that is owed to a provider. `statusOf` names the connector whose status outside sessions, and nothing else, the row tells. */
export type OwedRow = {
  readonly seq: number;
  readonly receivedAt: number;
  readonly requestId: string;
  readonly statusOf: string | undefined;
  readonly deliverables: readonly Deliverable[];
};

/**
 * The charger as last registered, which providers its events go to, and which of those are paused. `evseUids` has the providers
 * that were paired with one EVSE only; `pairedAt` and `unpairedAt` (ms) when each provider's last pairing was made, and ended;
 * `endedPairing` when the pairing was made (ms) whose end came last.
 */
export type Registration = {
  readonly charger: Charger;
  readonly isRegistered: boolean;
  readonly providers: readonly string[];
  readonly paused: readonly string[];
  readonly evseUids?: Readonly<Record<string, string>>;
  readonly pairedAt?: Readonly<Record<string, number>>;
  readonly unpairedAt?: Readonly<Record<string, number>>;
  readonly endedPairing?: Readonly<Record<string, number>>;
};

/** How many settled rows a restarted object may have to look at again, for one row written to spare it the rest. */
const SETTLED_STRIDE = 64;

/**
 * The connector a row tells the status of, when that is all it tells and no session runs there: only such a status may be left out
 * for a newer one. A replayed message tells what it told then.
 */
function replaceableStatus({ deliverables: [first, ...others], book }: NewRow): string | null {
  if (others.length > 0 || first?.event?.kind !== 'connector-status-changed') return null;
  const { evseId, connectorId = 0 } = first.event.evse;
  return book.running.some(({ ref }) => ref.evse.evseId === evseId) ? null : `${evseId}.${connectorId}`;
}

export class StationStore {
  readonly #sql: SqlStorage;
  readonly #book: StoredBook;
  readonly #owed: OwedProviders;
  /** Nothing up to this row is owed any more. */
  #settledSeq = 0;
  #storedSettledSeq = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#book = new StoredBook(sql);
    this.#owed = new OwedProviders(sql);
    if (!this.isCreated()) return;
    this.#settledSeq = this.#fact<number>('settled-seq') ?? 0;
    this.#storedSettledSeq = this.#settledSeq;
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
    return this.#fact<Registration>('registration');
  }

  saveRegistration(registration: Registration): void {
    this.#saveFact('registration', registration);
  }

  /** The book after the newest row: the log is the only state there is. */
  latest(isCreated: boolean): { seq: number; book: SessionBook } {
    if (!isCreated) return { seq: 0, book: EMPTY_BOOK };
    const [row] = this.#sql.exec<{ seq: number; book: string }>('SELECT seq, book FROM log ORDER BY seq DESC LIMIT 1');
    return row === undefined ? { seq: 0, book: EMPTY_BOOK } : { seq: row.seq, book: this.#book.read(row.book) };
  }

  /** The transaction that was under way came to nothing. */
  undone(): void {
    this.#book.undone();
    this.#owed.undone();
    this.#storedSettledSeq = (this.isCreated() ? this.#fact<number>('settled-seq') : undefined) ?? 0;
    this.#settledSeq = this.#storedSettledSeq;
  }

  append(row: NewRow): void {
    const owed = new Set(row.deliverables.flatMap(({ to }) => Object.keys(to)));
    this.#sql.exec(
      `INSERT INTO log (seq, owed, status_of, received_at, request_id, deliveries, kept, entry, deliverables, book)
       VALUES (?, ?, ?, ?, ?, '{}', ?, ?, ?, ?)`,
      row.seq,
      owedText([...owed]),
      replaceableStatus(row),
      row.receivedAt,
      row.requestId,
      JSON.stringify(row.kept),
      JSON.stringify(row.entry),
      JSON.stringify(row.deliverables),
      this.#book.write(row.book),
    );
    this.#owed.added(row.seq, owed);
  }

  /** The oldest row owed to this provider after `seq`, or undefined. */
  nextOwed(provider: string, seq: number): OwedRow | undefined {
    const [row] = this.#sql.exec<{
      seq: number;
      received_at: number;
      request_id: string;
      status_of: string | null;
      deliverables: string;
    }>(
      `SELECT seq, received_at, request_id, status_of, deliverables FROM log
       WHERE seq > ? AND instr(owed, ?) > 0 ORDER BY seq LIMIT 1`,
      Math.max(seq, this.#settledSeq),
      `|${provider}|`,
    );
    if (row === undefined) return undefined;
    return {
      seq: row.seq,
      receivedAt: row.received_at,
      requestId: row.request_id,
      statusOf: row.status_of ?? undefined,
      deliverables: parse<Deliverable[]>(row.deliverables),
    };
  }

  /** Whether a later row, owed to the same provider, tells a status of this connector that is not older. */
  isSuperseded(provider: string, { seq, statusOf, deliverables }: OwedRow): boolean {
    const at = deliverables[0]?.event?.at;
    if (statusOf === undefined || at === undefined) return false;
    const later = this.#sql.exec<{ at: string }>(
      `SELECT json_extract(deliverables, '$[0].event.at') AS at FROM log
       WHERE seq > ? AND status_of = ? AND instr(owed, ?) > 0`,
      seq,
      statusOf,
      `|${provider}|`,
    );
    return later.toArray().some((row) => Date.parse(row.at) >= Date.parse(at));
  }

  /** Every provider that any row is owed to. */
  owedProviders(): string[] {
    return this.#owed.names(this.#settledSeq);
  }

  /** Providers this row is still owed to. */
  openOf(seq: number): string[] {
    const [row] = this.#sql.exec<{ owed: string }>('SELECT owed FROM log WHERE seq = ?', seq);
    return row === undefined ? [] : owedNames(row.owed);
  }

  /** Writes how a row's deliveries ended; `open` are the providers it is still owed to. One row written. */
  settle(seq: number, deliveries: Readonly<Record<string, Delivery>>, open: readonly string[]): void {
    this.#sql.exec(
      'UPDATE log SET owed = ?, deliveries = json_patch(deliveries, ?) WHERE seq = ?',
      owedText(open),
      JSON.stringify(deliveries),
      seq,
    );
    this.#owed.settled(seq, open);
    if (open.length === 0) this.#advance();
  }

  /** Moves the settled mark; it is stored only now and then, since a restart can find it again by reading. */
  #advance(): void {
    const sql = `SELECT coalesce((SELECT min(seq) FROM log WHERE seq > ?1 AND owed <> ''), (SELECT max(seq) + 1 FROM log)) AS seq`;
    const [open] = this.#sql.exec<{ seq: number | null }>(sql, this.#settledSeq);
    this.#settledSeq = Math.max(this.#settledSeq, (open?.seq ?? 1) - 1);
    if (this.#settledSeq - this.#storedSettledSeq < SETTLED_STRIDE) return;
    this.#saveFact('settled-seq', this.#settledSeq);
    this.#storedSettledSeq = this.#settledSeq;
  }

  #fact<T>(name: string): T | undefined {
    const [row] = this.#sql.exec<{ value: string }>('SELECT value FROM facts WHERE name = ?', name);
    return row === undefined ? undefined : parse<T>(row.value);
  }

  #saveFact(name: string, value: unknown): void {
    this.#sql.exec('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)', name, JSON.stringify(value));
  }
}

/** What this object wrote itself is trusted to be what it wrote. */
function parse<T>(json: string): T {
  return JSON.parse(json) as T;
}
