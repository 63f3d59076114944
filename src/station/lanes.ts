/** The lanes of one station: each provider's at its own pace, none waiting for another; what they finish is written sparingly. */
import type { Config } from '../config.ts';
import type { Charger } from '../charging/charger.ts';
import type { LogLevel } from '../log.ts';
import { saveDeadLetter } from '../storage/dead-letters.ts';
import { clearTrouble, noteTrouble } from '../storage/troubled-lanes.ts';
import { Lane, type Attempt, type LaneWorld } from './lane.ts';
import type { Delivery, OwedRow, StationStore } from './store.ts';

/** What the lanes need of the object they live in. */
export type LanesHome = {
  readonly store: StationStore;
  readonly env: Env;
  readonly config: () => Config | undefined;
  readonly charger: () => Charger | undefined;
  readonly isPaused: (provider: string) => boolean;
  readonly wake: (at: number) => void;
  /** Runs something beside the delivery that may fail without harm. */
  readonly aside: (work: Promise<unknown>) => void;
  readonly log: (level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>) => void;
};

/** A lane that failed this often in a row is noted where the cron sweep and operators find it. */
const TROUBLE_ATTEMPTS = 3;

export class Lanes {
  readonly #home: LanesHome;
  readonly #lanes = new Map<string, Lane>();
  /** Finished deliveries not written yet, because another provider's answer for the same row is about to come. */
  readonly #unsettled = new Map<number, Record<string, Delivery>>();

  constructor(home: LanesHome) {
    this.#home = home;
  }

  /** Drains these providers' lanes; ends when each is empty or holds. */
  async drain(providers: readonly string[]): Promise<void> {
    await Promise.all(providers.map((provider) => this.#lane(provider).drain()));
  }

  #lane(provider: string): Lane {
    const known = this.#lanes.get(provider);
    if (known !== undefined) return known;
    const lane = new Lane(provider, this.#worldOf(provider), this.#home.store.lane(provider));
    this.#lanes.set(provider, lane);
    return lane;
  }

  #worldOf(name: string): LaneWorld {
    const { store, env, config, charger, wake, log, isPaused, aside } = this.#home;
    return {
      now: () => Date.now(),
      random: () => Math.random(),
      maxAgeMs: () => config()?.deliveryMaxAgeMs ?? Number.POSITIVE_INFINITY,
      provider: () => config()?.providers.get(name),
      isPaused: () => isPaused(name),
      isSuperseded: (row) => store.isSuperseded(name, row),
      nextOwed: (afterSeq) => store.nextOwed(name, afterSeq),
      messages: (provider, row) => {
        const known = charger();
        if (known === undefined) throw new Error('a row is owed, but the charger was never stored');
        return row.deliverables.flatMap(({ event, message, to }) => {
          const seqNo = to[name];
          if (seqNo === undefined) return [];
          return message === undefined ? provider.translate(event, { charger: known, seqNo }) : [message];
        });
      },
      send: (provider, message, row) =>
        provider.send(message, {
          cache: env.CACHE,
          timeoutMs: config()?.providerTimeoutMs ?? 0,
          now: Date.now(),
          traceparent: traceparentOf(row),
        }),
      settle: (seq, delivery) => this.#settle(name, seq, delivery),
      ...this.#breakerOf(name),
      hold: (lane) => {
        store.saveLane(lane);
        this.#flush(lane.seq);
        if (lane.attempts === TROUBLE_ATTEMPTS)
          aside(noteTrouble(env.DB, charger()?.chargePointId ?? '', name, Date.now()));
      },
      recovered: () => aside(clearTrouble(env.DB, charger()?.chargePointId ?? '', name)),
      park: async (letter) => {
        await saveDeadLetter(env.DB, charger()?.chargePointId ?? '', letter, Date.now());
        log('warn', 'delivery.parked', { 'scsp.provider': name, 'scsp.seq': letter.seq, 'scsp.reason': letter.reason });
      },
      note: (attempt) => this.#note(attempt),
      fault: (error) => log('error', 'lane.fault', { 'scsp.provider': name, error: String(error) }),
      wake,
    };
  }

  /** The provider-wide breaker advises; when it cannot be reached, nothing is held. */
  #breakerOf(name: string): Pick<LaneWorld, 'permit' | 'report'> {
    const { env, charger, aside } = this.#home;
    const breaker = env.PROVIDER_BREAKER.getByName(name);
    return {
      permit: () => breaker.ask().catch(() => ({ waitMs: 0, isReserved: true })),
      report: (isDelivered) => aside(breaker.report(charger()?.chargePointId ?? '', isDelivered)),
    };
  }

  /** A row that two lanes finish at about the same time is written once: the first one waits for the other's answer. */
  #settle(provider: string, seq: number, delivery: Delivery): void {
    const done = { ...this.#unsettled.get(seq), [provider]: delivery };
    this.#unsettled.set(seq, done);
    const open = this.#home.store.openOf(seq).filter((name) => !(name in done));
    if (!open.some((name) => this.#lanes.get(name)?.isSending(seq))) this.#flush(seq);
  }

  #flush(seq: number): void {
    const done = this.#unsettled.get(seq);
    if (done === undefined) return;
    const open = this.#home.store.openOf(seq).filter((name) => !(name in done));
    this.#home.store.settle(seq, done, open);
    this.#unsettled.delete(seq);
  }

  #note(attempt: Attempt): void {
    const { provider, seq, part, requestId, name, exchange, outcome, durationMs } = attempt;
    const isDelivered = outcome.kind === 'delivered';
    if (!isDelivered)
      this.#home.store.noteAttempt(seq, provider, Date.now(), { part, name, durationMs, exchange, outcome });
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

/** W3C Trace Context: the trace is the webhook's request id, the span is new for each attempt. */
function traceparentOf({ requestId }: OwedRow): string {
  const traceId = requestId.replaceAll('-', '').padStart(32, '0').slice(0, 32);
  const spanId = crypto.randomUUID().replaceAll('-', '').slice(0, 16);
  return `00-${traceId}-${spanId}-01`;
}
