/**
 * The session book as it is stored: in each row of the log, but for the sessions that are over. Those change once in a
 * session, and in every row they would be nine tenths of it; so they stand in a place of their own. One row written
 * when they change. A book that is large all the same stands there too, once, and not in each row.
 */
import { EMPTY_BOOK, type SessionBook } from '../../sessions/book.ts';
import type { StoredTokens } from './stored-tokens.ts';

const FACT = 'ended';
/** Where a large book stands, and what its rows have in its place. */
const LARGE = 'book';
const STANDS_APART = '{"book":"apart"}';
/** In characters. A book of a few sessions has a third of it. */
const MAX_IN_ROW = 4096;

export class StoredBook {
  readonly #sql: SqlStorage;
  readonly #tokens: StoredTokens;
  /** What is stored of sessions that are over, or undefined when that is not sure. */
  #ended: SessionBook['ended'] | undefined = EMPTY_BOOK.ended;
  /** Whether a large book stands apart, or may do. */
  #isApart = true;

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
    const text = JSON.stringify(this.#tokens.hiddenWork({ ...book, ended: [] }));
    if (text.length <= MAX_IN_ROW) {
      if (this.#isApart) this.#sql.exec('DELETE FROM facts WHERE name = ?', LARGE);
      this.#isApart = false;
      return text;
    }
    this.#sql.exec('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)', LARGE, text);
    this.#isApart = true;
    return STANDS_APART;
  }

  /**
   * The book of which a row has this part; a row from before the parts were divided has both. What this object wrote
   * itself is trusted to be what it wrote.
   */
  read(text: string): SessionBook {
    const ended = this.#fact(FACT);
    const stored = ended === undefined ? EMPTY_BOOK.ended : (JSON.parse(ended) as SessionBook['ended']);
    const whole = text === STANDS_APART ? (this.#fact('book') ?? JSON.stringify(EMPTY_BOOK)) : text;
    const book = this.#tokens.shown(JSON.parse(whole)) as SessionBook;
    this.#ended = stored;
    return { ...book, ended: book.ended.length > 0 ? book.ended : stored };
  }

  /** What was written since the last transaction is not stored after all. */
  undone(): void {
    this.#ended = undefined;
    this.#isApart = true;
  }

  #fact(name: string): string | undefined {
    const [row] = this.#sql.exec<{ value: string }>('SELECT value FROM facts WHERE name = ?', name);
    return row?.value;
  }
}
