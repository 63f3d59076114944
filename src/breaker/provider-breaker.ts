/** The object that keeps one provider's breaker: asked only by lanes in trouble, so it is never on the path of a delivery. */
import { DurableObject } from 'cloudflare:workers';
import { writeLog } from '../log.ts';
import { ask, isWorthStoring, modeAt, report, restored, type Breaker, type Permit } from './breaker.ts';

const KEY = 'breaker';

export class ProviderBreaker extends DurableObject<Env> {
  #breaker: Breaker;
  #stored: Breaker;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#breaker = restored(ctx.storage.kv.get<Breaker>(KEY));
    this.#stored = this.#breaker;
  }

  /** Whether a station that failed before may try now, or how long it waits. */
  async ask(): Promise<Permit> {
    const { breaker, permit } = ask(this.#breaker, Date.now(), Math.random());
    this.#become(breaker);
    return permit;
  }

  /** How an attempt of a station in trouble went. */
  async report(station: string, isDelivered: boolean): Promise<void> {
    this.#become(report(this.#breaker, station, isDelivered, Date.now()));
  }

  /** What operators are shown. */
  async mode(): Promise<Breaker['mode']> {
    return modeAt(this.#breaker, Date.now());
  }

  /** A change of mode is stored, each probe, and about each second of slots that are handed out: the rest may be forgotten. */
  #become(breaker: Breaker): void {
    const { mode } = this.#breaker;
    this.#breaker = breaker;
    if (!isWorthStoring(breaker, this.#stored)) return;
    this.ctx.storage.kv.put(KEY, breaker);
    this.#stored = breaker;
    if (breaker.mode === mode) return;
    writeLog(breaker.mode === 'open' ? 'error' : 'info', 'provider.breaker', {
      'scsp.provider': this.ctx.id.name,
      'scsp.breaker': breaker.mode,
    });
  }
}
