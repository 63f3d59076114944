/**
 * The station's SQLite: one log row for each thing that was accepted, with the book's state after it. No decisions, no
 * network. Rows written are money: docs/storage.md counts them.
 */
import type { Deliverable } from '../../recipient.ts';
import type { SeenMessage } from '../../csms/csms.ts';
import { EMPTY_BOOK, type Kept, type SessionBook } from '../../sessions/book.ts';
import { Backlog, owedText } from './backlog.ts';
import { SCHEMA, upgrade } from './schema.ts';
import { StoredBook } from './stored-book.ts';
import { StoredTokens } from './stored-tokens.ts';
import type { Pseudonyms } from '../../storage/token-hmac.ts';
import { registrationOf, type Registration, type StoredRegistration } from './pairings/stored-registration.ts';

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

/**
 * The connector a row tells the status of, when that is all it tells and no session runs there: only such a status may
 * be left out for a newer one. A replayed message tells what it told then.
 */
function replaceableStatus({ deliverables: [first, ...others], book }: NewRow): string | null {
  if (others.length > 0 || first?.event?.kind !== 'connector-status-changed') return null;
  const { evseId, connectorId = 0 } = first.event.evse;
  return book.running.some(({ ref }) => ref.evse.evseId === evseId) ? null : `${evseId}.${connectorId}`;
}

export class StationStore {
  readonly #sql: SqlStorage;
  readonly #book: StoredBook;
  readonly #tokens: StoredTokens;
  /** What of the rows is owed to whom. */
  readonly backlog: Backlog;

  /** With `pseudonyms`, tokens are kept in clear only while they are needed. */
  constructor(sql: SqlStorage, pseudonyms?: Pseudonyms) {
    this.#sql = sql;
    this.#tokens = new StoredTokens(sql, pseudonyms);
    this.#book = new StoredBook(sql, this.#tokens);
    const isCreated = this.isCreated();
    if (isCreated) upgrade(sql);
    this.backlog = new Backlog(sql, isCreated, this.#tokens);
  }

  /** Whether this object ever stored anything: one that did not costs nothing. */
  isCreated(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'log'").toArray().length > 0;
  }

  /** Makes the tables, once. */
  create(): void {
    if (!this.isCreated()) this.#sql.exec(SCHEMA);
  }

  /** What the first release stored is stored anew, once. */
  registration(): Registration | undefined {
    const stored = this.#fact<StoredRegistration>('registration');
    const registration = stored && registrationOf(stored);
    if (registration !== undefined && registration !== stored) this.saveRegistration(registration);
    return registration;
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
    this.#tokens.undone();
    if (this.isCreated()) this.backlog.read();
  }

  append(row: NewRow): void {
    const owed = new Set(row.deliverables.flatMap(({ to }) => Object.keys(to)));
    this.#sql.exec(
      `INSERT INTO log
         (seq, owed, owed_from, status_of, received_at, request_id, deliveries, kept, entry, deliverables, book)
       VALUES (?, ?, ?, ?, ?, ?, '{}', ?, ?, ?, ?)`,
      row.seq,
      owedText([...owed]),
      this.backlog.owedFrom(row.seq),
      replaceableStatus(row),
      row.receivedAt,
      row.requestId,
      JSON.stringify(row.kept),
      JSON.stringify(this.#tokens.hidden(row.entry)),
      JSON.stringify(owed.size === 0 ? this.#tokens.hidden(row.deliverables) : row.deliverables),
      this.#book.write(row.book),
    );
    this.backlog.added(row.seq, owed);
  }

  /** Stores the book of the newest row anew. */
  saveBook(seq: number, book: SessionBook): void {
    this.#sql.exec('UPDATE log SET book = ? WHERE seq = ?', this.#book.write(book), seq);
  }

  /** The message that a row holds; undefined when the row is gone, or holds something else. */
  messageIn(seq: number): SeenMessage | undefined {
    const [row] = this.#sql.exec<{ entry: string }>('SELECT entry FROM log WHERE seq = ?', seq);
    const entry = row && (this.#tokens.shown(JSON.parse(row.entry)) as { readonly kind: string } & SeenMessage);
    return entry?.kind === 'message' ? entry : undefined;
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
