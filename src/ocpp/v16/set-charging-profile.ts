/** SetChargingProfile (OCPP 1.6 §6.43, §6.44). Refuses to write a profile of several schedules: OCPP 1.6 has one. */
import * as z from 'zod';
import {
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
import { integer, object, oneOf, vocabulary } from '../tolerant.ts';
import { PURPOSES, readPurpose, writePurpose } from './profile-purpose.ts';
import { defined } from '../../defined.ts';

export const SetChargingProfile = z.strictObject({
  connectorId: z.int(),
  csChargingProfiles: z.strictObject({
    chargingProfileId: z.int(),
    transactionId: z.int().optional(),
    ...OUTGOING_FIELDS,
    chargingProfilePurpose: z.enum(PURPOSES),
    chargingSchedule: z.strictObject({
      ...OUTGOING_SCHEDULE_FIELDS,
      chargingSchedulePeriod: z.array(z.strictObject(OUTGOING_PERIOD_FIELDS)),
    }),
  }),
});
export type SetChargingProfile = z.infer<typeof SetChargingProfile>;

const STATUSES = ['Accepted', 'Rejected', 'NotSupported'] as const;
const STATUS_WORDS = vocabulary(STATUSES);
export const SetChargingProfileResponse = z.strictObject({ status: z.enum(STATUSES) });
export type SetChargingProfileResponse = z.infer<typeof SetChargingProfileResponse>;

const Incoming = lenient({
  connectorId: Natural,
  csChargingProfiles: lenient({
    chargingProfileId: Whole,
    transactionId: Whole.optional(),
    ...INCOMING_FIELDS,
    chargingProfilePurpose: z.enum(PURPOSES),
    chargingSchedule: IncomingSchedule,
  }),
});

/** Reads a provider's request. 'profile-invalid' names the field. */
export function readSetChargingProfile(payload: unknown): Result<ProfileRequest, ProfileRefusal> {
  const request = parsed(Incoming, payload);
  if (!request.ok) return request;
  const { connectorId, csChargingProfiles } = request.value;
  const {
    chargingProfileId,
    transactionId,
    chargingProfilePurpose,
    chargingProfileKind: kind,
    chargingSchedule,
    ...fields
  } = csChargingProfiles;
  const purpose = readPurpose(chargingProfilePurpose);
  return ok({
    evseId: connectorId,
    ...(transactionId !== undefined && { transaction: { ocpp16: transactionId } }),
    profile: { id: chargingProfileId, purpose, kind, ...fields, schedules: [chargingSchedule] },
  });
}

/** Writes a command for a charger. OCPP 1.6 has no `phaseToUse`: the charger chooses the phase. */
export function writeSetChargingProfile(bound: BoundProfile): Result<SetChargingProfile, ProfileRefusal> {
  const { evseId, profile } = bound;
  const [schedule, ...more] = profile.schedules;
  if (schedule === undefined || more.length > 0) {
    return refuse('several-schedules', 'a charger of OCPP 1.6 takes exactly one schedule');
  }
  const transaction = stationTransaction(bound, integer);
  if (!transaction.ok) return transaction;
  return ok({
    connectorId: evseId,
    csChargingProfiles: {
      chargingProfileId: profile.id,
      ...defined({ transactionId: transaction.value }),
      ...writeFields(profile),
      chargingProfilePurpose: writePurpose(profile.purpose),
      chargingSchedule: {
        ...writeScheduleFields(schedule),
        chargingSchedulePeriod: schedule.periods.map(writePeriodFields),
      },
    },
  });
}

/** Reads a charger's answer; undefined when the payload is none. A status that OCPP does not know is no acceptance. */
export function readSetChargingProfileResponse(payload: unknown): ProfileVerdict | undefined {
  const status = object(payload)?.['status'];
  return typeof status === 'string' ? { status: oneOf(STATUS_WORDS, status) ?? 'Rejected' } : undefined;
}

/** Writes the answer to a provider. */
export function writeSetChargingProfileResponse({ status }: ProfileVerdict): SetChargingProfileResponse {
  return { status };
}
