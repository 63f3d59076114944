/**
 * One provider's lane at one charger: oldest first, one request in flight, nothing overtakes. A deferred message holds the lane,
 * a rejected one is parked and the lane moves on. The lane's run is one of the two places that catch what is thrown.
 */
import type { ConfiguredProvider, Exchange, Outcome, ProviderMessage } from '../providers/provider.ts';
import { backoffMs } from './backoff.ts';
import type { Deliverable, Delivery, LaneRow, OwedRow } from './store.ts';

/** What will not be delivered by itself any more, and why. `deliverables` is what a replay sends: the message as it was, or, when its translation failed, the events to translate again. */
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
  readonly isPaused: () => boolean;
  readonly nextOwed: (afterSeq: number) => OwedRow | undefined;
  readonly isSuperseded: (row: OwedRow) => boolean;
  readonly messages: (provider: ConfiguredProvider, row: OwedRow) => readonly ProviderMessage[];
  readonly send: (provider: ConfiguredProvider, message: ProviderMessage, row: OwedRow) => Promise<Exchange>;
  /** Asked by a lane in trouble before each request: how long to wait, and whether the place after it is kept. */
  readonly permit: () => Promise<{ readonly waitMs: number; readonly isReserved: boolean }>;
  /** Told by a lane in trouble how each request went. */
  readonly report: (isDelivered: boolean) => void;
  readonly settle: (seq: number, delivery: Delivery) => void;
  /** Stores where the lane stands, so that an eviction forgets nothing. */
  readonly hold: (lane: LaneRow) => void;
  /** The lane was in trouble, and nothing is owed any more. */
  readonly recovered: () => void;
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
  /** Requests made for the row at the head, and why any part of it was parked. */
  #requests = 0;
  #parked: string | undefined;
  /** Since a failure, and until nothing is owed any more: then every request asks for a permit first. */
  #isInTrouble: boolean;
  #hasPermit = false;

  constructor(name: string, world: LaneWorld, held?: LaneRow) {
    this.name = name;
    this.#world = world;
    this.#held = held ?? { provider: name, seq: 0, part: 0, attempts: 0, dueAt: 0 };
    this.#isInTrouble = this.#held.attempts > 0;
  }

  /** Whether a request for this row is in flight. */
  isSending(seq: number): boolean {
    return this.#sendingSeq === seq;
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
    if (this.#world.isPaused()) return false;
    const row = this.#world.nextOwed(this.#doneSeq);
    if (row === undefined) return this.#recover();
    if (this.#held.dueAt > this.#world.now()) {
      this.#world.wake(this.#held.dueAt);
      return false;
    }
    const provider = this.#world.provider();
    if (provider === undefined) return this.#holdFor(row, OFF_WAIT_MS);
    if (this.#isInTrouble && this.#world.isSuperseded(row)) return this.#finish(row, 'superseded');
    const messages = this.#translate(provider, row);
    if (messages === undefined) return this.#park(row, { reason: 'translation-failed' });
    const message = messages[this.#partOf(row)];
    if (message === undefined) return this.#finish(row, messages.length === 0 ? 'empty' : 'delivered');
    if (this.#world.now() - row.receivedAt > this.#world.maxAgeMs())
      return this.#park(row, { reason: 'expired', message });
    return (await this.#isPermitted(row)) && this.#deliver(provider, row, message);
  }

  /** Nothing is owed any more: whatever trouble there was is over. */
  #recover(): false {
    if (this.#isInTrouble) this.#world.recovered();
    this.#isInTrouble = false;
    return false;
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

  async #isPermitted(row: OwedRow): Promise<boolean> {
    if (!this.#isInTrouble || this.#hasPermit) return true;
    const { waitMs, isReserved } = await this.#world.permit();
    this.#hasPermit = isReserved;
    return waitMs <= 0 || this.#holdFor(row, waitMs);
  }

  async #deliver(provider: ConfiguredProvider, row: OwedRow, message: ProviderMessage): Promise<boolean> {
    const startedAt = this.#world.now();
    this.#hasPermit = false;
    this.#sendingSeq = row.seq;
    const exchange = await this.#world.send(provider, message, row);
    this.#sendingSeq = undefined;
    this.#requests += 1;
    const now = this.#world.now();
    const outcome = provider.classify(exchange, now);
    const { seq, requestId } = row;
    const [part, attempt] = [this.#partOf(row), this.#attemptsOf(row) + 1];
    const at = { provider: this.name, seq, part, requestId, name: message.name };
    this.#world.note({ ...at, attempt, durationMs: now - startedAt, exchange, outcome });
    if (this.#isInTrouble || outcome.kind === 'deferred') this.#world.report(outcome.kind !== 'deferred');
    switch (outcome.kind) {
      case 'delivered':
        return this.#advance(row);
      case 'rejected':
        return this.#park(row, { reason: outcome.reason, message, answer: exchange });
      case 'deferred':
        this.#isInTrouble = true;
        this.#held = { ...this.#held, seq, part, attempts: attempt };
        return this.#holdFor(row, backoffMs(attempt, this.#world.random(), outcome.retryAfterMs));
    }
  }

  #partOf(row: OwedRow): number {
    return this.#held.seq === row.seq ? this.#held.part : 0;
  }

  #attemptsOf(row: OwedRow): number {
    return this.#held.seq === row.seq ? this.#held.attempts : 0;
  }

  #advance(row: OwedRow): true {
    this.#held = { ...this.#held, seq: row.seq, part: this.#partOf(row) + 1, attempts: 0, dueAt: 0 };
    return true;
  }

  #holdFor(row: OwedRow, waitMs: number): false {
    const dueAt = this.#world.now() + waitMs;
    const [part, attempts] = [this.#partOf(row), this.#attemptsOf(row)];
    this.#held = { provider: this.name, seq: row.seq, part, attempts, dueAt };
    this.#world.hold(this.#held);
    this.#world.wake(dueAt);
    return false;
  }

  /** Parks the message where operators look for it, then moves on; a crash in between parks it again, under the same id. */
  async #park(
    row: OwedRow,
    why: { readonly reason: string; readonly message?: ProviderMessage; readonly answer?: Exchange },
  ): Promise<true> {
    const { reason, message, answer } = why;
    const { seq, receivedAt } = row;
    const attempts = this.#attemptsOf(row) + (answer === undefined ? 0 : 1);
    const part = this.#partOf(row);
    const deliverables =
      message === undefined
        ? row.deliverables.filter(({ to }) => this.name in to)
        : [{ message, to: { [this.name]: 0 } }];
    await this.#world.park({ provider: this.name, seq, part, reason, attempts, receivedAt, deliverables, answer });
    this.#parked = reason;
    return message === undefined ? this.#finish(row, 'delivered') : this.#advance(row);
  }

  #finish(row: OwedRow, outcome: Exclude<Delivery['outcome'], 'parked'>): true {
    const isParked = this.#parked !== undefined;
    this.#world.settle(row.seq, {
      outcome: isParked ? 'parked' : outcome,
      at: this.#world.now(),
      attempts: this.#requests,
      ...(this.#parked !== undefined && { reason: this.#parked }),
    });
    this.#parked = undefined;
    this.#requests = 0;
    this.#doneSeq = row.seq;
    return true;
  }
}
