/** One event as the station takes it: what it tells the session book, and what the timeline shows of it. Pure. */
import type { StationMessage } from '../../charging/station-message.ts';
import type { Incoming } from '../../csms/csms.ts';
import { meaningOf } from '../../ocpp/index.ts';
import { ok, type Result } from '../../result.ts';
import type { Entry } from './store.ts';

/** What an event tells the book: nothing, when it is of no interest. 'frame-invalid' for a frame that is no OCPP message. */
export function messagesOf(
  incoming: Incoming,
): Result<readonly StationMessage[], { readonly reason: 'frame-invalid'; readonly detail: string }> {
  if (incoming.kind === 'connection') return ok([{ kind: `station-${incoming.change}`, at: incoming.at }]);
  const meaning = meaningOf(incoming.message);
  if (!meaning.ok) return meaning;
  return ok(meaning.value.interest ? meaning.value.messages : []);
}

/** What the timeline shows of an event. */
export function entryOf(incoming: Incoming): Entry {
  if (incoming.kind === 'connection') return incoming;
  const { protocol, direction, seenAt, frame, response } = incoming.message;
  return { kind: 'message', protocol, direction, seenAt, frame, ...(response !== undefined && { response }) };
}
