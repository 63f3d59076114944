/**
 * The id under which a charger gets a profile. Each place has an id of its own, for as long as its session runs. A
 * charger replaces the profile whose id it knows, wherever that is (OCPP 1.6 §5.16.3, OCPP 2.0.1 K01.FR.05). An OCPP
 * 2.0.1 charger refuses a second TxProfile of the same stack level under another id (K01.FR.39). Pure.
 */
import { MAX_PROFILE_ID, spreadId } from '../../charging/charging-profile.ts';
import type { ProfilePlace } from './profile-place.ts';

/** A place before it has its id. */
export type PlaceWithoutId = Omit<ProfilePlace, 'profileId'>;

/** A place that a profile was sent to. `active` is the profile there, with the id that its provider gave it. */
export type KnownPlace = ProfilePlace & {
  readonly active?: { readonly provider: string; readonly profile: { readonly id: number } };
};

/** A profile's provider, and the id that the provider gave it. */
export type ProvidersId = { readonly provider: string; readonly id: number };

/**
 * The first of these that exists: the id of the place; the id of this provider's profile on the EVSE under the same id
 * of its own, since that is to be replaced; the provider's id, if no other place has it; an id computed from it.
 */
export function profileIdFor(place: PlaceWithoutId, asked: ProvidersId, known: readonly KnownPlace[]): number {
  const before =
    known.find((each) => isSamePlace(each, place) && !isOnlyLent(each, known)) ??
    known.find((each) => isMeantToBeReplaced(each, place, asked));
  return before?.profileId ?? freeId(asked.id, place.evseId, new Set(known.map(({ profileId }) => profileId)));
}

/** A session keeps its ids when it turns out to run on another EVSE. */
function isSamePlace(known: PlaceWithoutId, place: PlaceWithoutId): boolean {
  const isAlike = known.purpose === place.purpose && known.stackLevel === place.stackLevel;
  if (!isAlike || known.transactionId !== place.transactionId) return false;
  return place.transactionId !== undefined || known.evseId === place.evseId;
}

/** Whether a place used the id of another one, which was then not replaced. */
function isOnlyLent({ active, profileId }: KnownPlace, known: readonly KnownPlace[]): boolean {
  return active === undefined && known.some((other) => other.active !== undefined && other.profileId === profileId);
}

function isMeantToBeReplaced(
  { evseId, active }: KnownPlace,
  place: PlaceWithoutId,
  { provider, id }: ProvidersId,
): boolean {
  return evseId === place.evseId && active?.provider === provider && active.profile.id === id;
}

function freeId(id: number, evseId: number, taken: ReadonlySet<number>): number {
  let free = [id, spreadId(id, evseId)].find((each) => !taken.has(each)) ?? MAX_PROFILE_ID;
  while (taken.has(free)) free -= 1;
  return free;
}
