/**
 * What is owed to whom. A recipient takes its rows oldest first, so one number says how far it has come. The rows of
 * the log say the same; a restarted object learns it from them.
 */
import type { Deliverable, Delivery } from '../../recipient.ts';
import type { StoredTokens } from './stored-tokens.ts';

/**
 * A row that is owed to a recipient. `statusOf`: it tells the status of this connector outside sessions, and nothing
 * else.
 */
export type OwedRow = {
  readonly seq: number;
  readonly receivedAt: number;
  readonly requestId: string;
  readonly statusOf: string | undefined;
  readonly deliverables: readonly Deliverable[];
};

/** Recipients that a row is still owed to, as one text that SQL can search: "|a|b|", or "" when there is none. */
export const owedText = (recipients: readonly string[]) => (recipients.length === 0 ? '' : `|${recipients.join('|')}|`);
/** The recipients in such a text. */
export const owedNames = (text: string) => text.split('|').filter((name) => name !== '');

/** The oldest row after a given one that is owed to a recipient. */
const NEXT = 'FROM log WHERE seq > ? AND instr(owed, ?) > 0 ORDER BY seq LIMIT 1';

export class Backlog {
  readonly #sql: SqlStorage;
  readonly #tokens: StoredTokens;
  /** Nothing up to this row is owed to the recipient any more. One that is missing is owed nothing. */
  readonly #doneSeq = new Map<string, number>();
  /** The row that the recipient's lane is at, while it runs. */
  readonly #busySeq = new Map<string, number>();
  /**
   * Deliveries that ended and are not written yet, by row. Another recipient's lane is at that row, and one write is to
   * serve both.
   */
  readonly #unwritten = new Map<number, Record<string, Delivery>>();

  /** `isCreated`: an object whose tables are not made yet owes nothing. */
  constructor(sql: SqlStorage, isCreated: boolean, tokens: StoredTokens) {
    this.#sql = sql;
    this.#tokens = tokens;
    if (isCreated) this.read();
  }

  /** Learns from the log how far each recipient has come, at the start and when a transaction came to nothing. */
  read(): void {
    this.#doneSeq.clear();
    const rows = this.#sql.exec<{ owed: string; first: number }>(
      `SELECT owed, min(seq) AS first FROM log
       WHERE seq >= (SELECT owed_from FROM log ORDER BY seq DESC LIMIT 1) AND owed <> ''
       GROUP BY owed ORDER BY first DESC`,
    );
    for (const { owed, first } of rows) for (const name of owedNames(owed)) this.#doneSeq.set(name, first - 1);
    for (const [seq, ends] of this.#unwritten) {
      for (const name of Object.keys(ends)) this.#doneSeq.set(name, Math.max(seq, this.#doneSeq.get(name) ?? 0));
    }
  }

  /** Every recipient that any row is owed to. */
  recipients(): string[] {
    return [...this.#doneSeq.keys()].filter((name) => this.#isOwed(name));
  }

  /**
   * Nothing before this row is owed, when `newest` is the newest row. Each row keeps this number for the next start.
   */
  owedFrom(newest: number): number {
    return Math.min(newest, ...[...this.#doneSeq.values()].map((seq) => seq + 1), ...this.#unwritten.keys());
  }

  /** Row `seq`, newer than all others, is owed to these recipients. */
  added(seq: number, recipients: Iterable<string>): void {
    for (const name of recipients) if (!this.#doneSeq.has(name)) this.#doneSeq.set(name, seq - 1);
  }

  /** The oldest row that is owed to this recipient, or undefined. From now on its lane is at that row. */
  next(recipient: string): OwedRow | undefined {
    const [row] = this.#sql.exec<
      Record<'seq' | 'received_at', number> & { request_id: string; status_of: string | null; deliverables: string }
    >(
      `SELECT seq, received_at, request_id, status_of, deliverables ${NEXT}`,
      this.#doneSeq.get(recipient) ?? 0,
      owedText([recipient]),
    );
    if (row === undefined) return undefined;
    this.#busySeq.set(recipient, row.seq);
    // What this object wrote itself is trusted to be what it wrote.
    const deliverables = JSON.parse(row.deliverables) as Deliverable[];
    const { seq, received_at: receivedAt, request_id: requestId, status_of: statusOf } = row;
    return { seq, receivedAt, requestId, statusOf: statusOf ?? undefined, deliverables };
  }

  /** When the oldest row came that is owed to this recipient (ms), and how many are; undefined when none is. */
  oldest(recipient: string): { readonly receivedAt: number; readonly count: number } | undefined {
    const { first, count } = this.#sql
      .exec<{ first: number | null; count: number }>(
        'SELECT min(received_at) AS first, count(*) AS count FROM log WHERE seq > ? AND instr(owed, ?) > 0',
        this.#doneSeq.get(recipient) ?? 0,
        owedText([recipient]),
      )
      .one();
    return first === null ? undefined : { receivedAt: first, count };
  }

  /** When the oldest row came that is owed to this recipient (ms); undefined when none is. Reads one row. */
  oldestAt(recipient: string): number | undefined {
    const [row] = this.#sql.exec<{ received_at: number }>(
      'SELECT received_at FROM log WHERE seq > ? AND instr(owed, ?) > 0 ORDER BY seq LIMIT 1',
      this.#doneSeq.get(recipient) ?? 0,
      owedText([recipient]),
    );
    return row?.received_at;
  }

  /** Whether a later row, owed to the same recipient, tells a status of this connector that is not older. */
  isSuperseded(recipient: string, { seq, statusOf, deliverables }: OwedRow): boolean {
    const at = deliverables[0]?.event?.at;
    if (statusOf === undefined || at === undefined) return false;
    const later = this.#sql.exec<{ at: string }>(
      `SELECT json_extract(deliverables, '$[0].event.at') AS at FROM log
       WHERE seq > ? AND status_of = ? AND instr(owed, ?) > 0`,
      seq,
      statusOf,
      owedText([recipient]),
    );
    return later.toArray().some((row) => Date.parse(row.at) >= Date.parse(at));
  }

  /**
   * Nothing up to row `seq` is owed to this recipient any more. The row that it ended before is written first: after a
   * crash nothing may be repeated behind what came after it.
   */
  ended(recipient: string, seq: number, delivery: Delivery): void {
    this.#doneSeq.set(recipient, seq);
    const before = [...this.#unwritten].flatMap(([row, ends]) => (recipient in ends ? [row] : []));
    this.#unwritten.set(seq, { ...this.#unwritten.get(seq), [recipient]: delivery });
    for (const row of before) this.#write(row);
    this.rested(recipient);
  }

  /** The recipient's lane is at no row: it ended one, owes nothing, or waits. */
  rested(recipient: string): void {
    this.#busySeq.delete(recipient);
    const busy = new Set(this.#busySeq.values());
    for (const seq of this.#unwritten.keys()) if (!busy.has(seq)) this.#write(seq);
  }

  /** Whether a lane is at this row, or its end is not written yet. */
  isBusy(seq: number): boolean {
    return this.#unwritten.has(seq) || [...this.#busySeq.values()].includes(seq);
  }

  /** Writes how deliveries of a row ended, also out of their recipients' turn. One row written. */
  settle(seq: number, deliveries: Readonly<Record<string, Delivery>>): void {
    const [row] = this.#sql.exec<{ owed: string }>('SELECT owed FROM log WHERE seq = ?', seq);
    const owed = owedText(owedNames(row?.owed ?? '').filter((name) => !(name in deliveries)));
    this.#sql.exec(
      'UPDATE log SET owed = ?, deliveries = json_patch(deliveries, ?), deliverables = coalesce(?, deliverables) WHERE seq = ?',
      owed,
      JSON.stringify(deliveries),
      owed === '' && this.#tokens.isHiding ? this.#hidden(seq) : null,
      seq,
    );
  }

  /** Looks for a row that is owed, and remembers up to where there is none, so that those are not looked at again. */
  #isOwed(recipient: string): boolean {
    const { first, newest } = this.#sql
      .exec<{ first: number | null; newest: number | null }>(
        `SELECT (SELECT seq ${NEXT}) AS first, (SELECT max(seq) FROM log) AS newest`,
        this.#doneSeq.get(recipient) ?? 0,
        owedText([recipient]),
      )
      .one();
    this.#doneSeq.set(recipient, first === null ? (newest ?? 0) : first - 1);
    return first !== null;
  }

  /** What a row told, with pseudonyms; null when it is gone. */
  #hidden(seq: number): string | null {
    const [row] = this.#sql.exec<{ deliverables: string }>('SELECT deliverables FROM log WHERE seq = ?', seq);
    return row === undefined ? null : JSON.stringify(this.#tokens.hidden(JSON.parse(row.deliverables)));
  }

  #write(seq: number): void {
    this.settle(seq, this.#unwritten.get(seq) ?? {});
    this.#unwritten.delete(seq);
  }
}
