/**
 * One recipient's lane at one charger: oldest first, one request in flight, nothing overtakes. A deferred message holds the lane,
 * a rejected one is parked and the lane moves on. The lane's run catches what is thrown.
 */
import type { Deliverable, Delivery, Exchange, OutgoingMessage, Recipient } from '../../recipient.ts';
import { backoffMs } from '../backoff.ts';
import type { LaneRow } from './lane-rows.ts';
import type { LaneWorld } from './lane-world.ts';
import type { OwedRow } from '../journal/backlog.ts';

/** A lane whose own machinery failed (storage, a bug) looks again after this time. */
const FAULT_WAIT_MS = 30_000;
/** A recipient that is switched off is looked for again after this time. */
const OFF_WAIT_MS = 10 * 60_000;
/** One run makes at most this many requests, then asks for another run: the platform bounds what one event may call. */
export const REQUESTS_PER_RUN = 200;

const EXPIRED = { reason: 'expired' };
const BEGINNING = { part: 0, attempts: 0, dueAt: 0, requests: 0, parked: undefined };

/** The oldest row that is owed, with the messages that it was translated into. */
type Head = { readonly row: OwedRow; messages?: readonly OutgoingMessage[] | undefined };

export class Lane {
  readonly name: string;
  readonly #world: LaneWorld;
  #running: Promise<void> | undefined;
  #isCalledAgain = false;
  #runRequests = 0;
  /** Where the lane stands in the row at the head. */
  #held: LaneRow;
  /** Read and translated once, and kept while its messages are sent one by one. */
  #head: Head | undefined;
  /** Since it first held, and until nothing is owed any more: then every request asks for a permit first. */
  #isInTrouble: boolean;
  #hasPermit = false;

  constructor(name: string, world: LaneWorld, held?: LaneRow) {
    this.name = name;
    this.#world = world;
    this.#held = held ?? { ...BEGINNING, provider: name, seq: 0 };
    this.#isInTrouble = held !== undefined;
  }

  /** Somebody waits: what would be tried later is tried by the next run. */
  hurry(): void {
    this.#held = { ...this.#held, dueAt: 0 };
  }

  /**
   * Delivers what is owed until nothing is, or the lane must hold. A call while it runs makes it look once more, and ends with it;
   * it never throws.
   */
  drain(): Promise<void> {
    this.#isCalledAgain = true;
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    this.#runRequests = 0;
    try {
      while (this.#isCalledAgain) {
        this.#isCalledAgain = false;
        while (await this.#step()) {
          // Other calls interleave while a request is in flight: each step looks at what may have changed.
        }
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#head = undefined;
      this.#running = undefined;
    }
  }

  /** Nothing may be sent again at once, and nothing is stored: it may be the storage that failed. */
  #fail(error: unknown): void {
    const dueAt = this.#world.now() + FAULT_WAIT_MS;
    this.#held = { ...this.#held, dueAt };
    this.#world.wake(dueAt);
    this.#world.fault(error);
  }

  /** One message of the oldest row; true when there may be more to do now. */
  async #step(): Promise<boolean> {
    if (this.#world.isPaused()) return false;
    const head = this.#head ?? this.#next();
    if (head === undefined) return this.#recover();
    const { row } = head;
    if (this.#held.seq !== row.seq) this.#held = { ...BEGINNING, provider: this.name, seq: row.seq };
    if (this.#held.dueAt > this.#world.now()) return this.#later(this.#held.dueAt);
    if (this.#runRequests >= REQUESTS_PER_RUN) return this.#later(this.#world.now());
    const recipient = this.#world.recipient();
    if (recipient === undefined) return this.#isExpired(row) ? this.#park(row, EXPIRED) : this.#holdFor(OFF_WAIT_MS);
    if (this.#isInTrouble && this.#world.isSuperseded(row)) return this.#finish(row, 'superseded');
    const messages = (head.messages ??= this.#translate(recipient, row));
    if (messages === undefined) return this.#park(row, { reason: 'translation-failed' });
    const message = messages[this.#held.part];
    if (message === undefined) return this.#finish(row, messages.length === 0 ? 'empty' : 'delivered');
    if (this.#isExpired(row)) return this.#park(row, { ...EXPIRED, message });
    return this.#isInTrouble && !this.#hasPermit ? this.#askPermit() : this.#deliver(recipient, row, message);
  }

  #next(): Head | undefined {
    const row = this.#world.nextOwed();
    this.#head = row && { row };
    return this.#head;
  }

  /** Nothing is owed any more: whatever trouble there was is over. */
  #recover(): false {
    if (this.#isInTrouble) this.#world.recovered();
    this.#isInTrouble = false;
    this.#hasPermit = false;
    return false;
  }

  #isExpired({ receivedAt }: OwedRow): boolean {
    return this.#world.now() - receivedAt > this.#world.maxAgeMs();
  }

  /** A translation that throws is a bug in it: its message is parked, the lane goes on. */
  #translate(recipient: Recipient, row: OwedRow): readonly OutgoingMessage[] | undefined {
    try {
      return this.#world.messages(recipient, row);
    } catch (error) {
      this.#world.fault(error);
      return undefined;
    }
  }

  /** While it asks, the head may be settled and the lane paused: the next step looks anew. */
  async #askPermit(): Promise<boolean> {
    const { waitMs, isReserved } = await this.#world.permit();
    this.#head = undefined;
    this.#hasPermit = isReserved || waitMs <= 0;
    return waitMs <= 0 || this.#holdFor(waitMs);
  }

  async #deliver(recipient: Recipient, row: OwedRow, message: OutgoingMessage): Promise<boolean> {
    const startedAt = this.#world.now();
    this.#hasPermit = false;
    this.#runRequests += 1;
    const exchange = await this.#world.send(recipient, message, row);
    const now = this.#world.now();
    const outcome = recipient.classify(exchange, now, message);
    const { part, attempts } = this.#held;
    const attempt = attempts + 1;
    this.#held = { ...this.#held, requests: this.#held.requests + 1 };
    const at = { provider: this.name, seq: row.seq, part, requestId: row.requestId, name: message.name };
    this.#world.note({ ...at, attempt, durationMs: now - startedAt, exchange, outcome });
    this.#tell(outcome.kind === 'deferred', attempt);
    switch (outcome.kind) {
      case 'delivered':
        return this.#advance();
      case 'rejected':
        return this.#park(row, { reason: outcome.reason, message, answer: exchange });
      case 'deferred':
        this.#held = { ...this.#held, attempts: attempt };
        return this.#holdFor(backoffMs(attempt, this.#world.random(), outcome.retryAfterMs));
    }
  }

  /** A first failure says little about the recipient: the lane tries again by itself, and only tells of the next one. */
  #tell(isFailure: boolean, attempt: number): void {
    if (isFailure ? attempt > 1 : this.#isInTrouble) this.#world.report(!isFailure);
  }

  #advance(): true {
    this.#held = { ...this.#held, part: this.#held.part + 1, attempts: 0, dueAt: 0 };
    return true;
  }

  #holdFor(waitMs: number): false {
    this.#isInTrouble = true;
    const dueAt = this.#world.now() + waitMs;
    this.#held = { ...this.#held, dueAt };
    this.#world.hold(this.#held);
    return this.#later(dueAt);
  }

  #later(at: number): false {
    this.#world.wake(at);
    return false;
  }

  /** Parks the message where operators look for it, then moves on; a crash in between parks it again, under the same id. */
  async #park(
    row: OwedRow,
    why: { readonly reason: string; readonly message?: OutgoingMessage; readonly answer?: Exchange },
  ): Promise<true> {
    const { reason, message, answer } = why;
    const { seq, receivedAt } = row;
    const { part } = this.#held;
    const attempts = this.#held.attempts + (answer === undefined ? 0 : 1);
    const isEvent = message === undefined || row.deliverables.some(({ event }) => event?.kind === 'unpaired');
    const deliverables = isEvent ? this.#ownOf(row) : [{ message, to: { [this.name]: 0 } }];
    await this.#world.park({ provider: this.name, seq, part, reason, attempts, receivedAt, deliverables, answer });
    this.#held = { ...this.#held, parked: reason };
    return message === undefined ? this.#finish(row, 'delivered') : this.#advance();
  }

  /** What the row owes to this recipient, and to no other: a replay must not reach those who had it already. */
  #ownOf({ deliverables }: OwedRow): Deliverable[] {
    return deliverables.flatMap((deliverable) => {
      const seqNo = deliverable.to[this.name];
      return seqNo === undefined ? [] : [{ ...deliverable, to: { [this.name]: seqNo } }];
    });
  }

  #finish(row: OwedRow, outcome: Exclude<Delivery['outcome'], 'parked'>): true {
    const { parked, requests } = this.#held;
    this.#world.ended(row.seq, {
      outcome: parked === undefined ? outcome : 'parked',
      at: this.#world.now(),
      attempts: requests,
      ...(parked !== undefined && { reason: parked }),
    });
    this.#head = undefined;
    return true;
  }
}
