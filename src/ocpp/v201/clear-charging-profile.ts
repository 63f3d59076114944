/**
 * ClearChargingProfile (OCPP 2.0.1 §1.7). Refuses a field that cannot be used, because without it more would be
 * cleared. Refuses to clear the station's own constraints, which are not ours.
 */
import * as z from 'zod';
import { PROFILE_PURPOSES, refuse, type ProfileFilter, type ProfileRefusal } from '../../charging/charging-profile.ts';
import { ok, type Result } from '../../result.ts';
import { lenient, Natural, parsed, Whole } from '../profile-fields.ts';
import { EXTERNAL_CONSTRAINTS } from './set-charging-profile.ts';
import { defined } from '../../defined.ts';

export const ClearChargingProfileRequest = z.strictObject({
  chargingProfileId: z.int().optional(),
  chargingProfileCriteria: z
    .strictObject({
      evseId: z.int().optional(),
      chargingProfilePurpose: z.enum(PROFILE_PURPOSES).optional(),
      stackLevel: z.int().optional(),
    })
    .optional(),
});
export type ClearChargingProfileRequest = z.infer<typeof ClearChargingProfileRequest>;

const Incoming = lenient({
  chargingProfileId: Whole.optional(),
  chargingProfileCriteria: lenient({
    evseId: Natural.optional(),
    chargingProfilePurpose: z.enum([...PROFILE_PURPOSES, EXTERNAL_CONSTRAINTS]).optional(),
    stackLevel: Natural.optional(),
  }).optional(),
});

/** Reads which profiles to clear. */
export function readClearChargingProfile(payload: unknown): Result<ProfileFilter, ProfileRefusal> {
  const request = parsed(Incoming, payload);
  if (!request.ok) return request;
  const { chargingProfileId: id, chargingProfileCriteria = {} } = request.value;
  const { chargingProfilePurpose: purpose, ...criteria } = chargingProfileCriteria;
  if (purpose === EXTERNAL_CONSTRAINTS) return refuse('purpose-not-allowed', `a CSMS may not clear ${purpose}`);
  return ok({ ...(id !== undefined && { id }), ...criteria, ...(purpose !== undefined && { purpose }) });
}

/** Writes which profiles to clear. */
export function writeClearChargingProfile({
  id,
  evseId,
  purpose,
  stackLevel,
}: ProfileFilter): ClearChargingProfileRequest {
  const criteria = {
    ...defined({ evseId, chargingProfilePurpose: purpose, stackLevel }),
  };
  return {
    ...defined({ chargingProfileId: id }),
    ...(Object.keys(criteria).length > 0 && { chargingProfileCriteria: criteria }),
  };
}
