/**
 * Which of a charger's times can be true. The one place of this rule: for what is placed, for what is sent, for
 * repeats. Pure.
 */
import { instant, isObject, list, type Json } from './tolerant.ts';

/** A clock that says a year before this one was never set. */
const EARLIEST_MS = Date.UTC(2015, 0, 1);
/** A charger's clock may be this much ahead of its CSMS. */
const AHEAD_MS = 5 * 60_000;

/** A CSMS's clock may be this much ahead of ours: it is wrong when all its events are, and they stay in order. */
const CSMS_AHEAD_MS = 24 * 60 * 60_000;

/** Whether a CSMS can have seen a frame then (RFC 3339), of which we learned at `receivedAt`. */
export function canBeSeenAt(at: string, receivedAt: string): boolean {
  return isPossible(at, Date.parse(receivedAt) + CSMS_AHEAD_MS);
}

function isPossible(at: string, latestMs: number): boolean {
  const atMs = Date.parse(at);
  return atMs >= EARLIEST_MS && atMs <= latestMs;
}

/** The time that a charger gave, in RFC 3339; undefined when it gave none, and when it cannot be true. */
export function believableInstant(value: unknown, seenAt: string): string | undefined {
  const at = instant(value);
  return at !== undefined && isPossible(at, Date.parse(seenAt) + AHEAD_MS) ? at : undefined;
}

/** The same of a status. One that gave no time is of now; one whose time cannot be true is of when it was seen. */
export function timeOfStatus(value: unknown, seenAt: string): string | undefined {
  return instant(value) === undefined ? undefined : (believableInstant(value, seenAt) ?? seenAt);
}

/** When a station says that it said a message (ms since the epoch), whether that can be true or not. */
export function saidMsOf(payload: Json): number | undefined {
  const readAt = list(payload['meterValue']).map((value) => (isObject(value) ? value['timestamp'] : undefined));
  const times = [payload['timestamp'], ...readAt].flatMap((value) => {
    const at = instant(value);
    return at === undefined ? [] : [Date.parse(at)];
  });
  return times.length === 0 ? undefined : times.reduce((newest, at) => Math.max(newest, at));
}
