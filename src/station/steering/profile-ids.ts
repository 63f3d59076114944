/**
 * Under which id a charger gets a profile: another one in each place, and in one place the same for as long as its session runs.
 * A charger replaces the profile whose id it knows, wherever that stands (OCPP 1.6 §5.16.3, OCPP 2.0.1 K01.FR.05), and one of
 * OCPP 2.0.1 refuses a second TxProfile of the same stack level under another id (K01.FR.39). Pure.
 */
import { MAX_PROFILE_ID, spreadId } from '../../charging/charging-profile.ts';
import type { ProfilePlace } from './profile-place.ts';

/** A place before it has its id. */
export type PlaceWithoutId = Omit<ProfilePlace, 'profileId'>;

/** A place that a profile was sent to. `held` is what stands there, under the id its provider gave it. */
export type KnownPlace = ProfilePlace & {
  readonly held?: { readonly provider: string; readonly profile: { readonly id: number } };
};

/** Whose profile, and which id it has there. */
export type ProvidersId = { readonly provider: string; readonly id: number };

/**
 * The id of the place, if it had one of its own. Else the id of what this provider put on the EVSE under the same id of its own: that is to be
 * replaced. Else the provider's id, if it stands nowhere else on the charger; else one derived from it.
 */
export function profileIdFor(place: PlaceWithoutId, asked: ProvidersId, known: readonly KnownPlace[]): number {
  const before =
    known.find((each) => isSamePlace(each, place) && !isOnlyLent(each, known)) ??
    known.find((each) => isMeantToBeReplaced(each, place, asked));
  return before?.profileId ?? freeId(asked.id, place.evseId, new Set(known.map(({ profileId }) => profileId)));
}

/** A session that turns out to run on another EVSE keeps its ids. */
function isSamePlace(known: PlaceWithoutId, place: PlaceWithoutId): boolean {
  const isAlike = known.purpose === place.purpose && known.stackLevel === place.stackLevel;
  if (!isAlike || known.transactionId !== place.transactionId) return false;
  return place.transactionId !== undefined || known.evseId === place.evseId;
}

/** A place asked for the id of another one, which was not replaced after all. */
function isOnlyLent({ held, profileId }: KnownPlace, known: readonly KnownPlace[]): boolean {
  return held === undefined && known.some((other) => other.held !== undefined && other.profileId === profileId);
}

function isMeantToBeReplaced(
  { evseId, held }: KnownPlace,
  place: PlaceWithoutId,
  { provider, id }: ProvidersId,
): boolean {
  return evseId === place.evseId && held?.provider === provider && held.profile.id === id;
}

function freeId(id: number, evseId: number, taken: ReadonlySet<number>): number {
  let free = [id, spreadId(id, evseId)].find((each) => !taken.has(each)) ?? MAX_PROFILE_ID;
  while (taken.has(free)) free -= 1;
  return free;
}
