/** The place of one profile at a charger. A type only. */
import type { ProfilePurpose } from '../../charging/charging-profile.ts';

/**
 * The place of one profile at a charger: a newer profile there replaces the older. `key` is our name of the place,
 * `profileId` the charger's.
 */
export type ProfilePlace = {
  readonly key: string;
  readonly evseId: number;
  readonly purpose: ProfilePurpose;
  readonly stackLevel: number;
  readonly profileId: number;
  /** The session of the profile, by its OCPP 2.0.1 id; absent for a profile that is for no session. */
  readonly transactionId?: string;
  readonly sessionStartedAt?: string;
};
