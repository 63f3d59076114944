/** The object of one provider's breaker. Only lanes in trouble call it, so no healthy delivery waits for it. */
import { DurableObject } from 'cloudflare:workers';
import { writeLog } from '../log.ts';
import { ask, isWorthStoring, modeAt, probed, report, restored, type Breaker, type Permit } from './breaker.ts';

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
  async ask(station: string): Promise<Permit> {
    const { breaker, permit } = ask(this.#breaker, Date.now(), Math.random(), station);
    this.#become(breaker);
    return permit;
  }

  /** Takes a report: how an attempt of a station in trouble went. */
  async report(station: string, isDelivered: boolean): Promise<void> {
    this.#become(report(this.#breaker, station, isDelivered, Date.now()));
  }

  /** Lets the next lane that asks through. */
  async probe(): Promise<void> {
    this.#become(probed(this.#breaker, Date.now()));
  }

  /** The mode as operators see it. */
  async mode(): Promise<Breaker['mode']> {
    return modeAt(this.#breaker, Date.now());
  }

  /** Stores a change of mode, each probe, and the queue about once a second. A restart may forget the rest. */
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
