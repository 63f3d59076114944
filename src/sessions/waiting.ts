/**
 * What cannot be placed yet: held in the book for some minutes, then looked up in its log row when it can be placed.
 * Pure.
 */
import type { StationMessage } from '../charging/station-message.ts';
import type { Around, Moment, SessionBook, Shelved, Step, Waiting } from './book.ts';

/**
 * How long what is said after a start waits for its answer, and how long the book itself holds a message that waits.
 */
export const WAIT_MS = 10 * 60_000;
/** How long a start waits for its answer, an answer for its start, and a message for its session. */
export const LONG_WAIT_MS = 24 * 60 * 60_000;

/** How many messages may wait for their session, and starts for their answer. */
export const WAITING_LIMIT = 64;
/** What all that waits may amount to, as JSON: it is stored with every row, and a row has a limit of 2 MB. */
const WAITING_LENGTH = 524_288;

/** Lets a message wait; beyond the limits the oldest are given up. */
export function wait(book: SessionBook, message: StationMessage, turn: Moment): Step {
  const waiting = [...book.waiting, { message, since: turn.nowMs, seq: turn.seq }];
  let excess = Math.max(0, waiting.length - WAITING_LIMIT);
  while (excess < waiting.length - 1 && JSON.stringify(waiting.slice(excess)).length > WAITING_LENGTH) excess += 1;
  return { book: { ...book, waiting: waiting.slice(excess) }, events: [], kept: unknown(waiting.slice(0, excess)) };
}

/**
 * From here on the messages of which `isLong` holds are known by their log row only. A status never waits that long.
 */
export function shelve(book: SessionBook, isLong: (waiting: Waiting) => boolean): Step {
  const isShelved = (each: Waiting) => each.message.kind !== 'status-reported' && isLong(each);
  const more = book.waiting.filter(isShelved).map(shelfMark);
  if (more.length === 0) return { book, events: [], kept: [] };
  const all = [...(book.shelved ?? []), ...more];
  return {
    book: {
      ...book,
      waiting: book.waiting.filter((each) => !isShelved(each)),
      shelved: all.slice(-WAITING_LIMIT),
    },
    events: [],
    kept: unknown(all.slice(0, -WAITING_LIMIT)),
  };
}

/**
 * Takes messages from the shelf: they wait in the book again, as they stand in their log rows. Rows that are gone are
 * given up.
 */
export function unshelve(book: SessionBook, isRipe: (shelved: Shelved) => boolean, { recall }: Around): Step {
  const ripe = book.shelved?.filter(isRipe) ?? [];
  if (ripe.length === 0) return { book, events: [], kept: [] };
  const found = ripe.map((shelved) => ({ shelved, messages: recall?.(shelved.seq).filter(canWaitLong) ?? [] }));
  const waiting = found.flatMap(({ shelved: { since, seq }, messages }) =>
    messages.map((message) => ({ since, seq, message })),
  );
  return {
    book: {
      ...book,
      waiting: [...book.waiting, ...waiting],
      shelved: book.shelved?.filter((each) => !ripe.includes(each)) ?? [],
    },
    events: [],
    kept: unknown(found.flatMap(({ shelved, messages }) => (messages.length === 0 ? [shelved] : []))),
  };
}

/** Messages in the order in which they were said; of one moment the end of a session last. */
export function inOrder(waiting: readonly Waiting[]): readonly Waiting[] {
  const saidAt = ({ message, since }: Waiting) => ('at' in message ? Date.parse(message.at) : since);
  return waiting.toSorted(
    (a, b) => saidAt(a) - saidAt(b) || Number(isStop(a.message)) - Number(isStop(b.message)) || a.seq - b.seq,
  );
}

/** Whether a message is the end of a session. */
export const isStop = (message: StationMessage) =>
  message.kind === 'stopped' || (message.kind === 'transaction-step' && message.step === 'ended');

const canWaitLong = ({ kind }: StationMessage) =>
  kind === 'readings-reported' || kind === 'stopped' || kind === 'transaction-step';

/** What is known of a message without its content. */
export function shelfMark({ since, seq, message }: Waiting): Shelved {
  const mark = { since, seq, at: 'at' in message ? message.at : '' };
  const evse = 'evse' in message && message.evse ? { evseId: message.evse.evseId } : {};
  const isNamed = 'transactionId' in message && message.transactionId !== undefined;
  return { ...mark, ...evse, ...(isNamed && { stationId: String(message.transactionId) }) };
}

const unknown = (given: readonly { readonly seq: number }[]) =>
  given.map(({ seq }) => ({ seq, reason: 'session-unknown' as const }));

/** What each log row waits for whose message could not be placed yet, in words that an operator understands. */
export function waitedFor({ starts, answers, waiting, shelved = [] }: SessionBook): ReadonlyMap<number, string> {
  return new Map([
    ...starts.map(({ seq, request }) => [seq, `the answer to message ${request.messageId}`] as const),
    ...answers.map(({ seq, answer }) => [seq, `the StartTransaction with message id ${answer.messageId}`] as const),
    ...[...waiting.map(shelfMark), ...shelved].map((mark) => [mark.seq, placeOf(mark)] as const),
  ]);
}

const placeOf = ({ stationId, evseId }: Shelved) =>
  stationId === undefined ? `the answer to the start on EVSE ${evseId}` : `the start of transaction ${stationId}`;
