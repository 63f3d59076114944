/** SetChargingProfile (OCPP 2.0.1 §1.51). Refuses ChargingStationExternalConstraints, which a CSMS may not set. */
import * as z from 'zod';
import {
  PROFILE_PURPOSES,
  refuse,
  type BoundProfile,
  type ProfileRefusal,
  type ProfileRequest,
  type ProfileVerdict,
} from '../../charging/charging-profile.ts';
import { ok, type Result } from '../../result.ts';
import {
  INCOMING_FIELDS,
  IncomingSchedule,
  lenient,
  Natural,
  OUTGOING_FIELDS,
  OUTGOING_PERIOD_FIELDS,
  OUTGOING_SCHEDULE_FIELDS,
  parsed,
  stationTransaction,
  Whole,
  writeFields,
  writePeriodFields,
  writeScheduleFields,
} from '../profile-fields.ts';
import { object, oneOf, text, vocabulary } from '../tolerant.ts';
import { defined } from '../../defined.ts';

/** The purpose of a profile that only the station itself may set. */
export const EXTERNAL_CONSTRAINTS = 'ChargingStationExternalConstraints';

const MAX_TRANSACTION_ID_LENGTH = 36;

export const SetChargingProfileRequest = z.strictObject({
  evseId: z.int(),
  chargingProfile: z.strictObject({
    id: z.int(),
    ...OUTGOING_FIELDS,
    chargingProfilePurpose: z.enum(PROFILE_PURPOSES),
    transactionId: z.string().max(MAX_TRANSACTION_ID_LENGTH).optional(),
    chargingSchedule: z
      .array(
        z.strictObject({
          id: z.int(),
          ...OUTGOING_SCHEDULE_FIELDS,
          chargingSchedulePeriod: z
            .array(z.strictObject({ ...OUTGOING_PERIOD_FIELDS, phaseToUse: z.int().optional() }))
            .min(1)
            .max(1024),
        }),
      )
      .min(1)
      .max(3),
  }),
});
export type SetChargingProfileRequest = z.infer<typeof SetChargingProfileRequest>;

const STATUSES = ['Accepted', 'Rejected'] as const;
const STATUS_WORDS = vocabulary(STATUSES);
export const SetChargingProfileResponse = z.strictObject({
  status: z.enum(STATUSES),
  statusInfo: z
    .strictObject({ reasonCode: z.string().max(20), additionalInfo: z.string().max(512).optional() })
    .optional(),
});
export type SetChargingProfileResponse = z.infer<typeof SetChargingProfileResponse>;

const Incoming = lenient({
  evseId: Natural,
  chargingProfile: lenient({
    id: Whole,
    ...INCOMING_FIELDS,
    chargingProfilePurpose: z.enum([...PROFILE_PURPOSES, EXTERNAL_CONSTRAINTS]),
    transactionId: z.union([z.string(), z.number()]).transform(String).optional(),
    chargingSchedule: z.array(IncomingSchedule).min(1).max(3),
  }),
});

/** Reads a provider's request. Sales tariffs and vendor data are dropped. 'profile-invalid' names the field. */
export function readSetChargingProfile(payload: unknown): Result<ProfileRequest, ProfileRefusal> {
  const request = parsed(Incoming, payload);
  if (!request.ok) return request;
  const { evseId, chargingProfile } = request.value;
  const {
    transactionId,
    chargingProfilePurpose: purpose,
    chargingProfileKind: kind,
    chargingSchedule: schedules,
    ...fields
  } = chargingProfile;
  if (purpose === EXTERNAL_CONSTRAINTS) return refuse('purpose-not-allowed', `a CSMS may not set ${purpose}`);
  return ok({
    evseId,
    ...(transactionId !== undefined && { transaction: { ocpp201: transactionId } }),
    profile: { ...fields, purpose, kind, schedules },
  });
}

/** Writes a command for a charger. A schedule without an id (OCPP 1.6 has none) gets the profile's. */
export function writeSetChargingProfile(bound: BoundProfile): Result<SetChargingProfileRequest, ProfileRefusal> {
  const { evseId, profile } = bound;
  const transaction = stationTransaction(bound, transactionText);
  if (!transaction.ok) return transaction;
  return ok({
    evseId,
    chargingProfile: {
      id: profile.id,
      ...writeFields(profile),
      chargingProfilePurpose: profile.purpose,
      ...defined({ transactionId: transaction.value }),
      chargingSchedule: profile.schedules.map((schedule, index) => ({
        id: schedule.id ?? profile.id + index,
        ...writeScheduleFields(schedule),
        chargingSchedulePeriod: schedule.periods.map((period) => ({
          ...writePeriodFields(period),
          ...defined({ phaseToUse: period.phaseToUse }),
        })),
      })),
    },
  });
}

function transactionText(id: unknown): string | undefined {
  const written = text(id);
  return written === undefined || written.length > MAX_TRANSACTION_ID_LENGTH ? undefined : written;
}

/** Reads a charger's answer; undefined when the payload is none. A status that OCPP does not know is no acceptance. */
export function readSetChargingProfileResponse(payload: unknown): ProfileVerdict | undefined {
  const answer = object(payload);
  const status = answer?.['status'];
  if (typeof status !== 'string') return undefined;
  const info = object(answer?.['statusInfo']);
  return defined({
    status: oneOf(STATUS_WORDS, status) ?? 'Rejected',
    reasonCode: text(info?.['reasonCode']),
    detail: text(info?.['additionalInfo']),
  });
}

/** Writes the answer to a provider. OCPP 2.0.1 says NotSupported as Rejected with the reason UnsupportedRequest. */
export function writeSetChargingProfileResponse(verdict: ProfileVerdict): SetChargingProfileResponse {
  const { status, detail } = verdict;
  const reasonCode = verdict.reasonCode ?? (status === 'NotSupported' ? 'UnsupportedRequest' : undefined);
  const response: SetChargingProfileResponse = { status: status === 'Accepted' ? 'Accepted' : 'Rejected' };
  if (reasonCode === undefined) return response;
  const statusInfo = defined({ reasonCode: reasonCode.slice(0, 20), additionalInfo: detail?.slice(0, 512) });
  return { ...response, statusInfo };
}
