/** The lanes of one station, one for each recipient, and what they need of the world. No lane waits for another. */
import type { DeadLetter, Exchange, Recipient } from '../../recipient.ts';
import type { Charger } from '../../charging/charger.ts';
import { idTokensIn, maskTokensInText } from '../../charging/mask.ts';
import { CSMS, type ChargerFact } from '../../notification.ts';
import { deliveryIdOf } from '../../storage/dead-letters.ts';
import { lastExchange, noteAttempt } from '../journal/attempts.ts';
import { clearPlace, findPlace, savePlace } from './lane-places.ts';
import type { Attempt, LaneWorld } from './lane-world.ts';
import { Lane } from './lane.ts';
import { Parking } from './parking.ts';
import { Troubles } from './troubles.ts';
import type { StationHome } from '../station-home.ts';
import type { Backlog, OwedRow } from '../journal/backlog.ts';
import type { Entry } from '../journal/store.ts';

/** What the lanes need of the object they live in. */
export type LanesHome = StationHome & {
  readonly backlog: Backlog;
  readonly charger: () => Charger | undefined;
  /** The recipient with its settings, or undefined while it is switched off. */
  readonly recipient: (name: string) => Recipient | undefined;
  readonly isPaused: (recipient: string) => boolean;
  /** Notes an entry in the timeline, and owes the CSMS this fact. */
  readonly note: (entry: Entry, fact: ChargerFact) => void;
};

/** A breaker that does not answer within this time delays nobody. */
const PERMIT_TIMEOUT_MS = 2000;
/** Somebody has to act: the recipient does not know the charger any more, was away too long, or we have a bug. */
const ALARMING: ReadonlySet<string> = new Set(['http-410', 'expired', 'translation-failed']);

export class Lanes {
  readonly #home: LanesHome;
  /** Where the messages are that were given up. */
  readonly parking: Parking;
  readonly #lanes = new Map<string, Lane>();
  readonly #troubles: Troubles;

  constructor(home: LanesHome) {
    this.#home = home;
    this.parking = new Parking(home, () => this.#chargePointId);
    this.#troubles = new Troubles({ ...home, chargePointId: () => this.#chargePointId });
  }

  /** Drains these recipients' lanes; ends when each owes nothing or waits. */
  async drain(recipients: readonly string[]): Promise<void> {
    const drains = recipients.map(async (name) => {
      await this.#lane(name).drain();
      this.#home.backlog.rested(name);
    });
    await this.#home.metrics.during(Promise.all(drains));
  }

  /** Somebody waits for this lane: it tries at once what it would try later. */
  hurry(recipient: string): void {
    this.#lane(recipient).hurry();
  }

  /** These recipients are paused: what they are owed waits. */
  held(recipients: readonly string[]): void {
    for (const name of recipients) this.#troubles.waits(name, { attempts: 0, dueAt: Infinity, reason: 'paused' });
  }

  /** When the oldest message came that this recipient takes none of (ms); undefined while its lane is not in trouble. */
  failingSince(recipient: string): number | undefined {
    const { sql, backlog, isPaused } = this.#home;
    if (isPaused(recipient) || findPlace(sql, recipient) === undefined) return undefined;
    return backlog.oldestAt(recipient);
  }

  /** The pause of this recipient is over. */
  released(recipient: string): void {
    this.#troubles.perhaps(recipient);
  }

  /** Drains one lane, and waits for it at most so long. `isUrgent`: even one that waits until later. */
  async drainFor(timeoutMs: number, recipient: string, isUrgent: boolean): Promise<void> {
    if (isUrgent) this.hurry(recipient);
    await within(timeoutMs, this.drain([recipient]), undefined);
  }

  #lane(recipient: string): Lane {
    const known = this.#lanes.get(recipient);
    if (known !== undefined) return known;
    const place = findPlace(this.#home.sql, recipient);
    if (place !== undefined) this.#troubles.perhaps(recipient);
    const lane = new Lane(recipient, this.#worldOf(recipient), place);
    this.#lanes.set(recipient, lane);
    return lane;
  }

  #worldOf(name: string): LaneWorld {
    const { backlog, env, config, wake, log, isPaused } = this.#home;
    return {
      now: () => Date.now(),
      random: () => Math.random(),
      maxAgeMs: () => config().deliveryMaxAgeMs,
      recipient: () => this.#home.recipient(name),
      isPaused: () => isPaused(name),
      isSuperseded: (row) => backlog.isSuperseded(name, row),
      nextOwed: () => this.#next(name),
      messages: (recipient, row) => {
        const charger = this.#home.charger();
        if (charger === undefined) throw new Error('a row is owed, but the charger was never stored');
        return row.deliverables.flatMap(({ event, message, to }) => {
          const seqNo = to[name];
          if (seqNo === undefined) return [];
          return message === undefined ? recipient.translate(event, { charger, seqNo }) : [message];
        });
      },
      send: async (recipient, message, row) => {
        const timeoutMs = config().providerTimeoutMs;
        const io = { cache: env.CACHE, timeoutMs, now: Date.now(), traceparent: traceparentOf(row) };
        return withoutTokens(await recipient.send(message, io), row);
      },
      ended: (seq, delivery) => backlog.ended(name, seq, delivery),
      ...this.#breakerOf(name),
      savePlace: (place, reason) => {
        savePlace(this.#home.sql, place);
        this.#troubles.waits(name, { ...place, reason });
      },
      recovered: () => clearPlace(this.#home.sql, name),
      park: (letter) => this.#park(letter),
      note: (attempt) => this.#note(attempt),
      fault: (error) => log('error', 'lane.fault', { 'scsp.provider': name, error: String(error) }),
      wake,
    };
  }

  /**
   * The recipient's breaker advises. When it cannot be reached, nobody waits for it. A stub that failed once may fail
   * for ever, so each call takes a new one.
   */
  #breakerOf(name: string): Pick<LaneWorld, 'permit' | 'report'> {
    const { env, aside } = this.#home;
    const breaker = () => env.PROVIDER_BREAKER.getByName(name);
    const free = { waitMs: 0, isReserved: true };
    return {
      permit: () => within(PERMIT_TIMEOUT_MS, breaker().ask(this.#chargePointId), free).catch(() => free),
      report: (isDelivered) => aside(breaker().report(this.#chargePointId, isDelivered)),
    };
  }

  get #chargePointId(): string {
    return this.#home.charger()?.chargePointId ?? '';
  }

  #next(recipient: string): OwedRow | undefined {
    const row = this.#home.backlog.next(recipient);
    if (row === undefined) this.#troubles.over(recipient);
    else this.#troubles.goesOn(recipient, row.receivedAt);
    return row;
  }

  /** The letter has the recipient's last answer, also when it is of an attempt before the last eviction. */
  #park(letter: DeadLetter): void {
    const { sql, log, metrics } = this.#home;
    const { provider, seq, reason } = letter;
    const answer = letter.answer ?? lastExchange(sql, letter);
    this.parking.keep({ ...letter, answer });
    const level = ALARMING.has(reason) ? 'error' : 'warn';
    log(level, 'delivery.parked', { 'scsp.provider': provider, 'scsp.seq': seq, 'scsp.reason': reason });
    metrics.parked(provider, reason);
    const deliveryId = deliveryIdOf(this.#chargePointId, letter);
    this.#troubles.parked(provider, deliveryId, reason);
    this.#tellParked(provider, deliveryId, reason);
  }

  /** A notification that was parked is told to nobody. */
  #tellParked(provider: string, deliveryId: string, reason: string): void {
    if (provider === CSMS || !this.#home.config().isNotifying) return;
    const data = { provider, deliveryId, reason };
    this.#home.note({ kind: 'delivery-parked', ...data }, { type: 'delivery.parked', data });
    this.#home.aside(this.drain([CSMS]));
  }

  #note(attempt: Attempt): void {
    const { provider, seq, part, requestId, name, exchange, outcome, durationMs } = attempt;
    const isDelivered = outcome.kind === 'delivered';
    if (!isDelivered) {
      const record = { part, name, durationMs, exchange, outcome };
      noteAttempt(this.#home.sql, seq, { provider, at: Date.now(), record });
    }
    this.#home.metrics.attempt(attempt);
    this.#home.log(isDelivered ? 'info' : 'warn', 'delivery.attempt', {
      'scsp.request_id': requestId,
      'scsp.provider': provider,
      'scsp.message': name,
      'scsp.seq': seq,
      'scsp.part': part,
      'scsp.attempt': attempt.attempt,
      'scsp.outcome': outcome.kind,
      ...(outcome.kind !== 'delivered' && { 'scsp.reason': outcome.reason }),
      ...(exchange.kind === 'answer' && { 'http.response.status_code': exchange.status }),
      duration_ms: durationMs,
    });
  }
}

/**
 * What `work` gives, or `otherwise` when that takes too long. The timer ends too, or it would keep the object awake.
 */
async function within<T>(timeoutMs: number, work: Promise<T>, otherwise: T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** An answer may repeat what the recipient was sent: the session's id tokens are masked before it is kept anywhere. */
function withoutTokens(exchange: Exchange, { deliverables }: OwedRow): Exchange {
  if (exchange.kind === 'no-answer' || exchange.body === '') return exchange;
  return { ...exchange, body: maskTokensInText(exchange.body, idTokensIn(deliverables)) };
}

/** W3C Trace Context: the trace is the webhook's request id, the span is new for each attempt. */
function traceparentOf({ requestId }: OwedRow): string {
  const traceId = requestId.replaceAll('-', '').padStart(32, '0').slice(0, 32);
  const spanId = crypto.randomUUID().replaceAll('-', '').slice(0, 16);
  return `00-${traceId}-${spanId}-01`;
}
