/** A station without the platform: events are unwrapped, known again, and decided by the station's own turn; deliveries are translated. */
import type { Deliverable, OutgoingMessage } from '../../src/recipient.ts';
import type { ChargeEvent } from '../../src/charging/charge-event.ts';
import type { Charger } from '../../src/charging/charger.ts';
import { CSMS } from '../../src/csms/index.ts';
import type { Incoming, SeenMessage } from '../../src/csms/csms.ts';
import { PROVIDERS } from '../../src/providers/index.ts';
import type { ConfiguredProvider } from '../../src/providers/provider.ts';
import { EMPTY_BOOK, type KeptReason, type SessionBook } from '../../src/sessions/book.ts';
import { namesOf } from '../../src/station/journal/repeats/names.ts';
import { learn } from '../../src/station/journal/pairings/pairing-turn.ts';
import type { Registration } from '../../src/station/journal/pairings/stored-registration.ts';
import { timePassed, turn, type StationState, type Taken } from '../../src/station/journal/turn.ts';
import { SETTINGS } from '../settings.ts';

export type ProviderName = 'stekker' | 'jedlix';

const PAIRED = { generation: 1, status: 'paired' } as const;

/** What became of one event, as the webhook's caller is told. */
export type Acceptance = 'received' | 'duplicate' | 'ignored' | `rejected: ${string}`;

export type SimulatedStationOptions = {
  readonly charger: Charger;
  readonly paired?: readonly ProviderName[];
  /** The webhook format; our own if none is named. */
  readonly csms?: string;
};

/** When an event arrives of which a test says nothing: after everything that is told in it. */
const LONG_AFTER_MS = Date.UTC(2099, 0, 1);

export class SimulatedStation {
  book: SessionBook = EMPTY_BOOK;
  readonly sent: Readonly<Record<ProviderName, OutgoingMessage[]>> = { stekker: [], jedlix: [] };
  readonly events: ChargeEvent[] = [];
  /** What the timeline shows of each event that was taken. */
  readonly entries: unknown[] = [];
  /** Which event was kept and not sent, by its place, and why. */
  readonly kept: { readonly event: number; readonly reason: KeptReason }[] = [];
  readonly #options: SimulatedStationOptions;
  readonly #configured: ReadonlyMap<string, ConfiguredProvider>;
  readonly #seen = new Set<string>();
  #registration: Registration;
  #taken = 0;
  /** Each log row's message, as the log keeps it. */
  readonly #rows = new Map<number, string>();

  constructor(options: SimulatedStationOptions) {
    this.#options = options;
    const paired = options.paired ?? ['stekker', 'jedlix'];
    const pairings = Object.fromEntries(paired.map((provider) => [provider, PAIRED]));
    this.#registration = { charger: options.charger, isRegistered: true, pairings, paused: [] };
    this.#configured = new Map(PROVIDERS.map((provider) => [provider.name, configured(provider)]));
  }

  /** Takes one event, at the time it says it was seen unless told otherwise. */
  take(body: unknown, nowMs?: number): Acceptance {
    this.#taken += 1;
    const csms = CSMS.find(({ name }) => name === (this.#options.csms ?? 'ocpp'));
    const unwrapped = csms?.unwrap(body, new Date(nowMs ?? LONG_AFTER_MS).toISOString());
    const [event] = unwrapped?.ok ? unwrapped.value : [];
    if (event === undefined) return 'rejected: envelope-invalid';
    if (!event.ok) return `rejected: ${event.error.reason}`;
    const { incoming } = event.value;
    if (incoming.kind === 'registration') return 'ignored';
    return this.#takeIncoming(incoming, nowMs ?? seenAtOf(incoming));
  }

  /** Lets time pass until then; it counts as an event, as it does in the log. */
  wait(nowMs: number): void {
    this.#taken += 1;
    this.#apply(timePassed(this.#state, nowMs));
  }

  /** Pairs a provider while sessions may be running; counts as an event. */
  pair(provider: ProviderName): void {
    this.#taken += 1;
    const state = { registration: this.#registration, book: this.book, isEndOwed: false };
    const learned = learn(state, provider, { pairing: PAIRED }, 0);
    if (learned === undefined) throw new Error(`${provider} is paired already`);
    this.#registration = learned.registration;
    this.book = learned.book;
    this.#send(learned.deliverables);
  }

  #takeIncoming(incoming: Incoming, nowMs: number): Acceptance {
    const { kept, exact } = namesOf({ index: 0, incoming }, { requestId: '' }, nowMs);
    if (exact.some((name) => this.#seen.has(name))) return 'duplicate';
    const decision = turn(this.#state, incoming, nowMs);
    if (decision.kind === 'ignored') return 'ignored';
    if (decision.kind === 'rejected') return `rejected: ${decision.reason}`;
    for (const name of kept) this.#seen.add(name);
    this.#apply(decision);
    return 'received';
  }

  /** A row for each event, so that `kept` names events by their place. */
  get #state(): StationState {
    return {
      registration: this.#registration,
      book: this.book,
      seq: this.#taken - 1,
      recall: (seq) => this.#messageIn(seq),
    };
  }

  #messageIn(seq: number): SeenMessage | undefined {
    const row = this.#rows.get(seq);
    return row === undefined ? undefined : JSON.parse(row);
  }

  #apply({ entry, book, deliverables, kept }: Taken): void {
    if (entry.kind === 'message') this.#rows.set(this.#taken, JSON.stringify(entry));
    this.book = book;
    this.entries.push(entry);
    this.events.push(...deliverables.flatMap(({ event }) => event ?? []));
    this.kept.push(...kept.map(({ seq, reason }) => ({ event: seq, reason })));
    this.#send(deliverables);
  }

  #send(deliverables: readonly Deliverable[]): void {
    for (const { event, to } of deliverables) {
      if (event === undefined) continue;
      // Through JSON and back, as the log keeps it.
      const stored: ChargeEvent = JSON.parse(JSON.stringify(event));
      for (const [name, seqNo] of Object.entries(to)) {
        const messages = this.#configured.get(name)?.translate(stored, { charger: this.#options.charger, seqNo });
        this.sent[name === 'stekker' ? 'stekker' : 'jedlix'].push(...(messages ?? []));
      }
    }
  }
}

function configured(provider: (typeof PROVIDERS)[number]): ConfiguredProvider {
  const settings = provider.configure(SETTINGS);
  if (!settings.ok || settings.value === undefined) throw new Error(`${provider.name} is not configured`);
  return settings.value;
}

function seenAtOf(incoming: Incoming): number {
  if (incoming.kind === 'message') return Date.parse(incoming.message.seenAt);
  return incoming.kind === 'connection' ? Date.parse(incoming.at) : 0;
}
