// What CitrineOS checks in a command before it passes it on; it refuses what its OCPP 2.0.1 module refuses, and lets OCPP 1.6 through.
import * as z from 'zod';
import type { OcppVersion } from './ocpp-schema.ts';

/** The two commands of charging profiles. */
export type ProfileAction = 'SetChargingProfile' | 'ClearChargingProfile';

/** A profile that a station accepted and that was not cleared since. */
export type ActiveProfile = { evseId: number; purpose: string; stackLevel: number; transactionId: string | undefined };

const SetPayload = z.object({
  evseId: z.number(),
  chargingProfile: z.object({
    stackLevel: z.number(),
    chargingProfilePurpose: z.string(),
    chargingProfileKind: z.string(),
    transactionId: z.string().optional(),
    validFrom: z.string().optional(),
    validTo: z.string().optional(),
    chargingSchedule: z.array(
      z.object({
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

/** What is active after a station accepted the command. */
export function activeAfter(
  action: ProfileAction,
  payload: unknown,
  active: readonly ActiveProfile[],
): readonly ActiveProfile[] {
  if (action === 'ClearChargingProfile') {
    const { chargingProfileCriteria: criteria } = ClearPayload.parse(payload);
    if (criteria === undefined) return [];
    const { evseId, chargingProfilePurpose: purpose, stackLevel } = criteria;
    return active.filter(
      (profile) =>
        (evseId !== undefined && profile.evseId !== evseId) ||
        (purpose !== undefined && profile.purpose !== purpose) ||
        (stackLevel !== undefined && profile.stackLevel !== stackLevel),
    );
  }
  const set = SetPayload.safeParse(payload);
  if (!set.success) return active;
  const { stackLevel, chargingProfilePurpose: purpose, transactionId } = set.data.chargingProfile;
  return [...active, { evseId: set.data.evseId, purpose, stackLevel, transactionId }];
}
