/** A town of chargers under a manual clock: the real lanes and the real breaker, one provider that fails as told, no platform. */
import type { Exchange, OutgoingMessage } from '../../src/recipient.ts';
import { randomFrom, type Random } from '../../bench/random.ts';
import { ask, CLOSED, report, type Breaker } from '../../src/breaker/breaker.ts';
import { classifyByHttp } from '../../src/http-outcome.ts';
import type { Recipient } from '../../src/recipient.ts';
import type { LaneWorld } from '../../src/station/delivery/lane-world.ts';
import { Lane } from '../../src/station/delivery/lane.ts';

/** How the provider does: the share of requests that get a 503, what the others get (200), and how long each takes. */
export type Weather = { readonly failing: number; readonly takesMs?: number; readonly otherwise?: number };

/** One charger: its lane, what it owes (sequence numbers), and when it looks again. */
type Home = { readonly lane: Lane; owed: number[]; newest: number; wakeAt: number };

const STEP_MS = 100;
const MESSAGE: OutgoingMessage = { name: 'm', method: 'POST', path: '/', body: {} };

export class Town {
  now = 0;
  breaker: Breaker = CLOSED;
  /** When each request reached the provider, and when the breaker opened (ms since the start). */
  readonly requests: number[] = [];
  readonly openings: number[] = [];
  /** How many requests each charger sent. */
  readonly requestsOf = new Map<string, number>();
  /** By the time, in ms since the start. */
  readonly #weather: (now: number) => Weather;
  readonly #random: Random;
  readonly #homes: Home[];
  #inFlight: { readonly until: number; readonly end: () => void }[] = [];

  constructor(chargers: number, seed: string, weather: (now: number) => Weather) {
    this.#weather = weather;
    this.#random = randomFrom(seed);
    this.#homes = Array.from({ length: chargers }, (_, index) => this.#homeOf(String(index)));
  }

  /** Every charger owes so many messages more. */
  owe(messages: number): void {
    for (const home of this.#homes) for (let count = 0; count < messages; count += 1) happens(home);
  }

  /** How many messages are owed in all. */
  get backlog(): number {
    return this.#homes.reduce((sum, { owed }) => sum + owed.length, 0);
  }

  /** Lets time pass until then; each charger has a new message about every `everyMs`, if any. */
  async until(end: number, everyMs = Number.POSITIVE_INFINITY): Promise<void> {
    for (; this.now < end; this.now += STEP_MS) {
      for (const home of this.#homes) if (this.#random.chance(STEP_MS / everyMs)) happens(home);
      const over = this.#inFlight.filter(({ until }) => until <= this.now);
      this.#inFlight = this.#inFlight.filter(({ until }) => until > this.now);
      for (const { end: answered } of over) answered();
      const due = this.#homes.filter(({ wakeAt }) => wakeAt <= this.now);
      for (const home of due) {
        home.wakeAt = Number.POSITIVE_INFINITY;
        void home.lane.drain();
      }
      if (over.length + due.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** How many requests came in [from, to). */
  requestsIn(from: number, to: number): number {
    return this.requests.filter((at) => at >= from && at < to).length;
  }

  #homeOf(name: string): Home {
    const home: Home = {
      lane: new Lane(
        name,
        this.#worldOf(name, () => home),
      ),
      owed: [],
      newest: 0,
      wakeAt: 0,
    };
    return home;
  }

  #worldOf(name: string, home: () => Home): LaneWorld {
    const row = (seq: number) => ({ seq, receivedAt: this.now, requestId: '', statusOf: undefined, deliverables: [] });
    return {
      now: () => this.now,
      random: () => this.#random.next(),
      maxAgeMs: () => Number.POSITIVE_INFINITY,
      recipient: () => PROVIDER,
      isPaused: () => false,
      nextOwed: () => home().owed.slice(0, 1).map(row)[0],
      isSuperseded: () => false,
      messages: () => [MESSAGE],
      send: () => this.#send(name),
      permit: async () => {
        const { breaker, permit } = ask(this.breaker, this.now, this.#random.next());
        this.breaker = breaker;
        return permit;
      },
      report: (isDelivered) => this.#report(name, isDelivered),
      ended: () => void home().owed.shift(),
      savePlace: () => undefined,
      recovered: () => undefined,
      park: () => undefined,
      note: () => undefined,
      fault: (error) => {
        throw error;
      },
      wake: (at) => {
        home().wakeAt = Math.min(home().wakeAt, at);
      },
    };
  }

  async #send(name: string): Promise<Exchange> {
    this.requestsOf.set(name, (this.requestsOf.get(name) ?? 0) + 1);
    this.requests.push(this.now);
    const { failing, takesMs = 200, otherwise = 200 } = this.#weather(this.now);
    const isFailing = this.#random.chance(failing);
    await new Promise<void>((end) => this.#inFlight.push({ until: this.now + takesMs, end }));
    return { kind: 'answer', status: isFailing ? 503 : otherwise, retryAfter: null, body: '' };
  }

  #report(name: string, isDelivered: boolean): void {
    const before = this.breaker.mode;
    this.breaker = report(this.breaker, name, isDelivered, this.now);
    if (before !== 'open' && this.breaker.mode === 'open') this.openings.push(this.now);
  }
}

/** Something happens at a charger: it owes one message more, and its lane looks at once. */
function happens(home: Home): void {
  home.newest += 1;
  home.owed.push(home.newest);
  home.wakeAt = 0;
}

const PROVIDER: Recipient = {
  name: 'acme',
  translate: () => [],
  send: async () => ({ kind: 'no-answer', cause: 'network', detail: 'never called' }),
  classify: classifyByHttp,
};
