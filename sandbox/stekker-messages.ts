// The bodies Stekker documents, as strict shapes; it refuses unknown keys, a `response` in the wrong place and OCPP 1.6 that its schemas refuse.
import * as z from 'zod';
import type { Refusal } from './journal.ts';
import { responseSchemaErrors, schemaErrors } from './ocpp-schema.ts';

/** Which way round `geometry.coordinates` must stand. */
export type CoordinateOrder = 'lat-lon' | 'lon-lat';

const Identifier = z.union([z.string().min(1), z.int()]).transform(String);

const Connector = z.strictObject({
  connectorId: z.string().min(1),
  physicalReference: z.string().min(1).optional(),
  maxPower: z.number().positive(),
  maxVoltage: z.number().positive().optional(),
  maxAmperage: z.number().positive().optional(),
  powerType: z.enum(['AC_1_PHASE', 'AC_2_PHASE', 'AC_2_PHASE_SPLIT', 'AC_3_PHASE', 'DC']).optional(),
});

const ChargePointDetails = z.strictObject({
  event: z.literal('ChargePointDetailsNotification'),
  chargePointId: Identifier,
  pairingCode: z.string().min(1).optional(),
  name: z.string().optional(),
  ocppIdentity: z.string().min(1),
  locationId: z.union([z.string().min(1), z.int()]).optional(),
  country: z
    .string()
    .regex(/^[A-Z]{3}$/, 'is no ISO 3166-1 alpha-3 code')
    .optional(),
  geometry: z.strictObject({ type: z.literal('Point'), coordinates: z.tuple([z.number(), z.number()]) }).optional(),
  connectors: z.array(Connector).min(1),
});
type ChargePointDetails = z.infer<typeof ChargePointDetails>;

const envelope = {
  notification: z.literal('OcppEvent'),
  protocol: z.literal('1.6'),
  chargePointId: Identifier,
  evseId: z
    .string()
    .regex(/^[A-Z]{2}\*?[A-Z0-9]{3}\*?E[A-Z0-9*]{1,31}$/i, 'is no eMI3 EVSE id')
    .optional(),
  ocppIdentity: z.string().min(1),
};
const OcppObject = z.record(z.string(), z.unknown());
const method = z.enum(['StartTransaction', 'StatusNotification', 'MeterValues', 'StopTransaction']);
const ResponseBeside = z.strictObject({
  ...envelope,
  event: z.strictObject({ method, params: OcppObject }),
  response: OcppObject,
});
const ResponseInside = z.strictObject({
  ...envelope,
  event: z.strictObject({ method, params: OcppObject, response: OcppObject }),
});
const WithMethod = z.object({ event: z.object({ method }) });

/** A session event that passed: which charger and connector it is about, and which transaction (none for a status). */
export type SessionEvent = {
  method: z.infer<typeof method>;
  chargePointId: string;
  connectorId: number | undefined;
  transactionId: number | undefined;
};

/** Reads a pairing or details message. Source: Stekker guide, ChargePointDetailsNotification. */
export function readDetails(body: unknown, order?: CoordinateOrder): ChargePointDetails | Refusal {
  const parsed = ChargePointDetails.safeParse(body);
  if (!parsed.success) return refuse('details-invalid', issuesOf(parsed.error));
  const wrong = [...powerErrors(parsed.data), ...connectorErrors(parsed.data), ...coordinateErrors(parsed.data, order)];
  return wrong.length > 0 ? refuse('details-inconsistent', wrong) : parsed.data;
}

/** Reads a session event. Source: Stekker guide, charging session events; each method's `response` stands where the guide's example has it. */
export function readSessionEvent(body: unknown): SessionEvent | Refusal {
  const named = WithMethod.safeParse(body);
  if (!named.success) return refuse('envelope-invalid', issuesOf(named.error));
  const isBeside = ['StartTransaction', 'StatusNotification'].includes(named.data.event.method);
  const parsed = (isBeside ? ResponseBeside : ResponseInside).safeParse(body);
  if (!parsed.success) return refuse('envelope-invalid', issuesOf(parsed.error));
  const { method, params } = parsed.data.event;
  const response = 'response' in parsed.data ? parsed.data.response : parsed.data.event.response;
  const wrong = [...schemaErrors('1.6', method, params), ...responseSchemaErrors('1.6', method, response)];
  const transactionId = integerOf((method === 'StartTransaction' ? response : params)['transactionId']);
  if (method === 'MeterValues' && transactionId === undefined) wrong.push('/ must have transactionId');
  if (wrong.length > 0) return refuse('ocpp-invalid', wrong);
  const { chargePointId } = parsed.data;
  return { method, chargePointId, connectorId: integerOf(params['connectorId']), transactionId };
}

/** Whether a reading was refused. */
export function isRefusal(reading: object): reading is Refusal {
  return 'reason' in reading && 'status' in reading;
}

/** W, by Stekker's rule: V × A × phases; 380 V and more between the phases of a three-phase connector count √3. */
function ruledPowerW({ maxVoltage, maxAmperage, powerType }: z.infer<typeof Connector>): number | undefined {
  if (maxVoltage === undefined || maxAmperage === undefined) return undefined;
  const phases = {
    AC_1_PHASE: 1,
    AC_2_PHASE: 2,
    AC_2_PHASE_SPLIT: 2,
    AC_3_PHASE: maxVoltage >= 380 ? Math.sqrt(3) : 3,
    DC: 1,
  };
  return maxVoltage * maxAmperage * phases[powerType ?? 'AC_1_PHASE'];
}

function powerErrors({ connectors }: ChargePointDetails): string[] {
  return connectors.flatMap((connector) => {
    const ruled = ruledPowerW(connector) ?? connector.maxPower;
    const isOff = Math.abs(ruled - connector.maxPower) >= 1;
    return isOff
      ? [`connector ${connector.connectorId}: maxPower ${connector.maxPower} should be ${ruled.toFixed(0)}`]
      : [];
  });
}

function connectorErrors({ connectors }: ChargePointDetails): string[] {
  const ids = connectors.map(({ connectorId }) => connectorId);
  return new Set(ids).size === ids.length ? [] : ['connectorId occurs twice'];
}

/** Checked for chargers in the Netherlands only: nothing in a pair of numbers else tells latitude from longitude. */
function coordinateErrors({ geometry }: ChargePointDetails, order?: CoordinateOrder): string[] {
  if (!geometry || !order) return [];
  const [first, second] = geometry.coordinates;
  const [latitude, longitude] = order === 'lat-lon' ? [first, second] : [second, first];
  const isDutch = latitude >= 50 && latitude <= 54 && longitude >= 3 && longitude <= 8;
  return isDutch ? [] : [`coordinates [${first}, ${second}] are not in the Netherlands when read as ${order}`];
}

function integerOf(value: unknown): number | undefined {
  return Number.isInteger(value) ? Number(value) : undefined;
}

function refuse(reason: string, details: string[]): Refusal {
  return { status: 422, reason, details };
}

function issuesOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => `/${issue.path.join('/')} ${issue.message}`);
}
