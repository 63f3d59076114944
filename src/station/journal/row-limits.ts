/** How much one message may bring, so that its row can be stored: the platform takes rows of up to 2 MB. Pure. */
import type { Incoming } from '../../csms/csms.ts';
import { thinned, type Shorter } from '../../ocpp/thinning.ts';
import type { SessionBook } from '../../sessions/book.ts';
import { entryOf } from './incoming.ts';
import type { Entry } from './store.ts';

/**
 * A message stands in its row up to three times: as it came, as events, in the book. In characters, of up to three
 * bytes each.
 */
const MAX_ENTRY_LENGTH = 131_072;
/** Messages up to this length cannot make the book too large, however many sessions run. */
const SMALL_ENTRY_LENGTH = 8192;
const MAX_BOOK_BYTES = 786_432;

/** An event as it is taken, with its row. */
export type Fitted = { readonly incoming: Incoming; readonly entry: Entry };

type Excess = { readonly reason: 'frame-invalid'; readonly detail: string };

/** An event whose row can be stored. The end of a session is made as short as it has to be, and its row says so. */
export const fitted = (incoming: Incoming) => fittedTo(incoming, MAX_ENTRY_LENGTH);

/** The end of a session so short that it can be stored whatever the sessions hold; another event as it is. */
export const fittedTightly = (incoming: Incoming) => fittedTo(incoming, SMALL_ENTRY_LENGTH);

function fittedTo(incoming: Incoming, limit: number): Fitted {
  const entry = entryOf(incoming);
  if (incoming.kind !== 'message' || incoming.message.frame.type !== 'call' || lengthOf(entry) <= limit) {
    return { incoming, entry };
  }
  const { message } = incoming;
  const { frame } = incoming.message;
  const made = ({ payload, response, thinned: counts }: Shorter) => {
    const shorter = { kind: 'message', message: { ...message, frame: { ...frame, payload }, response } } as const;
    return { incoming: shorter, entry: { ...entryOf(shorter), thinned: counts } };
  };
  const left = thinned(message, (shorter) => lengthOf(made(shorter).entry) <= limit);
  return left === undefined ? { incoming, entry } : made(left);
}

/** Why a message is too large by itself, or undefined. */
export function excessOf(entry: Entry): Excess | undefined {
  if (lengthOf(entry) <= MAX_ENTRY_LENGTH) return undefined;
  return { reason: 'frame-invalid', detail: `One message may hold at most ${MAX_ENTRY_LENGTH} characters.` };
}

/**
 * Why a message is too much beside what the sessions of its charger hold already, or undefined. `book`: with the
 * message in it.
 */
export function excessIn(book: SessionBook, entry: Entry): Excess | undefined {
  if (lengthOf(entry) <= SMALL_ENTRY_LENGTH) return undefined;
  if (new TextEncoder().encode(JSON.stringify(book)).length <= MAX_BOOK_BYTES) return undefined;
  return {
    reason: 'frame-invalid',
    detail: 'The sessions of this charger hold too much already; send shorter messages.',
  };
}

const lengthOf = (entry: Entry) => JSON.stringify(entry).length;
