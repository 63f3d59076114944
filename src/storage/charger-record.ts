/** The charger as D1 stores it: one JSON text. Throws on a record that is no charger, because only we write it. */
import * as z from 'zod';
import { RATE_UNITS, type Charger } from '../charging/charger.ts';

const ConnectorRecord = z.object({
  connectorId: z.string(),
  physicalReference: z.string().optional(),
  powerType: z.enum(['AC_1_PHASE', 'AC_2_PHASE', 'AC_2_PHASE_SPLIT', 'AC_3_PHASE', 'DC']).optional(),
  maxVoltage: z.number().optional(),
  maxAmperage: z.number().optional(),
  maxPower: z.number().optional(),
});

const EvseRecord = z.object({
  evseId: z.number(),
  uid: z.string().optional(),
  emi3Id: z.string().optional(),
  capabilities: z.array(z.string()),
  rateUnit: z.enum(RATE_UNITS).optional(),
  minAmperage: z.number().optional(),
  connectors: z.array(ConnectorRecord),
});

/** The content of the `record` column. */
export const ChargerRecord = z.object({
  chargePointId: z.string(),
  ocppIdentity: z.string(),
  protocol: z.enum(['ocpp1.6', 'ocpp2.0.1']),
  name: z.string().optional(),
  locationId: z.union([z.string(), z.number()]).optional(),
  country: z.string().optional(),
  geometry: z.object({ type: z.literal('Point'), coordinates: z.tuple([z.number(), z.number()]) }).optional(),
  evses: z.array(EvseRecord),
}) satisfies z.ZodType<Charger>;

/** Reads the `record` column. */
export function chargerOf(record: string): Charger {
  return ChargerRecord.parse(JSON.parse(record));
}
