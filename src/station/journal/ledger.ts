/** The station's synchronous half: what is accepted becomes a log row with the book after it. turn.ts decides. */
import type { ChargerFact } from '../../notification.ts';
import type { Deliverable } from '../../recipient.ts';
import type { ChargeEvent } from '../../charging/charge-event.ts';
import type { Charger } from '../../charging/charger.ts';
import type { ConfiguredProvider } from '../../providers/provider.ts';
import { EMPTY_BOOK, type Kept, type SessionBook } from '../../sessions/book.ts';
import { nextExpiryAt } from '../../sessions/expiry.ts';
import { isNewer, type PairingNews } from './pairings/pairing-news.ts';
import { learn } from './pairings/pairing-turn.ts';
import { stillDue, toldOfDetails } from './recipients.ts';
import { EVENT_TOO_OLD, refusalEntry } from './incoming.ts';
import { Notices } from './notices.ts';
import { nameOf, namesOf } from './repeats/names.ts';
import { isForgotten, lookUp, remember, rememberOnce } from './repeats/seen.ts';
import { hasRoomFor, STATION_FULL } from './room.ts';
import type { Acceptance, IndexedIncoming, Replay, WebhookContext } from '../station-rpc.ts';
import type { FoundRegistration } from './pairings/registration.ts';
import { SessionTokens } from './session-tokens.ts';
import { type Entry, StationStore } from './store.ts';
import type { Pseudonyms } from '../../storage/token-hmac.ts';
import { forgotten, type Registration } from './pairings/stored-registration.ts';
import { timePassed, turn, type Refused, type StationState, type Taken } from './turn.ts';
import { unpairingsOwed } from './pairings/unpairings.ts';

/** When and in whose name something is written. */
type Occasion = { readonly requestId: string; readonly nowMs: number };
type Note = (entry: Entry) => void;

export class Ledger {
  readonly store: StationStore;
  readonly tokens = new SessionTokens();
  readonly #storage: DurableObjectStorage;
  readonly #notices: Notices;
  #registration: Registration | undefined;
  #book: SessionBook;
  #seq: number;
  #hasRoom = true;

  /** With `pseudonyms`, id tokens are kept in clear only while they are needed. */
  constructor(storage: DurableObjectStorage, notices = new Notices(), pseudonyms?: Pseudonyms) {
    this.#storage = storage;
    this.#notices = notices;
    this.store = new StationStore(storage.sql, pseudonyms);
    const isCreated = this.store.isCreated();
    if (isCreated) this.#registration = this.store.registration();
    ({ seq: this.#seq, book: this.#book } = this.store.latest(isCreated));
  }

  get registration(): Registration | undefined {
    return this.#registration;
  }

  get book(): SessionBook {
    return this.#book;
  }

  /** The rows of unpairings that this provider is still to be told of. Costs nothing for one that is owed nothing. */
  unpairingsOwed(provider: string): number[] {
    if (this.#registration?.pairings[provider]?.status !== 'ended') return [];
    return this.store.backlog.recipients().includes(provider) ? unpairingsOwed(this.#storage.sql, provider) : [];
  }

  get newestSeq(): number {
    return this.#seq;
  }
  /** When time alone will change something, in ms since the epoch. */
  get nextExpiryAt(): number | undefined {
    return nextExpiryAt(this.#book);
  }

  /** Takes the events of one webhook in order, and stores all that is written for them, or nothing. */
  take(events: readonly IndexedIncoming[], context: WebhookContext, nowMs: number, maxBytes = Infinity): Acceptance[] {
    return this.#transaction(() => {
      this.#hasRoom = hasRoomFor(this.#storage.sql, maxBytes, this.#book);
      return events.map((event) => this.#takeOne(event, context, nowMs));
    });
  }

  /** Learns a charger's details. Providers that were told other details before are owed the new ones. */
  register(charger: Charger, providers: ReadonlyMap<string, ConfiguredProvider>, occasion: Occasion): void {
    this.#transaction(() => {
      this.store.create();
      const before = this.#registration;
      this.#saveRegistration({ pairings: {}, paused: [], ...before, charger, isRegistered: true });
      const told = toldOfDetails([...providers.values()], before, charger);
      if (told.length === 0) return;
      const event: ChargeEvent = { kind: 'charger-details-changed', at: new Date(occasion.nowMs).toISOString() };
      const to = Object.fromEntries(told.map((name) => [name, 0]));
      this.#append({ kind: 'charger-details-changed' }, [{ event, to }], occasion);
    });
  }

  /** Takes over what the registry knows, for an object that was never told, or lost it. */
  adopt({ charger, paused, pairings }: FoundRegistration): void {
    this.#transaction(() => {
      this.store.create();
      const known = this.#registration?.pairings ?? {};
      const news = Object.entries(pairings).filter(([provider, pairing]) => isNewer(pairing, known[provider]));
      const all = { ...known, ...Object.fromEntries(news) };
      this.#saveRegistration({ charger, paused, pairings: all, isRegistered: true });
    });
  }

  /** Forgets every session and takes nothing more; what is owed stays owed, and pairings stay known. */
  deregister(occasion: Occasion): void {
    const known = this.#registration;
    if (!known?.isRegistered) return;
    this.#transaction(() => {
      this.#saveRegistration({ ...known, isRegistered: false });
      this.#book = EMPTY_BOOK;
      this.#append({ kind: 'deregistered' }, [], occasion);
    });
  }

  /** Learns news of a pairing. An unpairing that is not told yet is not told once the provider is paired again. */
  learn(provider: string, news: PairingNews, occasion: Occasion): void {
    const registration = this.#registration;
    if (registration === undefined) return;
    const owed = this.unpairingsOwed(provider);
    const state = { registration, book: this.#book, isEndOwed: owed.length > 0 };
    const learned = learn(state, provider, news, occasion.nowMs);
    if (learned === undefined) return;
    this.#transaction(() => {
      const superseded = news.pairing.status === 'paired' ? owed : [];
      for (const seq of superseded) {
        this.store.backlog.settle(seq, { [provider]: { outcome: 'superseded', at: occasion.nowMs, attempts: 0 } });
      }
      this.#saveRegistration(learned.registration);
      this.#book = learned.book;
      const { entry, deliverables, facts } = learned;
      if (entry !== undefined) this.#append(entry, deliverables, occasion, { facts });
    });
  }

  /** Holds or releases a provider's lane. */
  hold(provider: string, isPaused: boolean): void {
    const known = this.#registration;
    if (known === undefined || known.paused.includes(provider) === isPaused) return;
    const paused = [...known.paused.filter((name) => name !== provider), ...(isPaused ? [provider] : [])];
    this.#transaction(() => this.#saveRegistration({ ...known, paused }));
  }

  /**
   * Owes parked messages again, behind what is owed already, in the order given. A letter that was taken before is left
   * out; so is the end of a pairing that was made again since. The charger must be known.
   */
  replay(letters: readonly Replay[], occasion: Occasion): void {
    this.#transaction(() => {
      for (const { deliveryId, parkedAt, deliverables } of letters) {
        if (!rememberOnce(this.#storage.sql, nameOf(`replay|${deliveryId}|${parkedAt}`), occasion.nowMs)) continue;
        this.#append({ kind: 'replayed', deliveryId }, stillDue(deliverables, this.#registration), occasion);
      }
    });
  }

  /** Notes something in the timeline, and tells the CSMS these facts. */
  note(entry: Entry, occasion: Occasion, facts: readonly ChargerFact[] = []): void {
    this.#transaction(() => this.#append(entry, [], occasion, { facts }));
  }

  /** Ends bounded waits that are over. */
  expire(occasion: Occasion): void {
    if ((this.nextExpiryAt ?? Number.POSITIVE_INFINITY) > occasion.nowMs) return;
    this.#transaction(() => this.#write(timePassed(this.#state, occasion.nowMs), occasion));
  }

  /** A repeat costs one look-up: it is neither read nor placed. */
  #takeOne(event: IndexedIncoming, context: WebhookContext, nowMs: number): Acceptance {
    const { sql } = this.#storage;
    const names = namesOf(event, context, nowMs);
    const seen = lookUp(sql, names, nowMs);
    if (seen.isRepeat) return { kind: 'duplicate' };
    if (isForgotten(sql, names, nowMs)) return this.#refused(EVENT_TOO_OLD, context, nowMs);
    if (!this.#hasRoom) return STATION_FULL;
    const decision = turn(this.#state, event.incoming, nowMs);
    if (decision.kind === 'rejected') return this.#refused(decision, context, nowMs);
    if (decision.kind === 'ignored') return decision;
    remember(sql, names, seen, nowMs);
    this.#write(decision, { requestId: context.requestId, nowMs });
    return { kind: 'received' };
  }

  /** The same refusal is noted once a day, so that a sender that repeats a mistake fills nothing. */
  #refused(refused: Refused, { requestId }: WebhookContext, nowMs: number): Refused {
    const entry = refusalEntry(refused);
    const name = nameOf(JSON.stringify(entry));
    if (rememberOnce(this.#storage.sql, name, nowMs)) this.#append(entry, [], { requestId, nowMs });
    return refused;
  }

  /** Changes what is stored, in one transaction: the book, then the rest, with entries for the timeline. */
  rewrite<T>(change: (book: SessionBook) => SessionBook, work: (note: Note) => T, occasion: Occasion): T {
    return this.#transaction(() => {
      const book = change(this.#book);
      if (book !== this.#book) this.store.saveBook(this.#seq, book);
      this.#book = book;
      return work((entry) => this.#append(entry, [], occasion));
    });
  }

  /** Forgets all of a removed charger but its id and the generations of its pairings, which must only grow. */
  forgetCharger(): void {
    if (this.#registration !== undefined) this.#saveRegistration(forgotten(this.#registration));
  }

  get #state(): StationState {
    const recall = (seq: number) => this.store.messageIn(seq);
    return { registration: this.#registration, book: this.#book, seq: this.#seq, recall };
  }

  #write({ entry, book, deliverables, kept, facts }: Taken, occasion: Occasion): void {
    this.#book = book;
    for (const { event } of deliverables) this.tokens.note(event);
    this.#append(entry, deliverables, occasion, { kept, facts });
  }

  #append(
    entry: Entry,
    deliverables: readonly Deliverable[],
    { requestId, nowMs }: Occasion,
    { kept = [], facts = [] }: { readonly kept?: readonly Kept[]; readonly facts?: readonly ChargerFact[] } = {},
  ) {
    this.#seq += 1;
    const owed = this.#notices.owed(facts, this.#registration?.charger.chargePointId ?? '', nowMs);
    const row = { seq: this.#seq, receivedAt: nowMs, requestId, entry, kept, book: this.#book };
    this.store.append({ ...row, deliverables: [...deliverables, ...owed] });
  }

  #saveRegistration(registration: Registration): void {
    this.#registration = registration;
    this.store.saveRegistration(registration);
  }

  /** Runs `work` as one transaction; when it throws, memory goes back to what is stored. */
  #transaction<T>(work: () => T): T {
    const before = { registration: this.#registration, book: this.#book, seq: this.#seq };
    try {
      return this.#notices.within(() => this.#storage.transactionSync(work));
    } catch (error) {
      this.#registration = before.registration;
      this.#book = before.book;
      this.#seq = before.seq;
      this.store.undone();
      throw error;
    }
  }
}
