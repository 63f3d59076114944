/** A lane and the world around it: what it reports, what it parks, and all that it needs. Types only. */
import type { DeadLetter, Delivery, Exchange, Outcome, OutgoingMessage, Recipient } from '../../recipient.ts';
import type { LanePlace } from './lane-places.ts';
import type { OwedRow } from '../journal/backlog.ts';

/** What one attempt came to, for the log and the timeline. */
export type Attempt = {
  readonly provider: string;
  readonly seq: number;
  readonly part: number;
  readonly requestId: string;
  readonly name: string;
  readonly attempt: number;
  readonly durationMs: number;
  readonly exchange: Exchange;
  readonly outcome: Outcome;
};

/** All that a lane needs of the world around it. */
export type LaneWorld = {
  readonly now: () => number;
  readonly random: () => number;
  readonly maxAgeMs: () => number;
  /** The recipient with its settings, or undefined while it is switched off: then the lane waits. */
  readonly recipient: () => Recipient | undefined;
  readonly isPaused: () => boolean;
  /** The oldest row that is owed. */
  readonly nextOwed: () => OwedRow | undefined;
  readonly isSuperseded: (row: OwedRow) => boolean;
  readonly messages: (recipient: Recipient, row: OwedRow) => readonly OutgoingMessage[];
  readonly send: (recipient: Recipient, message: OutgoingMessage, row: OwedRow) => Promise<Exchange>;
  /** Asked by a lane in trouble before each request: how long to wait, and whether the place after it is kept. */
  readonly permit: () => Promise<{ readonly waitMs: number; readonly isReserved: boolean }>;
  /** Told by a lane in trouble how each request went; of a failure only when it is not the message's first. */
  readonly report: (isDelivered: boolean) => void;
  /** The row is done with: `nextOwed` does not give it again. */
  readonly ended: (seq: number, delivery: Delivery) => void;
  /** Stores where the lane stands, so that an eviction forgets nothing. `reason`: why it waits, if that is known. */
  readonly savePlace: (place: LanePlace, reason: string | undefined) => void;
  /** Nothing is owed any more: what `savePlace` stored may go. */
  readonly recovered: () => void;
  /** Keeps what the lane gives up. It is stored before anything else is sent. */
  readonly park: (letter: DeadLetter) => void;
  readonly note: (attempt: Attempt) => void;
  readonly fault: (error: unknown) => void;
  /** Asks to be drained again at this time (ms since the epoch). */
  readonly wake: (at: number) => void;
};
