/** A lane's world under a manual clock: a provider that answers as told, storage that survives evictions, and a record of everything. */
import type { DeadLetter, Delivery, Exchange, OutgoingMessage } from '../../src/recipient.ts';
import { classifyByHttp } from '../../src/http-outcome.ts';
import type { Recipient } from '../../src/recipient.ts';
import { Lane } from '../../src/station/delivery/lane.ts';
import type { LanePlace } from '../../src/station/delivery/lane-places.ts';
import type { Attempt, LaneWorld } from '../../src/station/delivery/lane-world.ts';
import type { OwedRow } from '../../src/station/journal/backlog.ts';

/** How the provider takes one request. `lost`: it took it, but its answer never came. */
export type Reply =
  | { readonly status: number; readonly retryAfter?: string }
  | { readonly lost: 'timeout' | 'network' }
  | { readonly throws: true };

/** What a row comes to: so many messages, or a translation that throws. `connector`: it tells that connector's status only. */
export type RowPlan = { readonly parts: number; readonly connector?: string; readonly throws?: true };

type Ending = { readonly place: string; readonly how: 'delivered' | 'parked' };

export const MAX_AGE_MS = 72 * 60 * 60_000;
const NAME = 'acme';

export class FakeWorld {
  now = Date.parse('2026-03-31T12:00:00Z');
  isPaused = false;
  isOff = false;
  wakeAt: number | undefined;
  place: LanePlace | undefined;
  readonly owed = new Map<number, { readonly row: OwedRow; readonly plan: RowPlan }>();
  readonly endings: Ending[] = [];
  readonly attempts: Attempt[] = [];
  readonly letters: DeadLetter[] = [];
  readonly settled = new Map<number, Delivery>();
  /** After each failure; `failures` in a row by this world's own count, `attempt` by the lane's. */
  readonly waits: Readonly<Record<'failures' | 'attempt' | 'askedMs' | 'waitMs', number>>[] = [];
  /** What must never happen, in words. */
  readonly breaches: string[] = [];
  readonly seen = { evictedInFlight: 0, evictedWaiting: 0, wokenToSend: 0 };
  readonly faults: string[] = [];
  readonly reports: boolean[] = [];
  mostInFlight = 0;
  permits = 0;
  /** How often a lane asked for the oldest row, and how often it had one translated. */
  rowReads = 0;
  translations = 0;
  /** What happens while a permit is asked for. */
  onPermit: (() => void) | undefined;
  recoveries = 0;
  replies: Reply[] = [];
  parkings: ('stored' | 'throws')[] = [];
  permitWaits: number[] = [];
  lane: Lane;
  /** Called when the lane finds nothing owed. */
  onEmpty: (() => void) | undefined;
  #seq = 0;
  #life = 0;
  #inFlight: (() => void)[] = [];
  #sent = 0;
  /** Messages that were answered for good, since the last eviction or fault: only those may make the lane send one again. */
  readonly #ended = new Set<string>();
  readonly #failures = new Map<string, number>();

  constructor() {
    this.lane = this.#newLane();
  }

  /** Accepts a row, and drains as the station does. */
  async accept(plan: RowPlan): Promise<number> {
    this.#seq += 1;
    const at = new Date(this.now).toISOString();
    const statusOf = plan.connector;
    const event = { kind: 'station-booted' as const, at };
    const deliverables = [{ event, to: { [NAME]: 0, other: 0 } }];
    const row = { seq: this.#seq, receivedAt: this.now, requestId: 'r', statusOf, deliverables };
    this.owed.set(this.#seq, { row, plan });
    await this.drain();
    return this.#seq;
  }

  /** Starts a run and lets everything happen that waits for nobody. */
  async drain(): Promise<void> {
    void this.lane.drain();
    await settleMicrotasks();
  }

  /** The oldest request in flight gets its answer. */
  async answer(): Promise<boolean> {
    const next = this.#inFlight.shift();
    next?.();
    await settleMicrotasks();
    return next !== undefined;
  }

  /** Answers until the lane is empty or waits. */
  async answerAll(): Promise<void> {
    while (await this.answer()) {
      // One answer may start the next request.
    }
  }

  /** The object is thrown out of memory: what was in flight never comes back. */
  async evict(): Promise<void> {
    if (!this.isIdle) this.seen.evictedInFlight += 1;
    if (this.place !== undefined) this.seen.evictedWaiting += 1;
    this.#life += 1;
    this.#inFlight = [];
    this.#ended.clear();
    this.lane = this.#newLane();
    await this.drain();
  }

  /** Lets time pass; the alarm rings if it was due. */
  async pass(ms: number): Promise<void> {
    this.now += ms;
    if (this.wakeAt === undefined || this.wakeAt > this.now) return;
    this.wakeAt = undefined;
    const before = this.#sent;
    await this.drain();
    if (this.#sent > before) this.seen.wokenToSend += 1;
  }

  /** How many rows were accepted. */
  get accepted(): number {
    return this.#seq;
  }

  /** Whether the lane has nothing in flight. */
  get isIdle(): boolean {
    return this.#inFlight.length === 0;
  }

  #newLane(): Lane {
    const life = this.#life;
    const isAlive = () => this.#life === life;
    return new Lane(NAME, this.#worldOf(isAlive), this.place);
  }

  #worldOf(isAlive: () => boolean): LaneWorld {
    return {
      now: () => this.now,
      random: () => (this.attempts.length % 10) / 10,
      maxAgeMs: () => MAX_AGE_MS,
      recipient: () => (this.isOff ? undefined : PROVIDER),
      isPaused: () => this.isPaused,
      nextOwed: () => {
        this.rowReads += 1;
        const row = [...this.owed.values()][0]?.row;
        if (row === undefined) this.onEmpty?.();
        return row;
      },
      isSuperseded: ({ seq, statusOf }) =>
        statusOf !== undefined && [...this.owed.values()].some(({ row }) => row.seq > seq && row.statusOf === statusOf),
      messages: (_, { seq }) => {
        this.translations += 1;
        return this.#messagesOf(seq);
      },
      send: (_, message, { seq }) => {
        this.#watch(message.name, seq);
        return this.#send(message, isAlive);
      },
      permit: async () => {
        this.permits += 1;
        this.onPermit?.();
        const waitMs = this.permitWaits.shift() ?? 0;
        return { waitMs, isReserved: waitMs % 2 === 0 };
      },
      report: (isDelivered) => this.reports.push(isDelivered),
      ended: (seq, delivery) => {
        this.settled.set(seq, delivery);
        if (delivery.outcome === 'superseded' && this.place === undefined)
          this.breaches.push(`${seq} replaced untroubled`);
        this.owed.delete(seq);
      },
      savePlace: (place) => {
        this.place = place;
      },
      recovered: () => {
        this.recoveries += 1;
        this.place = undefined;
      },
      park: (letter) => this.#park(letter),
      note: (attempt) => this.#note(attempt),
      fault: (error) => {
        this.#ended.clear();
        this.faults.push(String(error));
      },
      wake: (at) => {
        this.wakeAt = Math.min(at, this.wakeAt ?? at);
      },
    };
  }

  #messagesOf(seq: number): OutgoingMessage[] {
    const plan = this.owed.get(seq)?.plan;
    if (plan === undefined || plan.throws) throw new Error('a bug in the translation');
    return Array.from({ length: plan.parts }, (_, part) => ({
      name: `${seq}.${part}`,
      method: 'POST' as const,
      path: '/',
      body: {},
    }));
  }

  #watch(name: string, seq: number): void {
    this.#sent += 1;
    if (this.place?.seq === seq && this.place.dueAt > this.now) this.breaches.push(`${name} sent before its time`);
    if (this.#ended.has(name)) this.breaches.push(`${name} sent again for no reason`);
  }

  async #send(message: OutgoingMessage, isAlive: () => boolean): Promise<Exchange> {
    const reply = this.replies.shift() ?? { status: 200 };
    const isTaken = ('status' in reply && reply.status < 300) || 'lost' in reply;
    if (isTaken) this.endings.push({ place: message.name, how: 'delivered' });
    await new Promise<void>((resolve) => {
      this.#inFlight.push(resolve);
      this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight.length);
    });
    if (!isAlive()) return new Promise(() => undefined);
    if ('throws' in reply) throw new Error('sending failed');
    if ('lost' in reply) return { kind: 'no-answer', cause: reply.lost, detail: '' };
    return { kind: 'answer', status: reply.status, retryAfter: reply.retryAfter ?? null, body: '' };
  }

  #park(letter: DeadLetter): void {
    if (this.parkings.shift() === 'throws') throw new Error('the storage is full');
    this.letters.push(letter);
    this.endings.push({ place: `${letter.seq}.${letter.part}`, how: 'parked' });
  }

  #note(attempt: Attempt): void {
    this.attempts.push(attempt);
    const { name, outcome } = attempt;
    const isFailure = outcome.kind === 'deferred';
    const failures = isFailure ? (this.#failures.get(name) ?? 0) + 1 : 0;
    this.#failures.set(name, failures);
    if (!isFailure) {
      this.#ended.add(name);
      return;
    }
    const askedMs = outcome.retryAfterMs ?? 0;
    const { now } = this;
    queueMicrotask(() => {
      this.waits.push({ failures, attempt: attempt.attempt, askedMs, waitMs: (this.place?.dueAt ?? 0) - now });
    });
  }
}

const PROVIDER: Recipient = {
  name: NAME,
  translate: () => [],
  send: async () => ({ kind: 'no-answer', cause: 'network', detail: 'never called' }),
  classify: classifyByHttp,
};

const settleMicrotasks = () => new Promise<void>((resolve) => setImmediate(resolve));
