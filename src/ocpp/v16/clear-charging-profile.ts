/** ClearChargingProfile (OCPP 1.6 §6.13, §6.14). Refuses an unusable field: without it, more would be cleared. */
import * as z from 'zod';
import type { ProfileFilter, ProfileRefusal } from '../../charging/charging-profile.ts';
import { ok, type Result } from '../../result.ts';
import { lenient, Natural, parsed, Whole } from '../profile-fields.ts';
import { PURPOSES, readPurpose, writePurpose } from './profile-purpose.ts';
import { defined } from '../../defined.ts';

export const ClearChargingProfile = z.strictObject({
  id: z.int().optional(),
  connectorId: z.int().optional(),
  chargingProfilePurpose: z.enum(PURPOSES).optional(),
  stackLevel: z.int().optional(),
});
export type ClearChargingProfile = z.infer<typeof ClearChargingProfile>;

const Incoming = lenient({
  id: Whole.optional(),
  connectorId: Natural.optional(),
  chargingProfilePurpose: z.enum(PURPOSES).optional(),
  stackLevel: Natural.optional(),
});

/** Reads which profiles to clear. */
export function readClearChargingProfile(payload: unknown): Result<ProfileFilter, ProfileRefusal> {
  const request = parsed(Incoming, payload);
  if (!request.ok) return request;
  const { connectorId, chargingProfilePurpose: purpose, ...filter } = request.value;
  return ok({
    ...filter,
    ...defined({ evseId: connectorId }),
    ...(purpose !== undefined && { purpose: readPurpose(purpose) }),
  });
}

/** Writes which profiles to clear. */
export function writeClearChargingProfile({ id, evseId, purpose, stackLevel }: ProfileFilter): ClearChargingProfile {
  return {
    ...defined({ id, connectorId: evseId }),
    ...(purpose !== undefined && { chargingProfilePurpose: writePurpose(purpose) }),
    ...defined({ stackLevel }),
  };
}
