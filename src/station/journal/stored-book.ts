/**
 * The session book as it is stored: in each row of the log, but for the sessions that are over. Those change once in a
 * session, and in every row they would be nine tenths of it; so they stand in a place of their own. One row written
 * when they change.
 */
import { EMPTY_BOOK, type SessionBook } from '../../sessions/book.ts';
import type { StoredTokens } from './stored-tokens.ts';

const FACT = 'ended';

export class StoredBook {
  readonly #sql: SqlStorage;
  readonly #tokens: StoredTokens;
  /** What is stored of sessions that are over, or undefined when that is not sure. */
  #ended: SessionBook['ended'] | undefined = EMPTY_BOOK.ended;

  constructor(sql: SqlStorage, tokens: StoredTokens) {
    this.#sql = sql;
    this.#tokens = tokens;
  }

  /** The part of the book that stands in a row; stores the other part, if it changed. */
  write(book: SessionBook): string {
    if (book.ended !== this.#ended) {
      this.#sql.exec(
        'INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)',
        FACT,
        JSON.stringify(this.#tokens.hidden(book.ended)),
      );
      this.#ended = book.ended;
    }
    return JSON.stringify(this.#tokens.hiddenWork({ ...book, ended: [] }));
  }

  /**
   * The book of which a row has this part; a row from before the parts were divided has both. What this object wrote
   * itself is trusted to be what it wrote.
   */
  read(text: string): SessionBook {
    const [row] = this.#sql.exec<{ value: string }>('SELECT value FROM facts WHERE name = ?', FACT);
    const stored = row === undefined ? EMPTY_BOOK.ended : (JSON.parse(row.value) as SessionBook['ended']);
    const book = this.#tokens.shown(JSON.parse(text)) as SessionBook;
    this.#ended = stored;
    return { ...book, ended: book.ended.length > 0 ? book.ended : stored };
  }

  /** What was written since the last transaction is not stored after all. */
  undone(): void {
    this.#ended = undefined;
  }
}
