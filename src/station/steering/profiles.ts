/**
 * The charging profiles of one station: brings what providers ask for to the charger, one command at a time. No lane
 * waits for this, and this waits for no lane.
 */
import type { ChargingProfile, ProfileRequest } from '../../charging/charging-profile.ts';
import { err, ok, type Result } from '../../result.ts';
import type { IndexedIncoming } from '../station-rpc.ts';
import { CommandQueue } from './commands.ts';
import { Commander, type CommanderHome, type CommandRecord } from './command-sending.ts';
import type { Ledger } from '../journal/ledger.ts';
import type { Metrics } from '../metrics.ts';
import { applyProfile, type Applied } from './profile-apply.ts';
import { ProfileClears, type ClearsHome } from './profile-clear.ts';
import { LateAnswers } from './late-answers.ts';
import { OthersCommands } from './others-commands.ts';
import { ProfileMemory } from './profile-memory.ts';
import { ProfileWatch } from './profile-watch.ts';
import { rejectionsIn, worstOf, wordOf, type ProfileOrder, type ProfileOutcome } from './profile-outcome.ts';
import { prepareRequest, type PreparedRequest } from './profile-request.ts';
import { endedSessionViews, learnedView, otherProfileViews, sessionViews, type SteeringView } from './profile-view.ts';
import { concerns, isPaired } from '../journal/recipients.ts';
import type { Registration } from '../journal/pairings/stored-registration.ts';

/** What the profiles need of their station object. */
export type ProfilesHome = Omit<CommanderHome, 'hold' | 'sending'> &
  Pick<ClearsHome, 'wake' | 'aside'> & {
    readonly sql: SqlStorage;
    readonly metrics: Metrics;
    /** Since when nothing sent to this provider arrives (ms); undefined while something does, or nothing is owed. */
    readonly lanes: { failingSince(provider: string): number | undefined };
    readonly ledger: Ledger;
  };

type Ready = PreparedRequest & { readonly registration: Registration };

/** The outcome of an order. Nothing was sent for one that was refused or replaced. */
type Report = { readonly outcome: ProfileOutcome } & Partial<Applied> & Partial<Pick<PreparedRequest, 'notes'>>;

/** What was not sent within so long after the time that a command may take is not sent any more. */
const WAIT_MS = 20_000;
/** A rest that could not be sent is sent a minute later. */
const RENEW_AGAIN_MS = 60_000;

export class Profiles {
  readonly #home: ProfilesHome;
  readonly #memory: ProfileMemory;
  readonly #queue = new CommandQueue();
  readonly #commander: Commander;
  readonly #clears: ProfileClears;
  readonly #late: LateAnswers;
  readonly #watch: ProfileWatch;
  readonly #others: OthersCommands;
  /** Places whose profile is being sent anew. */
  readonly #renewing = new Set<string>();

  constructor(home: ProfilesHome) {
    this.#home = home;
    const { ledger, metrics } = home;
    this.#memory = new ProfileMemory(home.sql, ledger.store.isCreated());
    this.#others = new OthersCommands({ ledger, memory: this.#memory });
    this.#commander = new Commander({
      ...home,
      hold: (end) => this.#queue.holdUntil(end),
      sending: (action, payload) => this.#others.sent(action, payload),
    });
    this.#watch = new ProfileWatch({ ledger, metrics, memory: this.#memory, renew: (key) => this.#renew(key) });
    this.#clears = new ProfileClears({
      ...home,
      memory: this.#memory,
      queue: this.#queue,
      commander: this.#commander,
      registration: () => ledger.registration,
      book: () => ledger.book,
      note: (entry, requestId, facts) => ledger.note(entry, { requestId, nowMs: Date.now() }, facts),
      releaseAfterMs: () => home.config().profileReleaseAfterMs,
      goneSince: (provider) => (home.config().providers.has(provider) ? home.lanes.failingSince(provider) : 0),
    });
    this.#late = new LateAnswers({ ledger, memory: this.#memory, commander: this.#commander, clears: this.#clears });
  }

  /**
   * Brings a provider's profile to the charger and gives the charger's answer. Of several that wait for a place, the
   * newest wins.
   */
  async set(order: ProfileOrder): Promise<ProfileOutcome> {
    const requestedAt = Date.now();
    const done = this.#run(order, requestedAt).then((report) => this.#conclude(order, requestedAt, report));
    // The provider may hang up. The command goes on, and the charger's answer is remembered.
    this.#home.aside(done);
    return done;
  }

  /** Gives an answer to the command that waits for it under this token; false when none does. */
  takeAnswer(token: string, answer: unknown): boolean {
    return this.#commander.callbacks.take(token, answer) || this.#late.take(token, answer);
  }

  /** The sessions that run, with what steers them, and those remembered; other profiles; what was learned. */
  view(): SteeringView {
    const { book, registration } = this.#home.ledger;
    const charger = registration?.charger;
    const known = { book, slots: this.#memory.slots, charger };
    return {
      sessions: [...sessionViews(known, Date.now()), ...endedSessionViews(known)],
      profiles: otherProfileViews(known, Date.now()),
      learned: charger === undefined ? {} : learnedView(this.#memory.capability.of(charger)),
    };
  }

  /**
   * Does what is due. It runs after every event of the charger and every change of its pairings. Profiles of a provider
   * that does not control the charger any more are cleared, as soon as the charger can be reached.
   */
  tend(): void {
    this.#watch.tend();
    this.#clears.tend();
    for (const { key, active } of this.#memory.slots) {
      if (active?.restAt !== undefined && active.restAt <= Date.now()) this.#renew(key);
    }
  }

  /** Learns what the charger says of itself in passing, and what others do to its profiles. */
  heard(events: readonly IndexedIncoming[]): void {
    this.#watch.heard(events);
    for (const { incoming } of events) if (incoming.kind === 'message') this.#others.heard(incoming.message);
  }

  /** Sends an active profile anew, as it was asked, in the form that the charger takes now. */
  #renew(key: string): void {
    const slot = this.#memory.find(key);
    if (slot?.active === undefined || slot.clear !== undefined || this.#renewing.has(key)) return;
    const { active, evseId, transactionId } = slot;
    const transaction = transactionId === undefined ? {} : { transaction: { ocpp201: transactionId } };
    const { provider, profile, requestedAt } = active;
    this.#memory.put({ ...slot, active: { ...active, restAt: Date.now() + RENEW_AGAIN_MS } });
    this.#renewing.add(key);
    const order = { provider, request: { evseId, profile, ...transaction }, requestId: crypto.randomUUID() };
    const done = this.#run(order, requestedAt).then((report) => this.#conclude(order, requestedAt, report));
    this.#home.aside(done.finally(() => this.#renewing.delete(key)));
  }

  /** Clears what providers set, until the charger answers; gives in how many places. */
  clear(evseId: number | undefined, requestId: string): number {
    return this.#clears.clear(evseId, requestId);
  }

  /** When `tend` has something to do next, in ms since the epoch. */
  get nextDueAt(): number | undefined {
    const rests = this.#memory.slots.flatMap(({ active }) => active?.restAt ?? []);
    const due = [this.#clears.nextDueAt, ...rests].filter((at) => at !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  async #run(order: ProfileOrder, requestedAt: number): Promise<Report> {
    const ready = this.#check(order, requestedAt);
    if (!ready.ok) return { outcome: ready.error };
    const targets = ready.value.commands.map(({ place }) => place.key);
    if (!this.#queue.hasRoomFor(targets)) return { outcome: { kind: 'busy' } };
    return this.#queue.add<Report>({
      targets,
      run: () => this.#apply(order, requestedAt),
      overtaken: { outcome: { kind: 'superseded' } },
      limit: { waitMs: this.#home.config().commandTimeoutMs + WAIT_MS, expired: { outcome: { kind: 'not-sent' } } },
    });
  }

  #check(order: ProfileOrder, requestedAt: number): Result<Ready, ProfileOutcome> {
    const { provider, request } = order;
    const { registration, book } = this.#home.ledger;
    if (!registration?.isRegistered) return err({ kind: 'charger-unknown' });
    if (!isControlling(registration, provider, request)) return err({ kind: 'not-controlling' });
    const sessions = book.running.filter(({ ref }) => concerns(registration, provider, ref.evse));
    const { charger } = registration;
    const { belowMinimum, allowsStationProfiles } = this.#home.config();
    const learned = this.#memory.capability.of(charger);
    const known = this.#memory.slots;
    const station = { charger, sessions, known, learned, belowMinimum, allowsStationProfiles };
    const prepared = prepareRequest(order, { ...station, now: Date.now(), setAt: requestedAt });
    if (!prepared.ok) return err({ kind: 'refused', refusal: prepared.error });
    return ok({ ...prepared.value, registration });
  }

  /** What was true when the request came may have changed while it waited, so everything is checked again. */
  async #apply(order: ProfileOrder, requestedAt: number): Promise<Report> {
    const ready = this.#check(order, requestedAt);
    if (!ready.ok) return { outcome: ready.error };
    const [commander, memory, { channel }] = [this.#commander, this.#memory, this.#commander];
    if (channel === undefined) return { outcome: { kind: 'off' } };
    const { registration, notes } = ready.value;
    const context = { commander, channel, charger: registration.charger, memory, order, requestedAt, notes };
    const applied: Applied[] = [];
    for (const command of ready.value.commands) {
      const each = await applyProfile(context, command);
      applied.push(each);
      if (each.outcome.kind !== 'answered') break;
    }
    const outcome = worstOf(applied.map((each) => each.outcome));
    return { outcome, commands: applied.flatMap(({ commands }) => commands), notes };
  }

  /** A request of a provider without control is not noted in the timeline. */
  #conclude(order: ProfileOrder, requestedAt: number, report: Report): ProfileOutcome {
    const { outcome, commands = [], notes = [] } = report;
    if (outcome.kind === 'charger-unknown' || outcome.kind === 'not-controlling') return outcome;
    const { provider, request, requestId } = order;
    const durationMs = Date.now() - requestedAt;
    const { evseId } = request;
    const isTurnedAway = ['refused', 'busy', 'not-sent'].includes(outcome.kind);
    const profile = isTurnedAway ? summaryOf(request.profile) : request.profile;
    const entry = { provider, evseId, profile, outcome: wordOf(outcome), notes, commands: shown(commands), durationMs };
    this.#home.metrics.profile(provider, wordOf(outcome));
    const facts = rejectionsIn(order, outcome);
    this.#home.ledger.note({ kind: 'charging-profile', ...entry }, { requestId, nowMs: Date.now() }, facts);
    this.#home.metrics.flush();
    this.#clears.tend();
    const due = this.nextDueAt;
    if (due !== undefined) this.#home.wake(due);
    return outcome;
  }
}

/** For a profile that was sent to no charger, the timeline has its head only. */
function summaryOf({ schedules, ...head }: ChargingProfile): object {
  return { ...head, periods: schedules.reduce((sum, { periods }) => sum + periods.length, 0) };
}

/** A row of the timeline has room for so many characters. Of a plan for many cars, the payloads beyond are left out. */
const MAX_SHOWN_LENGTH = 500_000;

function shown(commands: readonly CommandRecord[]): readonly object[] {
  let left = MAX_SHOWN_LENGTH;
  return commands.map((command) => {
    left -= JSON.stringify(command.payload).length;
    return left >= 0 ? command : { ...command, payload: 'left out' };
  });
}

/** A provider paired with one EVSE controls it, and on EVSE 0 the sessions there, but not the whole station. */
function isControlling(registration: Registration, provider: string, { evseId, profile }: ProfileRequest): boolean {
  const { charger, pairings } = registration;
  if (!isPaired(registration, provider) || !concerns(registration, provider, { evseId })) return false;
  const isOfOneEvse = pairings[provider]?.evseUid !== undefined && charger.evses.length > 1;
  return !isOfOneEvse || evseId !== 0 || profile.purpose === 'TxProfile';
}
