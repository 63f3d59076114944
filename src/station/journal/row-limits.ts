/** How much one message may bring, so that its row can be stored: the platform takes rows of up to 2 MB. Pure. */
import type { SessionBook } from '../../sessions/book.ts';
import type { Entry } from './store.ts';

/** A message stands in its row up to three times: as it came, as events, in the book. In characters, of up to three bytes each. */
const MAX_ENTRY_LENGTH = 131_072;
/** Messages up to this length cannot make the book too large, however many sessions run. */
const SMALL_ENTRY_LENGTH = 8192;
const MAX_BOOK_BYTES = 786_432;

type Excess = { readonly reason: 'frame-invalid'; readonly detail: string };

/** Why a message is too large by itself, or undefined. */
export function excessOf(entry: Entry): Excess | undefined {
  if (lengthOf(entry) <= MAX_ENTRY_LENGTH) return undefined;
  return { reason: 'frame-invalid', detail: `One message may hold at most ${MAX_ENTRY_LENGTH} characters.` };
}

/** Why a message is too much beside what the sessions of its charger hold already, or undefined. `book`: with the message in it. */
export function excessIn(book: SessionBook, entry: Entry): Excess | undefined {
  if (lengthOf(entry) <= SMALL_ENTRY_LENGTH) return undefined;
  if (new TextEncoder().encode(JSON.stringify(book)).length <= MAX_BOOK_BYTES) return undefined;
  return {
    reason: 'frame-invalid',
    detail: 'The sessions of this charger hold too much already; send shorter messages.',
  };
}

const lengthOf = (entry: Entry) => JSON.stringify(entry).length;
