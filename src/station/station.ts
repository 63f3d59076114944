/**
 * The charging station object, one for each charger. It takes what its charger and CSMS said, durably and once, and
 * delivers it to each paired provider in order. Here: the calls, the alarm and the wiring.
 */
import { DurableObject } from 'cloudflare:workers';
import { isIdentityOf, type Charger } from '../charging/charger.ts';
import { configOf, recipientOf } from '../config.ts';
import { locatedIn } from '../storage/jurisdiction.ts';
import { noteHolds } from '../storage/paused-providers.ts';
import { timeline, type TimelinePage, type TimelineQuery } from './journal/history.ts';
import { Lanes } from './delivery/lanes.ts';
import { eraseSome } from './journal/erasure/erasing.ts';
import type { ErasureOrder, ErasureStep } from './journal/erasure/erasure-order.ts';
import { Forgetting } from './journal/forgetting.ts';
import { Counting } from './journal/counts.ts';
import { Ledger } from './journal/ledger.ts';
import type { OwnLetters } from './journal/letters.ts';
import type { PairingNews } from './journal/pairings/pairing-news.ts';
import { Profiles } from './steering/profiles.ts';
import type { ProfileOrder, ProfileOutcome } from './steering/profile-outcome.ts';
import { registeredIn } from './registered.ts';
import { SessionNotes } from './session-notes.ts';
import { stationHome, type StationHome } from './station-home.ts';
import { noticesOf } from './station-notices.ts';
import type { Acceptance, IndexedIncoming, Replay, StationRpc, WebhookContext } from './station-rpc.ts';
import type { Registration } from './journal/pairings/stored-registration.ts';
import { resumedUntold } from './resumed-untold.ts';
import { Waking } from './waking.ts';

/** The crash net: while anything is owed, the object is woken at least this often, whatever else was forgotten. */
const SAFETY_MS = 10 * 60_000;
/** How long somebody who unpaired waits for the provider to be told; it is told later if need be. */
const UNPAIRING_WAIT_MS = 3000;

export class ChargingStation extends DurableObject<Env> implements StationRpc {
  readonly #ledger: Ledger;
  readonly #lanes: Lanes;
  readonly #profiles: Profiles;
  readonly #waking: Waking;
  readonly #counting: Counting;
  readonly #notes: SessionNotes;
  readonly #forgetting: Forgetting;
  readonly #home: StationHome;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, locatedIn(env, ctx.id.jurisdiction));
    this.#waking = new Waking(ctx.storage, (work) => ctx.waitUntil(work));
    const home = stationHome(ctx, this.env, (at) => this.#wake(at));
    const notices = noticesOf(home, () => this.#deliver());
    this.#ledger = new Ledger(ctx.storage, notices, home.config().pseudonyms);
    this.#lanes = new Lanes({
      ...home,
      backlog: this.#ledger.store.backlog,
      charger: () => this.#ledger.registration?.charger,
      recipient: (name) => recipientOf(home.config(), name),
      note: (entry, fact) => this.#ledger.note(entry, this.#occasion(), [fact]),
      isPaused: (provider) => this.#ledger.registration?.paused.includes(provider) ?? false,
    });
    this.#profiles = new Profiles({ ...home, ledger: this.#ledger, lanes: this.#lanes });
    this.#home = home;
    this.#forgetting = new Forgetting(ctx.storage.sql, home.config);
    this.#counting = new Counting(home, this.#ledger.store.backlog);
    this.#notes = new SessionNotes({ ...home, ledger: this.#ledger });
    if (this.#ledger.registration === undefined) return;
    ctx.waitUntil(ctx.blockConcurrencyWhile(() => this.#waking.learn()).then(() => this.#deliver()));
  }

  /** Takes events in order. Everything that was received is stored before the answer leaves the object. */
  async accept(events: readonly IndexedIncoming[], context: WebhookContext): Promise<Acceptance[]> {
    const registration = await this.#registered();
    const isOwn = events.every(({ ocppIdentity }) => isIdentityOf(registration?.charger, ocppIdentity));
    if (registration === undefined || !isOwn) return events.map(() => ({ kind: 'ignored', reason: 'charger-unknown' }));
    const isIdle = this.#ledger.store.backlog.recipients().length === 0;
    const acceptances = this.#ledger.take(events, context, Date.now(), this.#home.config().stationStorageBytes);
    this.#profiles.heard(events.filter((_, place) => acceptances[place]?.kind !== 'duplicate'));
    this.#home.metrics.accepted(acceptances);
    this.#deliver(isIdle);
    return acceptances;
  }

  async register(charger: Charger): Promise<Registration['pairings']> {
    await this.#registered();
    this.#ledger.register(charger, configOf(this.env).providers, this.#occasion());
    this.#deliver();
    return this.#ledger.registration?.pairings ?? {};
  }

  async deregister(): Promise<void> {
    this.#ledger.deregister(this.#occasion());
    this.#deliver();
  }

  async learnPairing(provider: string, news: PairingNews): Promise<number> {
    const registration = await this.#registered(provider);
    const { pairing, isPaused = false, audit } = news;
    if (pairing.status === 'paired') {
      if (registration === undefined) return pairing.generation;
      const { chargePointId } = registration.charger;
      // What is told here is noted too, or a resume would pass over this station.
      if (isPaused) await noteHolds(this.env.DB, [{ chargePointId, provider, isPaused }]);
      this.#ledger.hold(provider, isPaused);
    }
    this.#ledger.learn(provider, news, this.#occasion(audit?.requestId));
    this.#deliver();
    return this.#ledger.registration?.pairings[provider]?.generation ?? pairing.generation;
  }

  async pairings(): Promise<Registration['pairings']> {
    return this.#ledger.registration?.pairings ?? {};
  }

  async isUnpairingTold(provider: string, isUrgent: boolean): Promise<boolean> {
    const isOwed = () => this.#ledger.unpairingsOwed(provider).length > 0;
    if (isOwed()) await this.#lanes.drainFor(UNPAIRING_WAIT_MS, provider, isUrgent);
    return !isOwed();
  }

  async hold(provider: string, isPaused: boolean): Promise<void> {
    this.#ledger.hold(provider, isPaused);
    if (!isPaused) this.#lanes.released(provider);
    this.#deliver();
  }

  async replay(letters: readonly Replay[], requestId: string): Promise<boolean> {
    if ((await this.#registered()) === undefined) return false;
    this.#ledger.replay(letters, this.#occasion(requestId));
    this.#deliver();
    for (const { deliveryId } of letters) await this.#lanes.parking.remove({ deliveryId });
    return true;
  }

  async letters(query: OwnLetters): ReturnType<StationRpc['letters']> {
    return this.#ledger.store.isCreated() ? this.#lanes.parking.list(query) : { letters: [], isCut: false };
  }

  async drop(filter: OwnLetters, requestId: string): Promise<number> {
    if (!this.#ledger.store.isCreated()) return 0;
    const { deliveryId } = filter;
    if (deliveryId !== undefined) this.#ledger.note({ kind: 'dropped', deliveryId }, this.#occasion(requestId));
    return this.#lanes.parking.remove(filter);
  }

  /** Parked messages that are on their way to D1 arrive first. */
  async erase(order: ErasureOrder): Promise<ErasureStep> {
    await this.#lanes.parking.idle();
    const { pairingCodePepper: pepper } = configOf(this.env);
    const step = eraseSome(this.#ledger, this.ctx.storage.sql, order, { pepper, ...this.#occasion() });
    this.#deliver();
    return step;
  }

  async setChargingProfile(order: ProfileOrder): Promise<ProfileOutcome> {
    await this.#registered();
    return this.#profiles.set(order);
  }

  async clearProfiles(evseId: number | undefined, requestId: string): Promise<number> {
    return this.#profiles.clear(evseId, requestId);
  }

  async takeAnswer(token: string, answer: unknown): Promise<boolean> {
    return this.#profiles.takeAnswer(token, answer);
  }

  async steering(): ReturnType<StationRpc['steering']> {
    return this.#profiles.view();
  }

  async nudge(): Promise<boolean> {
    await this.#releaseResumed();
    this.#deliver();
    return this.#ledger.store.backlog.recipients().length > 0;
  }

  async timeline(query: TimelineQuery): Promise<TimelinePage> {
    return this.#ledger.store.isCreated()
      ? timeline(this.ctx.storage.sql, this.#ledger.book, query)
      : { items: [], isCut: false };
  }

  async retry(provider: string): Promise<void> {
    this.#lanes.hurry(provider);
    this.#deliver();
  }

  /** Never throws: a thrown alarm is repeated by the platform, on its own terms instead of ours. */
  override async alarm(): Promise<void> {
    this.#waking.rang();
    try {
      this.#ledger.expire(this.#occasion());
      await this.#releaseResumed();
    } catch (error) {
      this.#home.log('error', 'alarm.fault', { error: String(error) });
      this.#waking.failed(Date.now());
    }
    try {
      this.#deliver();
    } catch (error) {
      this.#home.log('error', 'alarm.fault', { error: String(error) });
      this.#wake(Date.now() + SAFETY_MS);
    }
  }

  /** Starts the lanes, without waiting, and sets the alarm while there is something to do. `isIdle`: nothing was owed. */
  #deliver(isIdle = false): void {
    const { store, nextExpiryAt, registration } = this.#ledger;
    if (registration === undefined) return;
    const now = Date.now();
    const owed = store.backlog.recipients();
    const open = owed.filter((name) => !registration.paused.includes(name));
    if (open.length > 0) this.ctx.waitUntil(this.#lanes.drain(open));
    if (open.length < owed.length) this.#lanes.held(owed.filter((name) => registration.paused.includes(name)));
    this.#counting.tend(now);
    this.#notes.tend(now);
    this.#profiles.tend();
    this.#lanes.parking.tend();
    this.#home.metrics.flush();
    const due = [
      nextExpiryAt,
      this.#profiles.nextDueAt,
      this.#notes.nextDueAt,
      owed.length > 0 ? now + SAFETY_MS : undefined,
      this.#forgetting.due(now),
    ];
    const known = due.filter((at) => at !== undefined);
    if (known.length === 0) return;
    if (isIdle) this.#waking.notBefore(Math.min(...known), now);
    else this.#wake(Math.min(...known));
  }

  /** Lets lanes go whose pause is over although nobody told this station. */
  async #releaseResumed(): Promise<void> {
    for (const name of await resumedUntold(this.env.DB, this.#ledger)) {
      this.#ledger.hold(name, false);
      this.#lanes.released(name);
    }
  }

  #wake(at: number): void {
    this.#waking.at(at, Date.now());
  }

  #registered(provider?: string): Promise<Registration | undefined> {
    return registeredIn(this.#ledger, this.env.DB, this.ctx.id.name, provider);
  }

  #occasion(requestId: string = crypto.randomUUID()) {
    return { requestId, nowMs: Date.now() };
  }
}
