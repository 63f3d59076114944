/**
 * One provider's lane at one charger: oldest first, one request in flight, nothing overtakes. A deferred message holds the lane,
 * a rejected one is parked and the lane moves on. The lane's run is one of the two places that catch what is thrown.
 */
import type { ConfiguredProvider, Exchange, Outcome, ProviderMessage } from '../providers/provider.ts';
import { backoffMs } from './backoff.ts';
import type { Delivery, LaneRow, OwedRow } from './store.ts';

/** A message that will not be delivered by itself any more, and why. */
export type DeadLetter = {
  readonly provider: string;
  readonly seq: number;
  readonly part: number;
  readonly reason: string;
  readonly attempts: number;
  readonly message: ProviderMessage | undefined;
  readonly answer: Exchange | undefined;
};

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
  /** The provider with its settings, or undefined while it is switched off: then the lane holds. */
  readonly provider: () => ConfiguredProvider | undefined;
  readonly nextOwed: (afterSeq: number) => OwedRow | undefined;
  readonly messages: (provider: ConfiguredProvider, row: OwedRow) => readonly ProviderMessage[];
  readonly send: (provider: ConfiguredProvider, message: ProviderMessage, row: OwedRow) => Promise<Exchange>;
  readonly settle: (seq: number, delivery: Delivery) => void;
  /** Stores where the lane stands, so that an eviction forgets nothing. */
  readonly hold: (lane: LaneRow) => void;
  readonly park: (letter: DeadLetter) => Promise<void>;
  readonly note: (attempt: Attempt) => void;
  readonly fault: (error: unknown) => void;
  /** Asks to be drained again at this time (ms since the epoch). */
  readonly wake: (at: number) => void;
};

/** A lane whose own machinery failed (storage, a bug) looks again after this time. */
const FAULT_WAIT_MS = 30_000;
/** A provider that is switched off is looked for again after this time. */
const OFF_WAIT_MS = 10 * 60_000;

export class Lane {
  readonly name: string;
  readonly #world: LaneWorld;
  #isDraining = false;
  #sendingSeq: number | undefined;
  #doneSeq = 0;
  #held: LaneRow;
  #parked: string | undefined;

  constructor(name: string, world: LaneWorld, held?: LaneRow) {
    this.name = name;
    this.#world = world;
    this.#held = held ?? { provider: name, seq: 0, part: 0, attempts: 0, dueAt: 0 };
  }

  /** Whether a request for this row is in flight. */
  isSending(seq: number): boolean {
    return this.#sendingSeq === seq;
  }

  /** When the lane may try again; in the past when nothing holds it. */
  get dueAt(): number {
    return this.#held.dueAt;
  }

  /** Delivers what is owed until nothing is, or the lane must hold. Calls while it runs change nothing; it never throws. */
  async drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      while (await this.#step()) {
        // Each step re-reads the head: other calls interleave while a request is in flight.
      }
    } catch (error) {
      this.#world.fault(error);
      this.#world.wake(this.#world.now() + FAULT_WAIT_MS);
    } finally {
      this.#sendingSeq = undefined;
      this.#isDraining = false;
    }
  }

  /** One message of the oldest row; true when there may be more to do now. */
  async #step(): Promise<boolean> {
    const row = this.#world.nextOwed(this.#doneSeq);
    if (row === undefined) return false;
    if (this.#held.dueAt > this.#world.now()) {
      this.#world.wake(this.#held.dueAt);
      return false;
    }
    const provider = this.#world.provider();
    if (provider === undefined) return this.#defer(row, OFF_WAIT_MS);
    const part = this.#partOf(row);
    const messages = this.#translate(provider, row);
    if (messages === undefined) return this.#park(row, { reason: 'translation-failed' });
    const message = messages[part];
    if (message === undefined) return this.#finish(row, messages.length);
    if (this.#world.now() - row.receivedAt > this.#world.maxAgeMs())
      return this.#park(row, { reason: 'expired', message });
    return this.#deliver(provider, row, message);
  }

  /** A translation that throws is a bug in it: its message is parked, the lane goes on. */
  #translate(provider: ConfiguredProvider, row: OwedRow): readonly ProviderMessage[] | undefined {
    try {
      return this.#world.messages(provider, row);
    } catch (error) {
      this.#world.fault(error);
      return undefined;
    }
  }

  async #deliver(provider: ConfiguredProvider, row: OwedRow, message: ProviderMessage): Promise<boolean> {
    const startedAt = this.#world.now();
    this.#sendingSeq = row.seq;
    const exchange = await this.#world.send(provider, message, row);
    this.#sendingSeq = undefined;
    const now = this.#world.now();
    const outcome = provider.classify(exchange, now);
    const part = this.#partOf(row);
    const attempt = this.#attemptsOf(row) + 1;
    const { seq, requestId } = row;
    const at = { provider: this.name, seq, part, requestId, name: message.name };
    this.#world.note({ ...at, attempt, durationMs: now - startedAt, exchange, outcome });
    switch (outcome.kind) {
      case 'delivered':
        this.#held = { ...this.#held, seq, part: part + 1, attempts: 0, dueAt: 0 };
        return true;
      case 'rejected':
        return this.#park(row, { reason: outcome.reason, message, answer: exchange });
      case 'deferred':
        return this.#defer(row, backoffMs(attempt, this.#world.random(), outcome.retryAfterMs));
    }
  }

  #partOf(row: OwedRow): number {
    return this.#held.seq === row.seq ? this.#held.part : 0;
  }

  #attemptsOf(row: OwedRow): number {
    return this.#held.seq === row.seq ? this.#held.attempts : 0;
  }

  #defer(row: OwedRow, waitMs: number): false {
    const dueAt = this.#world.now() + waitMs;
    const attempts = this.#attemptsOf(row) + 1;
    this.#held = { provider: this.name, seq: row.seq, part: this.#partOf(row), attempts, dueAt };
    this.#world.hold(this.#held);
    this.#world.wake(dueAt);
    return false;
  }

  /** Parks the message, first where operators look for it, then here; a failure in between parks it again, under the same id. */
  async #park(
    row: OwedRow,
    why: { readonly reason: string; readonly message?: ProviderMessage; readonly answer?: Exchange },
  ): Promise<true> {
    const part = this.#partOf(row);
    const { reason, message, answer } = why;
    const attempts = this.#attemptsOf(row) + (answer === undefined ? 0 : 1);
    await this.#world.park({ provider: this.name, seq: row.seq, part, reason, attempts, message, answer });
    this.#parked = reason;
    this.#held = { ...this.#held, seq: row.seq, part: part + 1, attempts: 0, dueAt: 0 };
    if (message === undefined) this.#finish(row, 1);
    return true;
  }

  #finish(row: OwedRow, messages: number): true {
    const outcome = this.#parked === undefined ? (messages === 0 ? 'skipped' : 'delivered') : 'parked';
    const attempts = messages;
    this.#world.settle(row.seq, {
      outcome,
      at: this.#world.now(),
      attempts,
      ...(this.#parked !== undefined && { reason: this.#parked }),
    });
    this.#parked = undefined;
    this.#doneSeq = row.seq;
    return true;
  }
}
