/**
 * The charging station object: one for each charger. Takes what its charger and CSMS said, durably and once, and delivers it to
 * each paired provider in order. Here: the calls, the alarm and the wiring; the ledger decides, the lanes deliver.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Charger } from '../charging/charger.ts';
import { configOf } from '../config.ts';
import { writeLog } from '../log.ts';
import { listPaused } from '../storage/paused-providers.ts';
import { findRegistration } from '../storage/registration.ts';
import {
  oldestAt,
  prune,
  summarize,
  timeline,
  type LaneSummary,
  type TimelineItem,
  type TimelineQuery,
} from './history.ts';
import { Lanes } from './lanes.ts';
import { Ledger } from './ledger.ts';
import type { Acceptance, IndexedIncoming, Replay, StationRpc, WebhookContext } from './station-rpc.ts';
import type { Registration } from './store.ts';

/** The crash net: while anything is owed, the object is woken at least this often, whatever else was forgotten. */
const SAFETY_MS = 10 * 60_000;
/** How often a running object looks for what it may forget. */
const PRUNE_EVERY_MS = 60 * 60_000;

export class ChargingStation extends DurableObject<Env> implements StationRpc {
  readonly #ledger: Ledger;
  readonly #lanes: Lanes;
  #alarmAt: number | undefined;
  #prunedAt = 0;

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
      isPaused: (provider) => this.#ledger.registration?.paused.includes(provider) ?? false,
      wake: (at) => this.#wake(at),
      aside: (work) => ctx.waitUntil(work.catch((error: unknown) => this.#fault('station.aside-fault', error))),
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
    await this.#registered();
    const config = configOf(this.env);
    this.#ledger.register(charger, config.ok ? config.value.providers : new Map(), this.#occasion());
    this.#deliver();
  }

  async deregister(): Promise<void> {
    this.#ledger.deregister();
  }

  async pair(provider: string): Promise<void> {
    const isPaused = (await listPaused(this.env.DB)).includes(provider);
    if ((await this.#registered()) === undefined) return;
    this.#ledger.hold(provider, isPaused);
    this.#ledger.pair(provider, this.#occasion());
    this.#deliver();
  }

  async unpair(provider: string): Promise<void> {
    this.#ledger.unpair(provider, this.#occasion());
  }

  async hold(provider: string, isPaused: boolean): Promise<void> {
    this.#ledger.hold(provider, isPaused);
    this.#deliver();
  }

  async replay(letters: readonly Replay[]): Promise<void> {
    this.#ledger.replay(letters, this.#occasion());
    this.#deliver();
  }

  async nudge(): Promise<void> {
    this.#deliver();
  }

  async timeline(query: TimelineQuery): Promise<TimelineItem[]> {
    return this.#ledger.store.isCreated() ? timeline(this.ctx.storage.sql, query) : [];
  }

  async summary(providers: readonly string[]): Promise<LaneSummary[]> {
    return this.#ledger.store.isCreated() ? providers.map((name) => summarize(this.ctx.storage.sql, name)) : [];
  }

  /** Never throws: a thrown alarm is repeated by the platform, on its own terms instead of ours. */
  override async alarm(): Promise<void> {
    this.#alarmAt = undefined;
    try {
      this.#ledger.expire(this.#occasion());
    } catch (error) {
      this.#fault('alarm.fault', error);
    }
    this.#deliver();
  }

  /** Starts the lanes, without waiting for them, and sees to it that the object is woken again while there is something to do. */
  #deliver(): void {
    const { store, nextExpiryAt, registration } = this.#ledger;
    if (registration === undefined) return;
    const now = Date.now();
    const owed = store.owedProviders().filter((name) => !registration.paused.includes(name));
    if (owed.length > 0) this.ctx.waitUntil(this.#lanes.drain(owed));
    this.#prune(now);
    const oldest = oldestAt(this.ctx.storage.sql);
    const due = [
      nextExpiryAt,
      owed.length > 0 ? now + SAFETY_MS : undefined,
      oldest === undefined ? undefined : Math.max(oldest + this.#retentionMs(), now + PRUNE_EVERY_MS),
    ].filter((at) => at !== undefined);
    if (due.length > 0) this.#wake(Math.min(...due));
  }

  #prune(now: number): void {
    if (now - this.#prunedAt < PRUNE_EVERY_MS) return;
    this.#prunedAt = now;
    prune(this.ctx.storage.sql, now - this.#retentionMs());
  }

  #retentionMs(): number {
    const config = configOf(this.env);
    return config.ok ? config.value.payloadRetentionMs : Number.MAX_SAFE_INTEGER / 2;
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
    this.#ledger.adopt(found);
    return this.#ledger.registration;
  }

  #fault(event: string, error: unknown): void {
    writeLog('error', event, { 'scsp.charge_point_id': this.ctx.id.name, error: String(error) });
  }

  #occasion() {
    return { requestId: crypto.randomUUID(), nowMs: Date.now() };
  }
}
