/**
 * The fields that charging profiles have in both OCPP versions (ChargingProfile, ChargingProfileType). Numbers and
 * times are read tolerantly, and unknown keys are dropped. A field that is there but cannot be used is refused, because
 * a profile without its `validTo`, say, is another profile.
 */
import * as z from 'zod';
import {
  refuse,
  type BoundProfile,
  type ChargingProfile,
  type ChargingSchedule,
  type ProfileRefusal,
} from '../charging/charging-profile.ts';
import { ok, type Result } from '../result.ts';
import { instant, integer, isObject, number } from './tolerant.ts';
import { defined } from '../defined.ts';

const NumberOrText = z.union([z.number(), z.string()]);

/** Both OCPP versions use 32-bit integers. Chargers fail on larger ones; some wrap round to a negative number. */
const [INT32_MIN, INT32_MAX] = [-0x8000_0000, 0x7fff_ffff];

/** A whole number of 32 bits, also as text. */
export const Whole = NumberOrText.transform(integer).pipe(z.int32());

/** A whole number from 0 on, also as text. */
export const Natural = NumberOrText.transform(integer).pipe(z.int32().min(0));

const Decimal = NumberOrText.transform(number).pipe(z.number().min(INT32_MIN).max(INT32_MAX));
const Instant = z.string().transform(instant).pipe(z.string());
const Phase = NumberOrText.transform(integer).pipe(z.int().min(1).max(3));

/** An object schema that drops unknown keys, and takes null for absent. */
export function lenient<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(
    (value) =>
      isObject(value) ? Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null)) : value,
    z.object(shape),
  );
}

const IncomingPeriod = lenient({
  startPeriod: Natural,
  limit: Decimal,
  numberPhases: Phase.optional(),
  phaseToUse: Phase.optional(),
})
  .refine(({ numberPhases, phaseToUse }) => phaseToUse === undefined || numberPhases === 1, { path: ['phaseToUse'] })
  .transform(({ startPeriod, ...period }) => ({ startS: startPeriod, ...period }));

/** A schedule as it comes in either version. Only OCPP 2.0.1 has `id` and `phaseToUse`. */
export const IncomingSchedule = lenient({
  id: Whole.optional(),
  startSchedule: Instant.optional(),
  duration: Natural.optional(),
  chargingRateUnit: z.enum(['W', 'A']),
  minChargingRate: Decimal.optional(),
  chargingSchedulePeriod: z.array(IncomingPeriod).min(1).max(1024),
}).transform(({ duration, chargingRateUnit, chargingSchedulePeriod, ...schedule }) => ({
  ...schedule,
  ...defined({ durationS: duration }),
  rateUnit: chargingRateUnit,
  periods: chargingSchedulePeriod,
}));

/** The fields beside the schedule that have the same name and form in both versions. */
export const INCOMING_FIELDS = {
  stackLevel: Natural,
  chargingProfileKind: z.enum(['Absolute', 'Recurring', 'Relative']),
  recurrencyKind: z.enum(['Daily', 'Weekly']).optional(),
  validFrom: Instant.optional(),
  validTo: Instant.optional(),
} as const;

/** Parses an incoming payload. 'profile-invalid' names the first wrong field, never its value. */
export function parsed<T>(schema: z.ZodType<T>, payload: unknown): Result<T, ProfileRefusal> {
  const result = schema.safeParse(payload);
  if (result.success) return ok(result.data);
  const field = result.error.issues[0]?.path.join('.') ?? '';
  return refuse('profile-invalid', `${field === '' ? 'the payload' : field} is missing or unusable`);
}

const DateTime = z.iso.datetime({ offset: true });

/** The outgoing counterpart of {@link INCOMING_FIELDS}. */
export const OUTGOING_FIELDS = {
  stackLevel: z.int(),
  chargingProfileKind: z.enum(['Absolute', 'Recurring', 'Relative']),
  recurrencyKind: z.enum(['Daily', 'Weekly']).optional(),
  validFrom: DateTime.optional(),
  validTo: DateTime.optional(),
} as const;

/** The outgoing fields of a schedule that both versions have, its periods aside. */
export const OUTGOING_SCHEDULE_FIELDS = {
  startSchedule: DateTime.optional(),
  duration: z.int().optional(),
  chargingRateUnit: z.enum(['W', 'A']),
  minChargingRate: z.number().optional(),
} as const;

/** The outgoing fields of a period that both versions have. */
export const OUTGOING_PERIOD_FIELDS = {
  startPeriod: z.int(),
  limit: z.number(),
  numberPhases: z.int().optional(),
} as const;

/** Writes {@link OUTGOING_FIELDS}. */
export function writeFields({ stackLevel, kind, recurrencyKind, validFrom, validTo }: ChargingProfile) {
  return {
    stackLevel,
    chargingProfileKind: kind,
    ...defined({ recurrencyKind, validFrom, validTo }),
  };
}

/** Writes {@link OUTGOING_SCHEDULE_FIELDS}. */
export function writeScheduleFields({ startSchedule, durationS, rateUnit, minChargingRate }: ChargingSchedule) {
  return {
    ...defined({ startSchedule, duration: durationS }),
    chargingRateUnit: rateUnit,
    ...defined({ minChargingRate }),
  };
}

/** Writes {@link OUTGOING_PERIOD_FIELDS}. */
export function writePeriodFields({ startS, limit, numberPhases }: ChargingSchedule['periods'][number]) {
  return { startPeriod: startS, limit, ...(numberPhases !== undefined && { numberPhases }) };
}

/** The charger's own transaction id. Undefined when the profile is for none; refused when `read` cannot read it. */
export function stationTransaction<T>(
  { stationTransactionId }: BoundProfile,
  read: (id: unknown) => T | undefined,
): Result<T | undefined, ProfileRefusal> {
  if (stationTransactionId === undefined) return ok(undefined);
  const id = read(stationTransactionId);
  return id === undefined
    ? refuse('transaction-unknown', "the session's transaction id has no form in the charger's OCPP version")
    : ok(id);
}
