/** The port of a recipient: whatever a charger's lanes deliver to. A provider is a recipient that can also be paired with. */
import type { ChargeEvent } from './charging/charge-event.ts';
import type { Charger } from './charging/charger.ts';

/** One HTTP request to a recipient. `name` is what the timeline calls it ("StartTransaction"); `path` starts with "/". */
export type OutgoingMessage = {
  readonly name: string;
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: unknown;
};

/** What came back: an answer (body bounded), or none in time. */
export type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter: string | null; readonly body: string }
  | { readonly kind: 'no-answer'; readonly cause: 'timeout' | 'network' | 'credential'; readonly detail: string };

/**
 * What an exchange means for the delivery. delivered: the lane moves on. rejected: repeating cannot cure it, so it is parked
 * and the lane moves on. deferred: the lane holds and tries again, not before `retryAfterMs` when given.
 */
export type Outcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'deferred'; readonly reason: string; readonly retryAfterMs?: number };

/** What a recipient needs from the world for one call. `traceparent` (W3C) ties the attempt to its webhook. */
export type DeliveryIo = {
  readonly cache: KVNamespace;
  readonly timeoutMs: number;
  readonly now: number;
  readonly traceparent?: string;
};

/** The facts a translation needs beside the event; `seqNo` counts what this recipient was sent of the session, from 0. */
export type TranslationContext = { readonly charger: Charger; readonly seqNo: number };

/** A recipient with its settings read. */
export type Recipient = {
  readonly name: string;
  /** Pure and synchronous. A wanted event may still come to nothing, when none of its samples can be said in the recipient's words. */
  readonly translate: (event: ChargeEvent, context: TranslationContext) => readonly OutgoingMessage[];
  readonly send: (message: OutgoingMessage, io: DeliveryIo) => Promise<Exchange>;
  readonly classify: (exchange: Exchange, now: number, message: OutgoingMessage) => Outcome;
};

/**
 * What is owed, and to whom: recipient → that recipient's `seqNo` of the session (0 outside sessions). An event is translated when it
 * is sent; a `message` was translated before it was parked, and goes out as it was.
 */
export type Deliverable = { readonly to: Readonly<Record<string, number>> } & (
  | { readonly event: ChargeEvent; readonly message?: never }
  | { readonly message: OutgoingMessage; readonly event?: never }
);

/** How one recipient's part of a row ended. `attempts` counts requests. */
export type Delivery = {
  readonly outcome: 'delivered' | 'parked' | 'empty' | 'superseded';
  readonly at: number;
  readonly attempts: number;
  readonly reason?: string;
};

/**
 * What will not be delivered by itself any more, and why. `deliverables` is what a replay sends: the message as it was, or, when
 * there was no message (its translation failed, or its recipient is off), the events to translate again.
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
