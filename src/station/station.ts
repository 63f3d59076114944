/**
 * The charging station object: one for each charger. Takes what its charger and CSMS said, durably and once, and delivers it to
 * each paired provider in order. Here: the calls, the alarm and the wiring; the ledger decides, the lanes deliver.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Charger } from '../charging/charger.ts';
import { configOf } from '../config.ts';
import { writeLog } from '../log.ts';
import { findRegistration } from '../storage/registration.ts';
import { Lanes } from './lanes.ts';
import { Ledger } from './ledger.ts';
import type { Acceptance, IndexedIncoming, StationRpc, WebhookContext } from './station-rpc.ts';
import type { Registration } from './store.ts';

/** The crash net: while anything is owed, the object is woken at least this often, whatever else was forgotten. */
const SAFETY_MS = 5 * 60_000;

export class ChargingStation extends DurableObject<Env> implements StationRpc {
  readonly #ledger: Ledger;
  readonly #lanes: Lanes;
  #alarmAt: number | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#ledger = new Ledger(ctx.storage);
    this.#lanes = new Lanes({
      store: this.#ledger.store,
      env,
      config: () => {
        const config = configOf(env);
        return config.ok ? config.value : undefined;
      },
      charger: () => this.#ledger.registration?.charger,
      wake: (at) => this.#wake(at),
      log: (level, event, fields) => writeLog(level, event, { 'scsp.charge_point_id': ctx.id.name, ...fields }),
    });
    if (this.#ledger.registration === undefined) return;
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = (await ctx.storage.getAlarm()) ?? undefined;
    });
    this.#deliver();
  }

  /** Takes events in order. Everything that was received is stored before the answer leaves the object. */
  async accept(events: readonly IndexedIncoming[], context: WebhookContext): Promise<Acceptance[]> {
    const registration = await this.#registered();
    if (registration === undefined) return events.map(() => ({ kind: 'ignored' }));
    const acceptances = this.#ledger.take(events, context, Date.now());
    this.#deliver();
    return acceptances;
  }

  async register(charger: Charger): Promise<void> {
    const config = configOf(this.env);
    this.#ledger.register(charger, config.ok ? config.value.providers : new Map(), this.#occasion());
    this.#deliver();
  }

  async deregister(): Promise<void> {
    this.#ledger.deregister();
  }

  async pair(provider: string): Promise<void> {
    if ((await this.#registered()) === undefined) return;
    this.#ledger.pair(provider, this.#occasion());
    this.#deliver();
  }

  async unpair(provider: string): Promise<void> {
    this.#ledger.unpair(provider, this.#occasion());
  }

  /** Never throws: a thrown alarm is repeated by the platform, on its own terms instead of ours. */
  override async alarm(): Promise<void> {
    this.#alarmAt = undefined;
    try {
      this.#ledger.expire(this.#occasion());
    } catch (error) {
      writeLog('error', 'alarm.fault', { 'scsp.charge_point_id': this.ctx.id.name, error: String(error) });
    }
    this.#deliver();
  }

  /** Starts the lanes, without waiting for them, and sees to it that the object is woken again while there is something to do. */
  #deliver(): void {
    const isOwed = this.#ledger.store.isOwed();
    if (isOwed) this.ctx.waitUntil(this.#lanes.drain());
    const due = [this.#ledger.nextExpiryAt, isOwed ? Date.now() + SAFETY_MS : undefined].filter(
      (at) => at !== undefined,
    );
    if (due.length > 0) this.#wake(Math.min(...due));
  }

  /** Arms the alarm for this time unless it comes earlier anyway; it is never pushed back. */
  #wake(at: number): void {
    if (this.#alarmAt !== undefined && this.#alarmAt <= at) return;
    this.#alarmAt = at;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(at));
  }

  /** The charger as registered; the registry is asked when this object does not know, so that it can never be left behind. */
  async #registered(): Promise<Registration | undefined> {
    const known = this.#ledger.registration;
    if (known?.isRegistered) return known;
    const { name } = this.ctx.id;
    const found = name === undefined ? undefined : await findRegistration(this.env.DB, name);
    if (found === undefined) return undefined;
    this.#ledger.adopt(found.charger, found.providers);
    return this.#ledger.registration;
  }

  #occasion() {
    return { requestId: crypto.randomUUID(), nowMs: Date.now() };
  }
}
