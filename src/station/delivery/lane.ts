/**
 * One recipient's lane at one charger: oldest first, one request in flight, nothing overtakes. After a deferred message
 * the lane waits. A rejected message is parked, and the lane moves on. The lane's run catches what is thrown.
 */
import type { Deliverable, Delivery, Exchange, OutgoingMessage, Recipient } from '../../recipient.ts';
import { backoffMs, LONGEST_ASKED_MS } from '../backoff.ts';
import type { LanePlace } from './lane-places.ts';
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
  /** Where the lane stands inside the row that it delivers. */
  #place: LanePlace;
  /** Read and translated once, and kept while its messages are sent one by one. */
  #head: Head | undefined;
  /** From its first wait until nothing is owed any more. In trouble, it asks for a permit before each request. */
  #isInTrouble: boolean;
  #hasPermit = false;
  #isPlaceStored: boolean;
  /** Why the last attempt was deferred. */
  #reason: string | undefined;

  constructor(name: string, world: LaneWorld, place?: LanePlace) {
    this.name = name;
    this.#world = world;
    this.#place = place ?? { ...BEGINNING, provider: name, seq: 0 };
    this.#isInTrouble = place !== undefined;
    this.#isPlaceStored = place !== undefined;
  }

  /** Somebody waits: what would be tried later is tried by the next run. */
  hurry(): void {
    this.#place = { ...this.#place, dueAt: 0 };
  }

  /**
   * Delivers until nothing is owed or the lane must wait. A call while it runs makes it look once more, and ends when
   * the run ends. It never throws.
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
    this.#place = { ...this.#place, dueAt };
    this.#world.wake(dueAt);
    this.#world.fault(error);
  }

  /** One message of the oldest row; true when there may be more to do now. */
  async #step(): Promise<boolean> {
    if (this.#world.isPaused()) return false;
    const head = this.#head ?? this.#next();
    if (head === undefined) return this.#recover();
    const { row } = head;
    if (this.#place.seq !== row.seq) this.#place = { ...BEGINNING, provider: this.name, seq: row.seq };
    if (this.#place.dueAt > this.#world.now()) {
      // No wait is longer. One that seems to be was noted before the clock was set back.
      const dueAt = Math.min(this.#place.dueAt, this.#world.now() + LONGEST_ASKED_MS);
      this.#place = { ...this.#place, dueAt };
      return this.#later(dueAt);
    }
    if (this.#runRequests >= REQUESTS_PER_RUN) return this.#later(this.#world.now());
    const recipient = this.#world.recipient();
    if (recipient === undefined) return this.#isExpired(row) ? this.#park(row, EXPIRED) : this.#waitOff();
    if (this.#isInTrouble && this.#world.isSuperseded(row)) return this.#finish(row, 'superseded');
    const messages = (head.messages ??= this.#translate(recipient, row));
    if (messages === undefined) return this.#park(row, { reason: 'translation-failed' });
    const message = messages[this.#place.part];
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
    if (this.#isPlaceStored) this.#world.recovered();
    this.#isPlaceStored = false;
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

  /** While it asks, the row may be withdrawn or the lane paused. So the next step reads the row again. */
  async #askPermit(): Promise<boolean> {
    const { waitMs, isReserved } = await this.#world.permit();
    this.#head = undefined;
    this.#hasPermit = isReserved || waitMs <= 0;
    return waitMs <= 0 || this.#waitFor(waitMs);
  }

  async #deliver(recipient: Recipient, row: OwedRow, message: OutgoingMessage): Promise<boolean> {
    const startedAt = this.#world.now();
    this.#hasPermit = false;
    this.#runRequests += 1;
    const exchange = await this.#world.send(recipient, message, row);
    const now = this.#world.now();
    const outcome = recipient.classify(exchange, now, message);
    const { part, attempts } = this.#place;
    const attempt = attempts + 1;
    this.#place = { ...this.#place, requests: this.#place.requests + 1 };
    const at = { provider: this.name, seq: row.seq, part, requestId: row.requestId, name: message.name };
    this.#world.note({ ...at, attempt, durationMs: now - startedAt, exchange, outcome });
    this.#tell(outcome.kind === 'deferred', attempt);
    switch (outcome.kind) {
      case 'delivered':
        return this.#advance();
      case 'rejected':
        return this.#park(row, { reason: outcome.reason, message, answer: exchange });
      case 'deferred':
        this.#place = { ...this.#place, attempts: attempt };
        this.#reason = outcome.reason;
        return this.#waitFor(backoffMs(attempt, this.#world.random(), outcome.retryAfterMs));
    }
  }

  /** A first failure says little about the recipient. So the breaker is told from the second failure in a row on. */
  #tell(isFailure: boolean, attempt: number): void {
    if (isFailure ? attempt > 1 : this.#isInTrouble) this.#world.report(!isFailure);
  }

  #advance(): true {
    this.#place = { ...this.#place, part: this.#place.part + 1, attempts: 0, dueAt: 0 };
    return true;
  }

  #waitOff(): false {
    this.#reason = 'off';
    return this.#waitFor(OFF_WAIT_MS);
  }

  #waitFor(waitMs: number): false {
    this.#isInTrouble = true;
    this.#isPlaceStored = true;
    const dueAt = this.#world.now() + waitMs;
    this.#place = { ...this.#place, dueAt };
    this.#world.savePlace(this.#place, this.#reason);
    return this.#later(dueAt);
  }

  #later(at: number): false {
    this.#world.wake(at);
    return false;
  }

  /**
   * Parks the message where operators look for it, then moves on. Both are stored before anything else is sent, so a
   * message that was refused is not sent again.
   */
  #park(
    row: OwedRow,
    why: { readonly reason: string; readonly message?: OutgoingMessage; readonly answer?: Exchange },
  ): true {
    const { reason, message, answer } = why;
    const { seq, receivedAt } = row;
    const { part } = this.#place;
    const attempts = this.#place.attempts + (answer === undefined ? 0 : 1);
    const isEvent = message === undefined || row.deliverables.some(({ event }) => event?.kind === 'unpaired');
    const deliverables = isEvent ? this.#ownOf(row) : [{ message, to: { [this.name]: 0 } }];
    this.#world.park({ provider: this.name, seq, part, reason, attempts, receivedAt, deliverables, answer });
    this.#place = { ...this.#place, parked: reason };
    if (message === undefined) return this.#finish(row, 'delivered');
    this.#advance();
    this.#isPlaceStored = true;
    this.#world.savePlace(this.#place, undefined);
    return true;
  }

  /** What the row owes to this recipient, and to no other: a replay must not reach those who had it already. */
  #ownOf({ deliverables }: OwedRow): Deliverable[] {
    return deliverables.flatMap((deliverable) => {
      const seqNo = deliverable.to[this.name];
      return seqNo === undefined ? [] : [{ ...deliverable, to: { [this.name]: seqNo } }];
    });
  }

  #finish(row: OwedRow, outcome: Exclude<Delivery['outcome'], 'parked'>): true {
    const { parked, requests } = this.#place;
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
