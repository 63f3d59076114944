/** Checks a provider's profile, and writes it as commands. Refuses what cannot be carried out. Pure. */
import { evseOf, maxPowerOf, type Charger, type Connector } from '../../charging/charger.ts';
import type { BelowMinimum } from '../../charging/below-minimum.ts';
import { planFor, type Capability, type ChargerPlan } from '../../charging/charger-plan.ts';
import { bindProfile, refuse, type BoundProfile, type ProfileRefusal } from '../../charging/charging-profile.ts';
import { PROFILE_MESSAGES } from '../../ocpp/profile-messages.ts';
import { err, ok, type Result } from '../../result.ts';
import type { RunningSession } from '../../sessions/book.ts';
import { capabilityAt, type Learned } from './capability.ts';
import { profileIdFor, type KnownPlace, type PlaceWithoutId } from './profile-ids.ts';
import type { ProfileOrder } from './profile-outcome.ts';
import type { ProfilePlace } from './profile-place.ts';

/** One command, ready to be sent. `restAt` (ms): when the rest of the plan is sent. */
export type PreparedCommand = {
  readonly payload: object;
  readonly unit: 'W' | 'A' | undefined;
  readonly isConverted: boolean;
  readonly restAt?: number;
};

/** What is sent instead when the charger refuses a command, and what it teaches when the charger takes that. */
export type Alternative = PreparedCommand & { readonly teaches: Learned };

/** A profile for one place: the command, and what is tried after it. `notes` are for people. */
export type PreparedProfile = PreparedCommand & {
  readonly place: ProfilePlace;
  readonly alternatives: readonly Alternative[];
  /** The same one stack level higher: it frees a place that a CSMS takes for occupied although it was cleared. */
  readonly detour: () => object | undefined;
};

/** The commands of a request. */
export type PreparedRequest = { readonly commands: readonly PreparedProfile[]; readonly notes: readonly string[] };

/** An EVSE with this capability may get negative limits: it can feed the grid. OCPI has no such word. */
const DISCHARGE_CAPABLE = 'DISCHARGE_CAPABLE';

/**
 * The station as it is now (`now`, ms). `known` are the places that profiles were sent to. `setAt` (ms): since when a
 * profile without a start of its own runs.
 */
export type StationNow = {
  readonly charger: Charger;
  readonly sessions: readonly RunningSession[];
  readonly known: readonly KnownPlace[];
  readonly learned: Learned;
  readonly belowMinimum: BelowMinimum;
  readonly allowsStationProfiles: boolean;
  readonly now: number;
  readonly setAt: number;
};

/** How many places an EVSE, and the station, may have. */
const MAX_PLACES = 4;

/** Binds a request to the sessions that run now, with one command for each. A refusal is for the provider. */
export function prepareRequest(
  { provider, request }: Pick<ProfileOrder, 'provider' | 'request'>,
  station: StationNow,
): Result<PreparedRequest, ProfileRefusal> {
  const { charger, sessions, known, learned } = station;
  const running = sessions.filter(isSteerable);
  const bound = bindProfile(request, {
    evseIds: charger.evses.map(({ evseId }) => evseId),
    running: running.map((session) => ({
      transactionId: session.ref.transactionId,
      stationTransactionId: stationTransactionIdOf(session),
      evse: session.ref.evse,
    })),
    allowDischarge: canDischarge(charger, request.evseId),
  });
  if (!bound.ok) return bound;
  const { purpose } = request.profile;
  if (purpose !== 'TxProfile' && !station.allowsStationProfiles) {
    return refuse('purpose-not-allowed', `a ${purpose} outlives its session, and is not taken from providers here`);
  }
  const commands: PreparedProfile[] = [];
  const notes: string[] = [];
  const asked = { provider, id: request.profile.id };
  for (const each of bound.value) {
    const stackLevel = Math.min(each.profile.stackLevel, learned.maxStackLevel ?? Infinity);
    const clamped = { ...each, profile: { ...each.profile, stackLevel } };
    const place = placeOf(clamped, running);
    const others = known.filter(
      ({ evseId, key, active }) => active !== undefined && evseId === place.evseId && key !== place.key,
    );
    if (others.length >= MAX_PLACES)
      return refuse('too-many-profiles', `EVSE ${place.evseId} has ${MAX_PLACES} already`);
    const profileId = profileIdFor(place, asked, [...known, ...commands.map((command) => command.place)]);
    const written = writtenFor(clamped, { ...place, profileId }, station);
    if (!written.ok) return written;
    commands.push(written.value.prepared);
    notes.push(...written.value.notes, ...notesOn(each, charger));
  }
  return ok({ commands, notes });
}

type Written = { readonly prepared: PreparedProfile; readonly notes: readonly string[] };

/** The profile for its place in the form that the charger takes, and what is tried when it does not. */
function writtenFor(bound: BoundProfile, place: ProfilePlace, station: StationNow): Result<Written, ProfileRefusal> {
  const { charger, learned, belowMinimum, now, setAt } = station;
  const capability = capabilityAt(charger, place.evseId, { learned, belowMinimum });
  const started = place.sessionStartedAt === undefined ? undefined : Date.parse(place.sessionStartedAt);
  const moment = { now, setAt, sessionStartedAt: started };
  const write = (taken: Capability, stackLevel = bound.profile.stackLevel) => {
    const plan = planFor({ ...bound.profile, stackLevel, id: place.profileId }, taken, moment);
    const payload = PROFILE_MESSAGES[charger.protocol].writeSet({ ...bound, profile: plan.profile });
    return { plan, payload };
  };
  const first = write(capability);
  if (!first.payload.ok) return err(first.payload.error);
  const asked = bound.profile.schedules[0]?.rateUnit;
  const other = asked === 'A' ? 'W' : 'A';
  const tried: (readonly [Capability, Learned])[] = [
    ...(capability.rateUnit === undefined && asked !== undefined
      ? [[{ ...capability, rateUnit: other }, { worksIn: other }] as const]
      : []),
    ...(first.plan.isBelowMinimum && capability.belowMinimum === 'as-asked'
      ? [[{ ...capability, belowMinimum: 'zero' }, { refusesBelowMinimum: true }] as const]
      : []),
  ];
  const sent = commandOf(first.plan, first.payload.value, asked);
  const alternatives = tried.flatMap(([taken, teaches]): Alternative[] => {
    const { plan, payload } = write(taken);
    if (!payload.ok || JSON.stringify(payload.value) === JSON.stringify(sent.payload)) return [];
    return [{ ...commandOf(plan, payload.value, asked), teaches }];
  });
  const detour = () => {
    const { payload } = write(capability, place.stackLevel + 1);
    return payload.ok ? payload.value : undefined;
  };
  return ok({ prepared: { ...sent, place, alternatives, detour }, notes: first.plan.notes });
}

function commandOf({ profile, restAt }: ChargerPlan, payload: object, asked: 'W' | 'A' | undefined): PreparedCommand {
  const unit = profile.schedules[0]?.rateUnit;
  return { payload, unit, isConverted: unit !== asked, ...(restAt !== undefined && { restAt }) };
}

/** False when the connector is available again: the car has left, and a profile would reach the next car. */
const isSteerable = ({ idleSince }: RunningSession) => idleSince === undefined;

/** The id as the charger writes it: an integer if the CSMS chose it (OCPP 1.6), else a string. */
function stationTransactionIdOf({ numberedBy, stationId }: RunningSession): number | string {
  return numberedBy === 'csms' ? Number(stationId) : stationId;
}

function placeOf(bound: BoundProfile, running: readonly RunningSession[]): PlaceWithoutId {
  const { evseId, stationTransactionId, profile } = bound;
  const { purpose, stackLevel } = profile;
  const session =
    stationTransactionId === undefined
      ? undefined
      : running.findLast((each) => each.stationId === String(stationTransactionId) && each.ref.evse.evseId === evseId);
  const transactionId = session?.ref.transactionId.ocpp201;
  return {
    key: [purpose, evseId, stackLevel, transactionId ?? ''].join('|'),
    evseId,
    purpose,
    stackLevel,
    ...(session !== undefined && {
      transactionId: session.ref.transactionId.ocpp201,
      sessionStartedAt: session.ref.startedAt,
    }),
  };
}

/** For the whole station, every EVSE must have the capability. */
function canDischarge({ evses }: Charger, evseId: number): boolean {
  const meant = evses.filter((evse) => evseId === 0 || evse.evseId === evseId);
  return meant.length > 0 && meant.every(({ capabilities }) => capabilities.includes(DISCHARGE_CAPABLE));
}

/** One note for each unit in which the highest limit is above the maximum of every connector of the EVSE. */
function notesOn({ evseId, profile }: BoundProfile, charger: Charger): string[] {
  const connectors = evseOf(charger, evseId)?.connectors ?? [];
  return profile.schedules.flatMap(({ rateUnit, periods }) => {
    const most = Math.max(...connectors.map((connector) => mostOf(connector, rateUnit)));
    const highest = Math.max(...periods.map(({ limit }) => limit));
    if (!Number.isFinite(most) || highest <= most) return [];
    return [`the limit of ${highest} ${rateUnit} is above the ${most} ${rateUnit} that EVSE ${evseId} can give`];
  });
}

const mostOf = (connector: Connector, unit: 'W' | 'A') =>
  (unit === 'W' ? maxPowerOf(connector).maxPowerW : connector.maxAmperage) ?? Infinity;
