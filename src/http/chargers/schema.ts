/** The charger as the CSMS registers it. Names every wrong field, and drops unknown ones. Pure. */
import * as z from 'zod';
import { type Charger, isSafeInPath, OCPP_VERSIONS, POWER_TYPES, RATE_UNITS } from '../../charging/charger.ts';
import { problem, type FieldError, type Problem } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import { crossFieldErrors } from './rules.ts';

/** Many senders write null for what they do not have. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined);

const text = (max: number) => z.string().trim().min(1).max(max);
const positive = z.number().positive();

/** No charger that is built has more. A charger is kept whole at its object, and read with every event. */
const MAX_EVSES = 64;
const MAX_CONNECTORS = 8;
const MAX_CAPABILITIES = 32;
const MAX_CHARGER_BYTES = 65_536;

/** No AC connector gives more (IEC 61851-1). A larger minimum is a mistake, and would pause every car. */
const MAX_MIN_AMPERAGE = 80;

/** It becomes part of URLs at providers and in OCPP paths, so: printable ASCII without space and slash. */
const ChargePointId = z
  .string()
  .refine(
    (id) => /^[!-.0-~]{1,64}$/.test(id) && isSafeInPath(id),
    'must be 1 to 64 printable characters without space or slash, and not "." or ".."',
  );

const ConnectorInput = z.object({
  connectorId: z.union([z.string(), z.int()]).transform(String).pipe(text(36)),
  physicalReference: optional(text(255)),
  powerType: optional(z.enum(POWER_TYPES)),
  maxVoltage: optional(positive),
  maxAmperage: optional(positive),
  maxPower: optional(positive),
});

const EvseInput = z.object({
  evseId: z.int().min(1),
  uid: optional(text(36)),
  emi3Id: optional(text(48)),
  capabilities: optional(z.array(text(64)).max(MAX_CAPABILITIES)).transform(
    (value) => value ?? ['CHARGING_PROFILE_CAPABLE'],
  ),
  rateUnit: optional(z.enum(RATE_UNITS)),
  minAmperage: optional(positive.max(MAX_MIN_AMPERAGE)),
  connectors: z.array(ConnectorInput).min(1).max(MAX_CONNECTORS),
});

const Longitude = z.number().min(-180).max(180);
const Latitude = z.number().min(-90).max(90);
/** GeoJSON allows an altitude as third number. We drop it. */
const Coordinates = z
  .tuple([Longitude, Latitude], z.number())
  .transform(([longitude, latitude]): [number, number] => [longitude, latitude]);

/** The body of `PUT /api/chargers/{id}`. */
export const ChargerInput = z.object({
  ocppIdentity: text(48).regex(/^\P{Cc}*$/u, 'must not hold control characters'),
  protocol: z.enum(OCPP_VERSIONS),
  name: optional(text(255)),
  locationId: optional(z.union([text(64), z.number()])),
  country: optional(z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 3166-1 alpha-3 code in capitals, such as "NLD"')),
  geometry: optional(z.object({ type: z.literal('Point'), coordinates: Coordinates })),
  evses: z.array(EvseInput).min(1).max(MAX_EVSES),
});

/** Reads a PUT body. The id comes from the path. 'charger-invalid' has one entry for each mistake. */
export function readCharger(chargePointId: string, body: unknown): Result<Charger, Problem> {
  const id = ChargePointId.safeParse(chargePointId);
  const input = ChargerInput.safeParse(body);
  const errors = [
    ...(id.success ? [] : fieldErrors(id.error, 'chargePointId')),
    ...(input.success ? [] : fieldErrors(input.error)),
    ...crossFieldErrors(chargePointId, body),
    ...(input.success && isTooLarge(input.data) ? [{ path: 'body', message: 'must be at most 64 KB in all' }] : []),
  ];
  if (errors.length === 0 && input.success) return ok({ chargePointId, ...input.data });
  const paths = [...new Set(errors.map((error) => error.path))].join(', ');
  return err(problem('charger-invalid', `Missing or invalid: ${paths}.`, { errors }));
}

const isTooLarge = (charger: object) => new TextEncoder().encode(JSON.stringify(charger)).length > MAX_CHARGER_BYTES;

/** Zod's issues as field errors: dotted paths below `root`, and "body" for the body itself. */
export function fieldErrors(error: z.ZodError, root = ''): FieldError[] {
  return error.issues.map((issue) => ({ path: issue.path.join('.') || root || 'body', message: issue.message }));
}
