/** Where a charger holds one profile. A type only: requests, ids, memory and clearing share it. */
import type { ProfilePurpose } from '../../charging/charging-profile.ts';

/** Where a charger holds one profile: a newer one in the same place replaces the older. `key` names the place here, `profileId` at the charger. */
export type ProfilePlace = {
  readonly key: string;
  readonly evseId: number;
  readonly purpose: ProfilePurpose;
  readonly stackLevel: number;
  readonly profileId: number;
  /** The session it belongs to, by its OCPP 2.0.1 name; absent for a profile of no session. */
  readonly transactionId?: string;
  readonly sessionStartedAt?: string;
};
