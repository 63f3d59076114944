/** The charging profile messages by OCPP version, so that no caller needs to know the version's files. */
import type { OcppVersion } from '../charging/charger.ts';
import type {
  BoundProfile,
  ProfileFilter,
  ProfileRefusal,
  ProfileRequest,
  ProfileVerdict,
} from '../charging/charging-profile.ts';
import type { Result } from '../result.ts';
import { writeClearChargingProfile as writeClear16 } from './v16/clear-charging-profile.ts';
import * as set16 from './v16/set-charging-profile.ts';
import { writeClearChargingProfile as writeClear201 } from './v201/clear-charging-profile.ts';
import * as set201 from './v201/set-charging-profile.ts';

/** What one OCPP version can express about charging profiles. */
export type ProfileMessages = {
  /** Reads a provider's SetChargingProfile. */
  readonly readSet: (payload: unknown) => Result<ProfileRequest, ProfileRefusal>;
  /** Writes SetChargingProfile for a charger. */
  readonly writeSet: (bound: BoundProfile) => Result<object, ProfileRefusal>;
  /** Reads a charger's answer to SetChargingProfile; undefined when the payload is not such an answer. */
  readonly readVerdict: (payload: unknown) => ProfileVerdict | undefined;
  /** Writes the answer for a provider. */
  readonly writeVerdict: (verdict: ProfileVerdict) => object;
  /** Writes ClearChargingProfile for a charger. */
  readonly writeClear: (filter: ProfileFilter) => object;
};

export const PROFILE_MESSAGES: Readonly<Record<OcppVersion, ProfileMessages>> = {
  'ocpp1.6': {
    readSet: set16.readSetChargingProfile,
    writeSet: set16.writeSetChargingProfile,
    readVerdict: set16.readSetChargingProfileResponse,
    writeVerdict: set16.writeSetChargingProfileResponse,
    writeClear: writeClear16,
  },
  'ocpp2.0.1': {
    readSet: set201.readSetChargingProfile,
    writeSet: set201.writeSetChargingProfile,
    readVerdict: set201.readSetChargingProfileResponse,
    writeVerdict: set201.writeSetChargingProfileResponse,
    writeClear: writeClear201,
  },
};
