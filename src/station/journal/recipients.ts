/** Whom an event goes to, and under which `seqNo` each provider knows it. Pure. */
import type { Deliverable } from '../../recipient.ts';
import type { ChargeEvent, SessionUpdated } from '../../charging/charge-event.ts';
import type { Charger } from '../../charging/charger.ts';
import type { EvseRef } from '../../charging/session.ts';
import { PROVIDERS } from '../../providers/index.ts';
import type { ConfiguredProvider, Provider } from '../../providers/provider.ts';
import { replaceRunning, type RunningSession, type SessionBook, type Step } from '../../sessions/book.ts';
import type { Registration } from './pairings/stored-registration.ts';

/** The events of a turn with their recipients; what a provider does not want is not owed to it. */
export function address(
  before: SessionBook,
  { book: after, events }: Step,
  providers: readonly Pick<Provider, 'name' | 'wants'>[],
): Deliverable[] {
  const offsets = new Map(
    [...before.running, ...after.running].map((session) => [session.ref.transactionId.ocpp201, session.seqOffsets]),
  );
  return events.map((event) => {
    const wanting = providers.filter((provider) => provider.wants(event));
    return { event, to: Object.fromEntries(wanting.map(({ name }) => [name, seqNoOf(event, offsets, name)])) };
  });
}

function seqNoOf(
  event: ChargeEvent,
  offsets: ReadonlyMap<string, Readonly<Record<string, number>>>,
  provider: string,
): number {
  if (!('sequence' in event)) return 0;
  return event.sequence - (offsets.get(event.session.transactionId.ocpp201)?.[provider] ?? 0);
}

/** Whether a session is any of a provider's business. */
type Concern = (session: RunningSession) => boolean;

/**
 * Tells a provider that was paired while cars are charging about the sessions in progress: each start with its true
 * time, then the latest state and reading. From there on its `seqNo` goes on without a gap. One that knew a session
 * from an earlier pairing gets its start again, as it was, and `seqNo` goes on where it left.
 */
export function join(
  book: SessionBook,
  provider: string,
  isConcerned: Concern,
): { readonly book: SessionBook; readonly deliverables: readonly Deliverable[] } {
  let joined = book;
  const deliverables: Deliverable[] = [];
  for (const session of book.running.filter(isConcerned)) {
    const { nextSequence } = session;
    const started = { ...session.started, session: session.ref };
    const goesOnAt = Math.max(1, session.seqLeft?.[provider] ?? 0);
    const latest = nextSequence === 1 ? [] : [{ event: latestOf(session), to: { [provider]: goesOnAt } }];
    deliverables.push({ event: started, to: { [provider]: 0 } }, ...latest);
    const seqOffsets = { ...session.seqOffsets, [provider]: nextSequence - goesOnAt - latest.length };
    joined = replaceRunning(joined, { ...session, seqOffsets });
  }
  return { book: joined, deliverables };
}

/** Remembers how much of the sessions in progress a provider was told, should it be paired again before they end. */
export function leave(book: SessionBook, provider: string, isConcerned: Concern): SessionBook {
  let left = book;
  for (const session of book.running.filter(isConcerned)) {
    const told = session.nextSequence - (session.seqOffsets[provider] ?? 0);
    left = replaceRunning(left, { ...session, seqLeft: { ...session.seqLeft, [provider]: told } });
  }
  return left;
}

/** Whether events of the charger go to this provider. */
export function isPaired(registration: Registration | undefined, provider: string): boolean {
  return registration?.isRegistered === true && registration.pairings[provider]?.status === 'paired';
}

/** What of a parked message is to be sent again: not the end of a pairing that was made again since. */
export function stillDue(deliverables: readonly Deliverable[], registration: Registration | undefined): Deliverable[] {
  return deliverables.filter(
    ({ event, to }) => event?.kind !== 'unpaired' || !Object.keys(to).some((name) => isPaired(registration, name)),
  );
}

/**
 * Whether what happens on this EVSE is a provider's business: one that was paired with a single EVSE of several knows
 * no other. What the whole station does (EVSE 0) is everybody's.
 */
export function concerns({ charger, pairings }: Registration, provider: string, { evseId }: EvseRef): boolean {
  const paired = pairings[provider]?.evseUid;
  if (paired === undefined || evseId === 0 || charger.evses.length === 1) return true;
  return charger.evses.some((evse) => evse.evseId === evseId && evse.uid === paired);
}

/** The sessions that are a provider's business. */
export const concernOf =
  (registration: Registration, provider: string): Concern =>
  ({ ref }) =>
    concerns(registration, provider, ref.evse);

/** The paired providers; one that was paired with a single EVSE wants nothing of another. */
export function recipientsOf(registration: Registration | undefined): Pick<Provider, 'name' | 'wants'>[] {
  if (registration === undefined) return [];
  return PROVIDERS.filter(({ name }) => isPaired(registration, name)).map(({ name, wants }) => ({
    name,
    wants: (event) => wants(event) && concerns(registration, name, placeOf(event)),
  }));
}

/** Whether the provider of this name wants the event at all. */
export function isWanted(provider: string, event: ChargeEvent): boolean {
  return PROVIDERS.some(({ name, wants }) => name === provider && wants(event));
}

/** Where an event happened; EVSE 0 for one of the whole station. */
function placeOf(event: ChargeEvent): EvseRef {
  if ('session' in event) return event.session.evse;
  return 'evse' in event ? event.evse : { evseId: 0 };
}

function latestOf(session: RunningSession): SessionUpdated {
  const { chargingState, lastMeterValues, lastMessageAt, ref, nextSequence } = session;
  const state = chargingState === undefined || chargingState === 'Idle' ? undefined : chargingState;
  return {
    kind: 'session-updated',
    session: ref,
    sequence: nextSequence - 1,
    at: lastMessageAt,
    trigger: 'Trigger',
    meterValues: lastMeterValues,
    ...(chargingState && { chargingState }),
    ...(state && { connectorStatus: { state: state === 'EVConnected' ? 'Preparing' : state, at: lastMessageAt } }),
  };
}

/** The paired providers that were told other details of the charger than these, by name. */
export function toldOfDetails(
  providers: readonly ConfiguredProvider[],
  before: Registration | undefined,
  charger: Charger,
): readonly string[] {
  if (before === undefined) return [];
  const isNews = ({ details }: ConfiguredProvider) =>
    details !== undefined && JSON.stringify(details(before.charger)) !== JSON.stringify(details(charger));
  return providers.filter((each) => isPaired(before, each.name) && isNews(each)).map(({ name }) => name);
}
