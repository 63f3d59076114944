/** Brings the events of one webhook to their chargers, and counts what happened to them. Stores nothing itself. */
import type { IncomingEvent, Refusal, StationKey } from '../../csms/csms.ts';
import { isOfInterest } from '../../ocpp/index.ts';
import { profileAnswerIn, profileCallIn } from '../../ocpp/profile-call.ts';
import { saidCapability } from '../../ocpp/said-capability.ts';
import type { Problem, ProblemReason } from '../../problem.ts';
import type { Result } from '../../result.ts';
import type { Acceptance, IgnoredReason, IndexedIncoming, WebhookContext } from '../../station/station-rpc.ts';
import { stationOf } from '../../station/station-of.ts';
import { findKnown, forgetKnown, type KnownCharger } from './known-chargers.ts';

export type Rejection = { readonly index: number; readonly reason: ProblemReason; readonly detail: string };

/** What a webhook's caller is told. Every event is counted in exactly one of the four. */
export type Tally = {
  readonly received: number;
  readonly duplicates: number;
  readonly ignored: number;
  readonly ignoredReasons: Readonly<Record<IgnoredReason, number>>;
  readonly rejected: readonly Rejection[];
};

/** What is told to the caller, and the names of chargers that are not registered, each with its events. */
export type Intake = { readonly tally: Tally; readonly unknown: ReadonlyMap<string, number> };

/** Charger details that came by webhook. */
export type RegistrationEvent = Extract<IncomingEvent, { readonly incoming: { readonly kind: 'registration' } }>;
/** Registers chargers; one outcome for each, in the same order. */
type Register = (details: readonly RegistrationEvent[]) => Promise<readonly Result<undefined, Problem>[]>;
type StationEvent = Exclude<IncomingEvent, RegistrationEvent>;
type Placed = { readonly index: number; readonly event: StationEvent };
type Settled = { readonly index: number; readonly acceptance: Acceptance };

/**
 * Hands each charger its events in order, with one call, all chargers at once. It asks the database at most twice, and
 * not at all when the events name chargers by our own key, or by identities that are remembered. It throws when a
 * charger's object, or the registry, cannot be reached; what could be stored is stored then, and the sender may send
 * everything again.
 */
export async function takeIn(
  env: Env,
  events: readonly Result<IncomingEvent, Refusal>[],
  context: WebhookContext,
  register: Register,
): Promise<Intake> {
  const registrations = await registerFirst(events, register);
  const wanted = events.flatMap((event, index) => {
    if (!event.ok) return placedRefusal(index, event.error);
    return isWanted(event.value) ? [{ index, event: event.value }] : [];
  });
  const placed = await handAll(env, wanted, context);
  const ofNoInterest = events.filter((event) => event.ok && !isRegistration(event.value) && !isWanted(event.value));
  const unknown = unknownIn(
    wanted.filter(({ index }) => events[index]?.ok),
    placed,
  );
  return { tally: tally(events, [...registrations, ...placed], ofNoInterest.length), unknown };
}

/** Hands events over. Those of a charger that does not have the remembered identity any more are looked up anew. */
async function handAll(env: Env, wanted: readonly Placed[], context: WebhookContext): Promise<readonly Settled[]> {
  const { settled, remembered, failure } = await handOnce(env, wanted, context);
  const stale = new Set(settled.filter(isUnknown).map(({ index }) => index));
  const again = wanted.filter(
    ({ index, event: { station } }) => stale.has(index) && remembered.has(chargePointIdOr(station)),
  );
  if (failure !== undefined) throw failure;
  if (again.length === 0) return settled;
  forgetKnown(again.flatMap(({ event }) => identityOf(event.station)));
  const renewed = await handOnce(env, again, context);
  if (renewed.failure !== undefined) throw renewed.failure;
  const isRenewed = new Set(again.map(({ index }) => index));
  return [...settled.filter(({ index }) => !isRenewed.has(index)), ...renewed.settled];
}

async function handOnce(env: Env, wanted: readonly Placed[], context: WebhookContext) {
  const identities = new Set(wanted.flatMap(({ event: { station } }) => identityOf(station)));
  const { known, failure } = await findKnown(env.DB, [...identities], Date.now());
  const outcomes = await Promise.allSettled(
    [...groupByCharger(wanted, known)].map(([chargePointId, group]) => handOver(env, chargePointId, group, context)),
  );
  const remembered = new Set(
    [...known].flatMap(([identity, { chargePointId, isRemembered }]) =>
      isRemembered ? [identity, chargePointId] : [],
    ),
  );
  return { settled: outcomes.flatMap(valueOf), remembered, failure };
}

const isUnknown = ({ acceptance }: Settled) => acceptance.kind === 'ignored' && acceptance.reason === 'charger-unknown';

/** The names of chargers that are not registered, and how many events each had: our key, or the OCPP identity. */
function unknownIn(wanted: readonly Placed[], settled: readonly Settled[]): ReadonlyMap<string, number> {
  const known = new Set(settled.filter((each) => !isUnknown(each)).map(({ index }) => index));
  const names = wanted
    .filter(({ index }) => !known.has(index))
    .map(({ event: { station } }) => chargePointIdOr(station));
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** The name that an event gives its charger. */
const chargePointIdOr = (station: StationKey) =>
  'chargePointId' in station ? station.chargePointId : station.ocppIdentity;

/** A refused event whose charger is known is shown in that charger's timeline. */
function placedRefusal(index: number, { station, reason, detail }: Refusal): Placed[] {
  return station === undefined ? [] : [{ index, event: { station, incoming: { kind: 'refused', reason, detail } } }];
}

/** Details count before the events of their charger. */
async function registerFirst(
  events: readonly Result<IncomingEvent, Refusal>[],
  register: Register,
): Promise<Settled[]> {
  const details = events.flatMap((event, index) =>
    event.ok && isRegistration(event.value) ? [{ index, event: event.value }] : [],
  );
  if (details.length === 0) return [];
  const registered = await register(details.map(({ event }) => event));
  return details.flatMap(({ index }, place) => {
    const outcome = registered[place];
    if (outcome === undefined) return [];
    return [{ index, acceptance: outcome.ok ? { kind: 'received' } : { kind: 'rejected', ...outcome.error } }];
  });
}

const isRegistration = (event: IncomingEvent): event is RegistrationEvent => event.incoming.kind === 'registration';

/** Whether a provider or a session needs the event, as far as its frame shows. */
function isWanted(event: IncomingEvent): event is StationEvent {
  const { incoming } = event;
  if (incoming.kind === 'registration') return false;
  if (incoming.kind !== 'message') return true;
  const { protocol, direction, frame } = incoming.message;
  if (isOfInterest(protocol, direction, frame) || profileAnswerIn(frame) !== undefined) return true;
  return (direction === 'cs' ? saidCapability(frame) : profileCallIn(frame)) !== undefined;
}

/** An identity that nobody registered has no charger: its events are in no group, and so count as ignored. */
function groupByCharger(
  placed: readonly Placed[],
  known: ReadonlyMap<string, KnownCharger>,
): ReadonlyMap<string, readonly IndexedIncoming[]> {
  const groups = new Map<string, IndexedIncoming[]>();
  for (const { index, event } of placed) {
    const { station, incoming } = event;
    const found = 'chargePointId' in station ? undefined : known.get(station.ocppIdentity);
    const chargePointId = 'chargePointId' in station ? station.chargePointId : found?.chargePointId;
    if (chargePointId === undefined) continue;
    const isToCheck = found?.isRemembered && 'ocppIdentity' in station;
    const indexed = { index, incoming, ...(isToCheck && { ocppIdentity: station.ocppIdentity }) };
    const group = groups.get(chargePointId);
    if (group === undefined) groups.set(chargePointId, [indexed]);
    else group.push(indexed);
  }
  return groups;
}

function identityOf(station: StationKey): string[] {
  return 'ocppIdentity' in station ? [station.ocppIdentity] : [];
}

async function handOver(
  env: Env,
  chargePointId: string,
  group: readonly IndexedIncoming[],
  context: WebhookContext,
): Promise<Settled[]> {
  const acceptances = await stationOf(env, chargePointId).accept(group, context);
  if (acceptances.length !== group.length)
    throw new Error('a station gave another number of acceptances than of events');
  return acceptances.flatMap((acceptance, place) => {
    const index = group[place]?.index;
    return index === undefined ? [] : [{ index, acceptance }];
  });
}

/** Called when all calls have ended: the first failure is thrown on without cutting off another call. */
function valueOf(outcome: PromiseSettledResult<Settled[]>): Settled[] {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

function tally(
  events: readonly Result<IncomingEvent, Refusal>[],
  settled: readonly Settled[],
  ofNoInterest: number,
): Tally {
  const used = settled.filter(({ index }) => events[index]?.ok);
  const count = (kind: Acceptance['kind']) => used.filter(({ acceptance }) => acceptance.kind === kind).length;
  const refused = events.flatMap((event, index) => (event.ok ? [] : [rejection(index, event.error)]));
  const rejected = used.flatMap(({ index, acceptance }) =>
    acceptance.kind === 'rejected' ? [rejection(index, acceptance)] : [],
  );
  const [received, duplicates] = [count('received'), count('duplicate')];
  const all = [...refused, ...rejected].toSorted((a, b) => a.index - b.index);
  const ignored = events.length - received - duplicates - all.length;
  const uninteresting = used.filter(
    ({ acceptance }) => acceptance.kind === 'ignored' && acceptance.reason === 'no-interest',
  );
  const noInterest = ofNoInterest + uninteresting.length;
  const ignoredReasons = { 'no-interest': noInterest, 'charger-unknown': ignored - noInterest };
  return { received, duplicates, ignored, ignoredReasons, rejected: all };
}

function rejection(index: number, { reason, detail }: Pick<Rejection, 'reason' | 'detail'>): Rejection {
  return { index, reason, detail };
}
