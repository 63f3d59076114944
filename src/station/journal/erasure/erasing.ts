/**
 * Erases from the station's storage: an id token wherever it stands, or everything up to now. In steps of some rows
 * each; what is still owed is told first, or given up. Repeating a step is harmless.
 */
import type { Deliverable } from '../../../recipient.ts';
import type { SessionBook } from '../../../sessions/book.ts';
import { Eraser } from '../../../storage/erased-tokens.ts';
import type { ErasureOrder, ErasurePlace, ErasureStep } from './erasure-order.ts';
import { owedNames } from '../backlog.ts';
import type { Ledger } from '../ledger.ts';
import type { Entry } from '../store.ts';
import { forgetFacts, forgetUpTo, FORGOTTEN } from '../history.ts';
import { forgetRepeats } from '../repeats/seen.ts';

type Occasion = { readonly requestId: string; readonly nowMs: number };
type Row = { seq: number } & Record<'owed' | 'entry' | 'deliverables' | 'book', string>;

/** How a step goes about it. */
type Way = Pick<ErasureOrder, 'erasureId' | 'isDropping'> & {
  readonly nowMs: number;
  readonly note: (entry: Entry) => void;
};

/** How many rows of the log one step looks at. */
const ROWS_AT_ONCE = 500;
/** And how many characters: a row may have two million. */
const MAX_PAGE_LENGTH = 8_000_000;
const DONE: ErasureStep = { isOwing: false };

/** One step. `pepper`: the key of the token's digests. */
export function eraseSome(
  ledger: Ledger,
  sql: SqlStorage,
  order: ErasureOrder,
  { pepper, ...occasion }: Occasion & { readonly pepper: string | undefined },
): ErasureStep {
  if (!ledger.store.isCreated()) return DONE;
  const { token } = order;
  if (token === undefined) return eraseAll(ledger, sql, order, occasion);
  if (pepper === undefined) throw new Error('without PAIRING_CODE_PEPPER no erased token is recognised');
  return eraseToken(ledger, sql, { ...order, eraser: new Eraser(pepper, token) }, occasion);
}

/** The book, and parked messages, first; then the rows, page by page. Those that owe the token are looked at again. */
function eraseToken(
  ledger: Ledger,
  sql: SqlStorage,
  { eraser, place, erasureId, isDropping }: ErasureOrder & { readonly eraser: Eraser },
  occasion: Occasion,
): ErasureStep {
  return ledger.rewrite(
    (book) => (place === undefined ? withoutToken(book, eraser) : book),
    (note) => {
      ledger.tokens.forget();
      eraseInColumn(sql, 'letters', 'record', eraser);
      eraseInColumn(sql, 'attempts', 'record', eraser);
      const { from, until } = place ?? { from: 0, until: ledger.newestSeq };
      const { rows, isLast } = pageOf(sql, { from, until });
      const way = { erasureId, isDropping, nowMs: occasion.nowMs, note };
      const owing = rows.filter((row) => eraseInRow(ledger, sql, row, { eraser, ...way }));
      const last = rows.at(-1);
      const [first] = owing;
      if (first !== undefined) return { next: { from: first.seq, until }, isOwing: true };
      if (last === undefined || isLast) return DONE;
      return { next: { from: last.seq + 1, until }, isOwing: false };
    },
    occasion,
  );
}

/** Rows of the log as far as one step goes, and those of messages that were replayed since; each page has one row. */
function pageOf(sql: SqlStorage, { from, until }: ErasurePlace): { rows: readonly Row[]; isLast: boolean } {
  const where = `WHERE seq >= ? AND (seq <= ? OR entry LIKE '{"kind":"replayed"%')`;
  const size = 'length(entry) + length(deliverables) + length(book)';
  const found = sql
    .exec<{ seq: number; size: number }>(
      `SELECT seq, ${size} AS size FROM log ${where} ORDER BY seq LIMIT ?`,
      from,
      until,
      ROWS_AT_ONCE,
    )
    .toArray();
  let total = 0;
  const taken = found.filter((row) => (total += row.size) <= MAX_PAGE_LENGTH || row === found[0]);
  const rows = sql
    .exec<Row>(
      `SELECT seq, owed, entry, deliverables, book FROM log ${where} ORDER BY seq LIMIT ?`,
      from,
      until,
      taken.length,
    )
    .toArray();
  return { rows, isLast: taken.length === found.length && found.length < ROWS_AT_ONCE };
}

function withoutToken(book: SessionBook, eraser: Eraser): SessionBook {
  // What comes of the book is the book with other texts in it.
  return eraser.isIn(JSON.stringify(book)) ? (eraser.replacedIn(book) as SessionBook) : book;
}

/** Erases the token from a row; true when the row still owes it to somebody. */
function eraseInRow(
  ledger: Ledger,
  sql: SqlStorage,
  { seq, owed, entry, deliverables, book }: Row,
  { eraser, ...way }: Way & { readonly eraser: Eraser },
): boolean {
  if (!eraser.isIn(entry, deliverables, book)) return false;
  // What this object wrote itself is trusted to be what it wrote.
  const owing = (JSON.parse(deliverables) as Deliverable[]).filter((each) => eraser.isIn(JSON.stringify(each)));
  const names = owedNames(owed).filter((name) => owing.some(({ to }) => name in to));
  const isGivenUp = names.length > 0 && giveUp(ledger, seq, names, way);
  const isOwing = names.length > 0 && !isGivenUp;
  const texts = [eraser.replaced(entry), eraser.replaced(book)] as const;
  sql.exec('UPDATE log SET entry = ?, book = ? WHERE seq = ?', ...texts, seq);
  if (isOwing) return true;
  // What was given up a moment ago stands there in another form.
  const [row] = sql.exec<{ text: string }>('SELECT deliverables AS text FROM log WHERE seq = ?', seq);
  sql.exec('UPDATE log SET deliverables = ? WHERE seq = ?', eraser.replaced(row?.text ?? deliverables), seq);
  return false;
}

/** Gives up what a row owes to these, if that was asked for, and notes it; false while a lane is at the row. */
function giveUp(
  { store: { backlog } }: Ledger,
  seq: number,
  names: readonly string[],
  { erasureId, isDropping, nowMs, note }: Way,
): boolean {
  if (!isDropping || backlog.isBusy(seq)) return false;
  const end = { outcome: 'dropped', at: nowMs, attempts: 0, reason: 'erasure' } as const;
  backlog.settle(seq, Object.fromEntries(names.map((name) => [name, end])));
  note({ kind: 'given-up', erasureId, seq, recipients: names });
  return true;
}

function eraseInColumn(sql: SqlStorage, table: 'letters' | 'attempts', column: 'record', eraser: Eraser): void {
  const rows = sql.exec<{ id: number; text: string }>(`SELECT id, ${column} AS text FROM ${table}`).toArray();
  for (const { id, text } of rows.filter((row) => eraser.isIn(row.text)))
    sql.exec(`UPDATE ${table} SET ${column} = ? WHERE id = ?`, eraser.replaced(text), id);
}

/**
 * Everything goes that came up to the first step, as soon as it is owed to nobody. Sessions that run stay in the book.
 * Of a charger that was removed everything goes whenever it came, but the generations of its pairings.
 */
function eraseAll(
  ledger: Ledger,
  sql: SqlStorage,
  { erasureId, isDropping, place }: ErasureOrder,
  occasion: Occasion,
): ErasureStep {
  const isRegistered = ledger.registration?.isRegistered === true;
  const until = (isRegistered ? place?.until : undefined) ?? ledger.newestSeq;
  const owed = "SELECT seq, owed FROM log WHERE seq <= ? AND owed <> ''";
  const owedRows = () => sql.exec<{ seq: number; owed: string }>(owed, until).toArray();
  return ledger.rewrite(
    (book) => (place === undefined ? { ...book, ended: [] } : book),
    (note) => {
      ledger.tokens.forget();
      // The newest row has the book, so another one must be newer before it can go.
      if (!isRegistered) note({ kind: FORGOTTEN });
      else if (place === undefined) note({ kind: 'erased', erasureId });
      const way = { erasureId, isDropping, nowMs: occasion.nowMs, note: isRegistered ? note : () => {} };
      for (const row of owedRows()) giveUp(ledger, row.seq, owedNames(row.owed), way);
      forgetUpTo(sql, until);
      const [owing] = owedRows();
      if (owing !== undefined) return { next: { from: owing.seq, until }, isOwing: true };
      if (!isRegistered) {
        forgetRepeats(sql);
        forgetFacts(sql);
        ledger.forgetCharger();
      }
      return DONE;
    },
    occasion,
  );
}
