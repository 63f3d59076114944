/** One event as the station takes it: what it tells the session book, and what the timeline shows of it. Pure. */
import type { StationMessage } from '../../charging/station-message.ts';
import type { Incoming, SeenMessage } from '../../csms/csms.ts';
import { saidMsOf } from '../../ocpp/believable-time.ts';
import { meaningOf } from '../../ocpp/index.ts';
import type { ProblemReason } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import type { ClockReading } from '../../sessions/book.ts';
import type { Entry } from './store.ts';

/**
 * What an event tells the book: nothing, when it is of no interest. 'frame-invalid' for a frame that is no OCPP
 * message, and the reason of an event that was refused before.
 */
export function messagesOf(
  incoming: Incoming,
): Result<readonly StationMessage[], { readonly reason: ProblemReason; readonly detail: string }> {
  if (incoming.kind === 'refused') return err({ reason: incoming.reason, detail: incoming.detail });
  if (incoming.kind === 'connection') return ok([{ kind: `station-${incoming.change}`, at: incoming.at }]);
  const meaning = meaningOf(incoming.message);
  if (!meaning.ok) return meaning;
  return ok(meaning.value.interest ? meaning.value.messages : []);
}

/** What becomes of an event of a time whose events nobody remembers any more. */
export const EVENT_TOO_OLD = {
  kind: 'rejected',
  reason: 'event-too-old',
  detail: 'The CSMS saw it longer ago than PAYLOAD_RETENTION_DAYS, so nobody can say whether it was delivered already.',
} as const;

/** A refusal says what is wrong in a sentence; more than this would be the sender's own text. */
const MAX_DETAIL_LENGTH = 500;

/** What the timeline shows of an event that cannot be used. */
export function refusalEntry({ reason, detail }: { readonly reason: ProblemReason; readonly detail: string }): Entry {
  return { kind: 'refused', reason, detail: detail.slice(0, MAX_DETAIL_LENGTH) };
}

/** What the timeline shows of an event. */
export function entryOf(incoming: Incoming): Entry {
  if (incoming.kind !== 'message') return incoming;
  const { protocol, direction, seenAt, frame, response } = incoming.message;
  return { kind: 'message', protocol, direction, seenAt, frame, ...(response !== undefined && { response }) };
}

/**
 * What the station's clock said in a message of now, and when the CSMS saw it. Nothing of a message without a time, or
 * one that the station says it kept while it was offline.
 */
export function clockReadingOf(incoming: Incoming): ClockReading | undefined {
  if (incoming.kind !== 'message' || incoming.message.direction !== 'cs') return undefined;
  const { frame, seenAt } = incoming.message;
  if (frame.type !== 'call' || frame.payload['offline'] === true) return undefined;
  const saidMs = saidMsOf(frame.payload);
  return saidMs === undefined ? undefined : { saidMs, seenMs: Date.parse(seenAt) };
}

/** What a message that stands in a log row tells the book; nothing when the row is gone, or tells of no message. */
export function messagesIn(message: SeenMessage | undefined): readonly StationMessage[] {
  const meaning = message && messagesOf({ kind: 'message', message });
  return meaning?.ok ? meaning.value : [];
}
