/** The port of a recipient: what a charger's lanes deliver to. A provider is a recipient that can be paired with. */
import type { ChargeEvent } from './charging/charge-event.ts';
import type { Charger } from './charging/charger.ts';

/** One HTTP request. `name` is what the timeline calls it ("StartTransaction"); `path` starts with "/". */
export type OutgoingMessage = {
  readonly name: string;
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: unknown;
};

/** What came back: an answer, with the beginning of its body, or no answer in time. */
export type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter: string | null; readonly body: string }
  | { readonly kind: 'no-answer'; readonly cause: 'timeout' | 'network' | 'credential'; readonly detail: string };

/**
 * What an exchange means for the delivery. delivered: the lane goes on. rejected: a repeat would be rejected too, so
 * the message is parked, and the lane goes on. deferred: the lane waits and tries again, not before `retryAfterMs` if
 * given.
 */
export type Outcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'deferred'; readonly reason: string; readonly retryAfterMs?: number };

/** What a recipient needs for one call. `traceparent` (W3C Trace Context) connects the attempt with its webhook. */
export type DeliveryIo = {
  readonly cache: KVNamespace;
  readonly timeoutMs: number;
  readonly now: number;
  readonly traceparent?: string;
};

/** What a translation needs beside the event. `seqNo` counts what this recipient was sent of the session, from 0. */
export type TranslationContext = { readonly charger: Charger; readonly seqNo: number };

/** A recipient with its settings read. */
export type Recipient = {
  readonly name: string;
  /** Pure and synchronous. Gives no message when the recipient's protocol cannot express any part of the event. */
  readonly translate: (event: ChargeEvent, context: TranslationContext) => readonly OutgoingMessage[];
  readonly send: (message: OutgoingMessage, io: DeliveryIo) => Promise<Exchange>;
  readonly classify: (exchange: Exchange, now: number, message: OutgoingMessage) => Outcome;
};

/**
 * What is owed, and to whom. `to` is recipient → that recipient's `seqNo` of the session (0 outside sessions). An event
 * is translated when it is sent. A `message` was translated before it was parked, and is sent again as it was.
 */
export type Deliverable = { readonly to: Readonly<Record<string, number>> } & (
  | { readonly event: ChargeEvent; readonly message?: never }
  | { readonly message: OutgoingMessage; readonly event?: never }
);

/** How the delivery of a row to one recipient ended. `attempts` counts requests. */
export type Delivery = {
  readonly outcome: 'delivered' | 'parked' | 'empty' | 'superseded' | 'dropped';
  readonly at: number;
  readonly attempts: number;
  readonly reason?: string;
};

/**
 * What the lane gave up, and why. `deliverables` is what a replay sends: the message as it was; or the events, to be
 * translated again, when there was no message because its translation failed or its recipient is off.
 */
export type DeadLetter = {
  readonly provider: string;
  readonly seq: number;
  readonly part: number;
  readonly reason: string;
  readonly attempts: number;
  readonly receivedAt: number;
  readonly deliverables: readonly Deliverable[];
  readonly answer: Exchange | undefined;
};
