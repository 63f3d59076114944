/**
 * The way of a webhook event through the station, without the platform: unwrapped, known again, read, booked, addressed, translated.
 * The same functions in the same order as in the station's ledger and lanes; only storage and sending are left out.
 */
import type { Deliverable, OutgoingMessage } from '../../src/recipient.ts';
import type { ChargeEvent } from '../../src/charging/charge-event.ts';
import type { Charger } from '../../src/charging/charger.ts';
import { CSMS } from '../../src/csms/index.ts';
import type { Incoming } from '../../src/csms/csms.ts';
import { meaningOf } from '../../src/ocpp/index.ts';
import { PROVIDERS } from '../../src/providers/index.ts';
import type { ConfiguredProvider } from '../../src/providers/provider.ts';
import { EMPTY_BOOK, type KeptReason, type SessionBook, type Step } from '../../src/sessions/book.ts';
import { expire } from '../../src/sessions/expiry.ts';
import { address, join, recipientsOf } from '../../src/station/journal/recipients.ts';
import { namesOf } from '../../src/station/journal/names.ts';
import { record } from '../../src/sessions/session-book.ts';
import { SETTINGS } from '../settings.ts';

export type ProviderName = 'stekker' | 'jedlix';

/** What became of one event, as the webhook's caller is told. */
export type Acceptance = 'received' | 'duplicate' | 'ignored' | `rejected: ${string}`;

export type PipelineOptions = {
  readonly charger: Charger;
  readonly paired?: readonly ProviderName[];
  /** The webhook format; our own if none is named. */
  readonly csms?: string;
};

export class Pipeline {
  book: SessionBook = EMPTY_BOOK;
  readonly sent: Readonly<Record<ProviderName, OutgoingMessage[]>> = { stekker: [], jedlix: [] };
  readonly events: ChargeEvent[] = [];
  /** Which event was kept and not sent, by its place, and why. */
  readonly kept: { readonly event: number; readonly reason: KeptReason }[] = [];
  readonly #options: PipelineOptions;
  readonly #configured: ReadonlyMap<string, ConfiguredProvider>;
  readonly #seen = new Set<string>();
  #paired: readonly string[];
  #taken = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#paired = options.paired ?? ['stekker', 'jedlix'];
    this.#configured = new Map(PROVIDERS.map((provider) => [provider.name, configured(provider)]));
  }

  /** Takes one event, at the time it says it was seen unless told otherwise. */
  take(body: unknown, nowMs?: number): Acceptance {
    this.#taken += 1;
    const csms = CSMS.find(({ name }) => name === (this.#options.csms ?? 'ocpp'));
    const unwrapped = csms?.unwrap(body, new Date(nowMs ?? 0).toISOString());
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
    this.#apply(expire(this.book, nowMs));
  }

  /** Pairs a provider while sessions may be running; counts as an event. */
  pair(provider: ProviderName): void {
    this.#taken += 1;
    this.#paired = [...this.#paired, provider];
    const { book, deliverables } = join(this.book, provider, () => true);
    this.book = book;
    this.#send(deliverables);
  }

  #takeIncoming(incoming: Incoming, nowMs: number): Acceptance {
    const messages = messagesOf(incoming);
    if (typeof messages === 'string') return `rejected: ${messages}`;
    if (messages.length === 0) return 'ignored';
    const { kept, exact } = namesOf({ index: 0, incoming }, { requestId: '' }, nowMs);
    if (exact.some((name) => this.#seen.has(name))) return 'duplicate';
    for (const name of kept) this.#seen.add(name);
    const { chargePointId, evses } = this.#options.charger;
    const turn = { chargePointId, evseIds: evses.map(({ evseId }) => evseId), seq: this.#taken, nowMs };
    this.#apply(expire(this.book, nowMs));
    for (const message of messages) this.#apply(record(this.book, message, turn));
    return 'received';
  }

  #apply(step: Step): void {
    const registration = { charger: this.#options.charger, isRegistered: true, providers: this.#paired, paused: [] };
    const deliverables = address(this.book, step, recipientsOf(registration));
    this.book = step.book;
    this.events.push(...step.events);
    this.kept.push(...step.kept.map(({ seq, reason }) => ({ event: seq, reason })));
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

function messagesOf(incoming: Incoming) {
  if (incoming.kind === 'connection') return [{ kind: `station-${incoming.change}`, at: incoming.at } as const];
  const meaning = meaningOf(incoming.message);
  if (!meaning.ok) return meaning.error.reason;
  return meaning.value.interest ? meaning.value.messages : [];
}

const seenAtOf = (incoming: Incoming) =>
  Date.parse(incoming.kind === 'connection' ? incoming.at : incoming.message.seenAt);
