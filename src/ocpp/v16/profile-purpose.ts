/** The purposes of a charging profile (OCPP 1.6 ChargingProfilePurposeType), in both directions. */
import type { ProfilePurpose } from '../../charging/charging-profile.ts';

export const PURPOSES = ['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'] as const;
type Purpose = (typeof PURPOSES)[number];

/** OCPP 1.6 → hub. */
export function readPurpose(purpose: Purpose): ProfilePurpose {
  return purpose === 'ChargePointMaxProfile' ? 'ChargingStationMaxProfile' : purpose;
}

/** Hub → OCPP 1.6. */
export function writePurpose(purpose: ProfilePurpose): Purpose {
  return purpose === 'ChargingStationMaxProfile' ? 'ChargePointMaxProfile' : purpose;
}
