// What CitrineOS checks in a command before it passes it on; it refuses what its OCPP 2.0.1 module refuses, and lets OCPP 1.6 through.
import * as z from 'zod';
import type { OcppVersion } from './ocpp-schema.ts';

/** The two commands of charging profiles. */
export type ProfileAction = 'SetChargingProfile' | 'ClearChargingProfile';

/** A profile that a station accepted and that was not cleared since. */
export type ActiveProfile = {
  evseId: number;
  purpose: string;
  stackLevel: number;
  transactionId: string | undefined;
  /** Absent on one that was planted. */
  id?: number;
};

const SetPayload = z.object({
  evseId: z.number(),
  chargingProfile: z.object({
    id: z.number(),
    stackLevel: z.number(),
    chargingProfilePurpose: z.string(),
    chargingProfileKind: z.string(),
    transactionId: z.string().optional(),
    validFrom: z.string().optional(),
    validTo: z.string().optional(),
    chargingSchedule: z.array(
      z.object({
        id: z.number(),
        startSchedule: z.string().optional(),
        chargingSchedulePeriod: z.array(z.object({ startPeriod: z.number() })),
      }),
    ),
  }),
});
type SetPayload = z.infer<typeof SetPayload>;

const ClearPayload = z.object({
  chargingProfileId: z.number().optional(),
  chargingProfileCriteria: z
    .object({
      evseId: z.number().optional(),
      chargingProfilePurpose: z.string().optional(),
      stackLevel: z.number().optional(),
    })
    .optional(),
});

/** Why CitrineOS does not pass a command on, in its own manner of words; undefined when it does. Source: its message API, OCPP 2.0.1. */
export function refusalOf(
  command: { version: OcppVersion; action: ProfileAction; payload: unknown },
  active: readonly ActiveProfile[],
  now: Date,
): string | undefined {
  if (command.version === '1.6') return undefined;
  if (command.action === 'ClearChargingProfile') return clearRefusal(command.payload);
  const { evseId, chargingProfile: profile } = SetPayload.parse(command.payload);
  if (profile.validFrom !== undefined && new Date(profile.validFrom) > now)
    return 'validFrom should not be in the future.';
  if (profile.validTo !== undefined && new Date(profile.validTo) <= now) return 'validTo should be in the future.';
  return (
    (profile.chargingProfilePurpose === 'TxProfile'
      ? transactionRefusal(evseId, profile, active)
      : placeRefusal(evseId, profile, active)) ?? scheduleRefusal(profile)
  );
}

type Profile = SetPayload['chargingProfile'];

function transactionRefusal(evseId: number, profile: Profile, active: readonly ActiveProfile[]): string | undefined {
  const { transactionId, stackLevel } = profile;
  if (transactionId === undefined) return 'Missing transactionId for chargingProfilePurpose TxProfile.';
  if (evseId <= 0) return 'TxProfile SHALL only be used with evseId > 0.';
  const isTaken = active.some((other) => other.transactionId === transactionId && other.stackLevel === stackLevel);
  return isTaken
    ? `1 ChargingProfile with stackLevel ${stackLevel} and transactionId ${transactionId} already exists.`
    : undefined;
}

function placeRefusal(evseId: number, profile: Profile, active: readonly ActiveProfile[]): string | undefined {
  const { chargingProfilePurpose: purpose, stackLevel } = profile;
  const isTaken = active.some(
    (other) => other.evseId === evseId && other.purpose === purpose && other.stackLevel === stackLevel,
  );
  return isTaken
    ? 'No two charging profiles with the same stack level and purpose can be valid at the same time.'
    : undefined;
}

function scheduleRefusal({ chargingProfileKind: kind, chargingSchedule }: Profile): string | undefined {
  for (const { startSchedule, chargingSchedulePeriod } of chargingSchedule) {
    if (chargingSchedulePeriod[0]?.startPeriod !== 0) return 'The startPeriod of the first period SHALL be 0.';
    const mustStart = kind === 'Absolute' || kind === 'Recurring';
    if (mustStart && startSchedule === undefined) return `startSchedule SHALL be set when the kind is ${kind}.`;
    if (kind === 'Relative' && startSchedule !== undefined)
      return 'startSchedule SHALL be absent when the kind is Relative.';
  }
  return undefined;
}

function clearRefusal(payload: unknown): string | undefined {
  const { chargingProfileId: id, chargingProfileCriteria: criteria } = ClearPayload.parse(payload);
  if (id !== undefined) return criteria && 'chargingProfileCriteria is not needed when chargingProfileId is provided.';
  if (criteria === undefined) return 'Either chargingProfileId or chargingProfileCriteria must be provided';
  const isAny = !criteria.chargingProfilePurpose && !criteria.stackLevel && !criteria.evseId;
  return isAny ? 'At least one of chargingProfilePurpose, stackLevel, or evseId must be provided' : undefined;
}

/** The ids of the schedules that a command sets; OCPP 1.6 has none. */
export function scheduleIdsOf({
  version,
  action,
  payload,
}: {
  version: OcppVersion;
  action: string;
  payload: unknown;
}) {
  if (version === '1.6' || action !== 'SetChargingProfile') return [];
  return SetPayload.parse(payload).chargingProfile.chargingSchedule.map(({ id }) => id);
}

/** Whether a clear names any of these profiles. */
export function isHeldIn(payload: unknown, held: readonly ActiveProfile[]): boolean {
  return activeAfter('ClearChargingProfile', payload, held).length < held.length;
}

/** What is active after a station accepted the command. A profile replaces the one of its id. */
export function activeAfter(
  action: ProfileAction,
  payload: unknown,
  active: readonly ActiveProfile[],
): readonly ActiveProfile[] {
  if (action === 'ClearChargingProfile') return activeAfterClear(payload, active);
  const set = AnySetPayload.safeParse(payload);
  if (!set.success) return active;
  const profile = set.data;
  return [...active.filter(({ id }) => id !== profile.id), profile];
}

function activeAfterClear(payload: unknown, active: readonly ActiveProfile[]): readonly ActiveProfile[] {
  const { id, evseId, purpose, stackLevel } = AnyClearPayload.parse(payload);
  return active.filter(
    (profile) =>
      (id !== undefined && profile.id !== id) ||
      (evseId !== undefined && profile.evseId !== evseId) ||
      (purpose !== undefined && profile.purpose !== purpose) ||
      (stackLevel !== undefined && profile.stackLevel !== stackLevel),
  );
}

const Profile16 = z.object({
  connectorId: z.number(),
  csChargingProfiles: z.object({
    chargingProfileId: z.number(),
    stackLevel: z.number(),
    chargingProfilePurpose: z.string(),
    transactionId: z.number().optional(),
  }),
});

/** The profile that is set, whichever the version. */
const AnySetPayload = z.union([
  SetPayload.transform(({ evseId, chargingProfile: { id, stackLevel, chargingProfilePurpose, transactionId } }) => {
    return { evseId, id, stackLevel, purpose: chargingProfilePurpose, transactionId };
  }),
  Profile16.transform(({ connectorId, csChargingProfiles: profile }) => {
    const { chargingProfileId: id, stackLevel, chargingProfilePurpose: purpose, transactionId } = profile;
    return { evseId: connectorId, id, stackLevel, purpose, transactionId: transactionId?.toString() };
  }),
]);

const Clear16 = z.object({
  id: z.number().optional(),
  connectorId: z.number().optional(),
  chargingProfilePurpose: z.string().optional(),
  stackLevel: z.number().optional(),
});

/** What is cleared, whichever the version. */
const AnyClearPayload = ClearPayload.extend(Clear16.shape).transform(
  ({ chargingProfileId, chargingProfileCriteria: criteria, ...v16 }) => ({
    id: chargingProfileId ?? v16.id,
    evseId: criteria?.evseId ?? v16.connectorId,
    purpose: criteria?.chargingProfilePurpose ?? v16.chargingProfilePurpose,
    stackLevel: criteria?.stackLevel ?? v16.stackLevel,
  }),
);
