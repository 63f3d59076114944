/**
 * The names by which an event is known when it comes again. Pure. docs/delivery.md says which events count as the same.
 */
import { createHash } from 'node:crypto';
import type { SeenMessage } from '../../../csms/csms.ts';
import { believableInstant } from '../../../ocpp/believable-time.ts';
import type { IndexedIncoming, WebhookContext } from '../../station-rpc.ts';

/**
 * `kept`: what is remembered of the event, one or two names. `exact`: names that make it a repeat, for as long as they
 * are remembered. `recent`: a name that makes it a repeat for some minutes only. `saidMs`: when the event was seen, if
 * that is known (ms since the epoch).
 */
export type Names = {
  readonly kept: readonly string[];
  readonly exact: readonly string[];
  readonly recent?: string;
  readonly saidMs?: number;
};

/** The names of an event; one that has none is always news. */
export function namesOf(
  { index, incoming }: IndexedIncoming,
  { webhookId, bodyDigest = '' }: WebhookContext,
  nowMs: number,
): Names {
  const posted = webhookId === undefined ? [] : [nameOf(`webhook|${webhookId}|${bodyDigest}|${index}`)];
  if (incoming.kind === 'connection') {
    // The last release named it without its body.
    const before = webhookId === undefined ? [] : [nameOf(`webhook|${webhookId}|${index}`)];
    return { kept: posted, exact: [...posted, ...before] };
  }
  if (incoming.kind === 'refused') return { kept: [], exact: [] };
  const { message } = incoming;
  // The last release named a frame by its JSON as it came.
  const before = nameOf(`frame|${message.direction}|${JSON.stringify(message.frame)}`);
  const { seenAt, isSeenAtAssumed } = message;
  const text = `event|${message.direction}|${canonical(message.frame)}`;
  // The same body says the same time, so its place in the webhook adds nothing to the name of a frame with a time.
  const isTimed = hasOwnTime(message);
  if (!isSeenAtAssumed) {
    const said = nameOf(isTimed ? text : `${text}|${seenAt}`);
    return { kept: [said], exact: [said, ...posted, before], saidMs: Date.parse(seenAt) };
  }
  const said = nameOf(text);
  const kept = isTimed ? [said] : [recentName(said, nowMs), ...posted];
  return { kept, exact: [said, ...posted, before], recent: said };
}

/** A hash of 96 bits: a chance repeat among a million events of one charger has a probability under 1e-17. */
export const nameOf = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 16);

/** A name with the second at which it was given. */
const recentName = (name: string, nowMs: number) => `${name}:${Math.floor(nowMs / 1000)}`;

/** JSON with the members of every object in one order. The depth of what comes in is bounded. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join()}}`;
}

/** Whether the frame says a time that can be true, so that the same frame cannot be said twice. */
function hasOwnTime({ frame, seenAt }: SeenMessage): boolean {
  return frame.type !== 'call-error' && holdsTime(frame.payload, seenAt);
}

function holdsTime(value: unknown, seenAt: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, member]) =>
      (key === 'timestamp' && believableInstant(member, seenAt) !== undefined) || holdsTime(member, seenAt),
  );
}
