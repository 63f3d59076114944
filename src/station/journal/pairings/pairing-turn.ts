/**
 * The station's decision about news of a pairing: what it knows then, what its timeline shows, and what is owed. Pure.
 */
import type { ProviderUnpaired } from '../../../charging/charge-event.ts';
import { defined } from '../../../defined.ts';
import type { ChargerFact } from '../../../notification.ts';
import type { Deliverable } from '../../../recipient.ts';
import type { SessionBook } from '../../../sessions/book.ts';
import { isNewer, type PairingNews } from './pairing-news.ts';
import { concernOf, isWanted, join, leave } from '../recipients.ts';
import type { Entry } from '../store.ts';
import type { Registration } from './stored-registration.ts';

/**
 * What a station knows, of which news may change something. `isEndOwed`: the provider is still to be told of an end.
 */
export type Pairings = {
  readonly registration: Registration;
  readonly book: SessionBook;
  readonly isEndOwed: boolean;
};

/** What is to be stored, and told the CSMS. Without an entry nothing has changed but what the station knows. */
export type Learned = {
  readonly registration: Registration;
  readonly book: SessionBook;
  readonly entry?: Entry;
  readonly deliverables: readonly Deliverable[];
  readonly facts: readonly ChargerFact[];
};

/** Decides about news; undefined when it says nothing new, in whatever order and however often it comes. */
export function learn(state: Pairings, provider: string, news: PairingNews, nowMs: number): Learned | undefined {
  const { registration: before, book } = state;
  const { pairing } = news;
  const known = before.pairings[provider];
  if (!isNewer(pairing, known)) return undefined;
  const registration = { ...before, pairings: { ...before.pairings, [provider]: pairing } };
  const isSame = known?.status === 'paired' && pairing.status === 'paired' && known.evseUid === pairing.evseUid;
  const made = {
    registration,
    entry: entryOf('paired', provider, news),
    facts: [factOf('pairing.created', provider, news, nowMs)],
  };
  if (isSame) return { ...made, book, deliverables: [] };
  const left = known?.status === 'paired' ? leave(book, provider, concernOf(before, provider)) : book;
  if (pairing.status === 'paired') return { ...made, ...join(left, provider, concernOf(registration, provider)) };
  const deliverables = state.isEndOwed ? [] : unpairing(provider, news, nowMs);
  const kind = known?.status === 'paired' ? 'unpaired' : deliverables.length > 0 ? 'pairing-undone' : undefined;
  return {
    registration,
    book: left,
    deliverables,
    facts: kind === 'unpaired' ? [factOf('pairing.ended', provider, news, nowMs)] : [],
    ...(kind !== undefined && { entry: entryOf(kind, provider, news) }),
  };
}

/**
 * What a provider is owed at the end of its pairing. It is told even when it was not paired here: it may believe so.
 */
function unpairing(provider: string, news: PairingNews, nowMs: number): Deliverable[] {
  const event: ProviderUnpaired = { kind: 'unpaired', at: new Date(nowMs).toISOString(), ...evseUidIn(news) };
  return news.mustTell && isWanted(provider, event) ? [{ event, to: { [provider]: 0 } }] : [];
}

/** What the timeline shows of a pairing or its end; the request's id stands beside it. */
function entryOf(kind: 'paired' | 'unpaired' | 'pairing-undone', provider: string, news: PairingNews): Entry {
  const { requestId: _, ...who } = news.audit ?? { requestId: '' };
  return { kind, provider, ...evseUidIn(news), ...who };
}

const ORIGINS = { 'code-from-provider': 'provider-code', 'code-from-us': 'our-code' } as const;
const SIDES = { csms: 'csms', provider: 'provider', operator: 'admin' } as const;

/** What the CSMS is told of a pairing or its end. */
function factOf(
  type: 'pairing.created' | 'pairing.ended',
  provider: string,
  { pairing, audit }: PairingNews,
  nowMs: number,
): ChargerFact {
  const { status, evseUid, pairedAt } = pairing;
  const at = new Date(status === 'paired' ? (pairedAt ?? nowMs) : nowMs).toISOString();
  const origin = status === 'paired' && audit?.origin ? ORIGINS[audit.origin] : undefined;
  return { type, data: { provider, at, ...defined({ evseUid, by: audit && SIDES[audit.by], origin }) } };
}

const evseUidIn = ({ pairing: { evseUid } }: PairingNews) => (evseUid === undefined ? {} : { evseUid });
