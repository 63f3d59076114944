/** Checks a provider's profile, and writes it as commands. Refuses what cannot be carried out. Pure. */
import { evseOf, maxPowerOf, type Charger, type Connector } from '../../charging/charger.ts';
import { bindProfile, type BoundProfile, type ProfileRefusal } from '../../charging/charging-profile.ts';
import { PROFILE_MESSAGES } from '../../ocpp/profile-messages.ts';
import { err, ok, type Result } from '../../result.ts';
import type { RunningSession } from '../../sessions/book.ts';
import { profileIdFor, type KnownPlace, type PlaceWithoutId } from './profile-ids.ts';
import type { ProfileOrder } from './profile-outcome.ts';
import type { ProfilePlace } from './profile-place.ts';

/** One command, ready to be sent. */
export type PreparedProfile = { readonly place: ProfilePlace; readonly payload: object };

/** The commands of a request. `notes` are for people; the profile is passed on all the same. */
export type PreparedRequest = { readonly commands: readonly PreparedProfile[]; readonly notes: readonly string[] };

/** An EVSE with this capability may get negative limits: it can feed the grid. OCPI has no such word. */
const DISCHARGE_CAPABLE = 'DISCHARGE_CAPABLE';

/** The station as it is now. `known` are the places that profiles were sent to. */
export type StationNow = {
  readonly charger: Charger;
  readonly sessions: readonly RunningSession[];
  readonly known: readonly KnownPlace[];
};

/** Binds a request to the sessions that run now, with one command for each. A refusal is for the provider. */
export function prepareRequest(
  { provider, request }: Pick<ProfileOrder, 'provider' | 'request'>,
  { charger, sessions, known }: StationNow,
): Result<PreparedRequest, ProfileRefusal> {
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
  const commands: PreparedProfile[] = [];
  const asked = { provider, id: request.profile.id };
  for (const each of bound.value) {
    const place = placeOf(each, running);
    const profileId = profileIdFor(place, asked, [...known, ...commands.map((command) => command.place)]);
    const profile = { ...each.profile, id: profileId };
    const payload = PROFILE_MESSAGES[charger.protocol].writeSet({ ...each, profile });
    if (!payload.ok) return err(payload.error);
    commands.push({ place: { ...place, profileId }, payload: payload.value });
  }
  return ok({ commands, notes: bound.value.flatMap((each) => notesOn(each, charger)) });
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
