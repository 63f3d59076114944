/** Whom an event goes to, and under which `seqNo` each provider knows it. Pure. */
import type { ChargeEvent, SessionUpdated } from '../charging/charge-event.ts';
import type { Provider } from '../providers/provider.ts';
import { replaceRunning, type RunningSession, type SessionBook, type Step } from './book.ts';
import type { Deliverable } from './store.ts';

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

/**
 * Tells a provider that was paired while cars are charging about the sessions in progress: each start with its true time, then
 * the latest state and reading. From there on its `seqNo` goes on without a gap.
 */
export function join(
  book: SessionBook,
  provider: string,
): { readonly book: SessionBook; readonly deliverables: readonly Deliverable[] } {
  let joined = book;
  const deliverables: Deliverable[] = [];
  for (const session of book.running) {
    const { started } = session;
    const events = [started, ...(session.nextSequence === 1 ? [] : [latestOf(session)])];
    deliverables.push(...events.map((event, seqNo) => ({ event, to: { [provider]: seqNo } })));
    const seqOffsets = { ...session.seqOffsets, [provider]: session.nextSequence - events.length };
    joined = replaceRunning(joined, { ...session, seqOffsets });
  }
  return { book: joined, deliverables };
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
