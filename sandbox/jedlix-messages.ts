// The pairing bodies and answers Jedlix documents, as strict snake_case shapes; it refuses unknown keys and ids that occur twice.
import * as z from 'zod';

/** The path protocols under which a station (`ocpp…`) or an EVSE (`ocpi2.2`) is paired. */
export type PairingProtocol = 'ocpp1.6' | 'ocpp2.0.1' | 'ocpi2.2' | 'ocpi2.2.1';

/** What a pairing names: a charging station by OCPP, an EVSE by OCPI. */
export type PairedKind = 'chargingstations' | 'evse';

/** A pairing that was read: the code (none in an answer), what is paired and under which uid. */
export type PairingRead = { code: string | undefined; kind: PairedKind; uid: string } | { errors: string[] };

/** Source: Jedlix guide, pair: 404. */
export const incorrectCodeMessage = 'Incorrect Code, please check the code and try again.';
/** Source: Jedlix guide, unpair: 200. */
export const unpairedMessage = 'Charging station successfully unpaired.';
/** Source: Jedlix guide, unpair: 404. */
export const unknownStationMessage = 'The specified charging station is not valid or does not exist.';

const Connector = z.strictObject({
  id: z.string().min(1),
  power_type: z.enum(['AC_1_PHASE', 'AC_2_PHASE', 'AC_2_PHASE_SPLIT', 'AC_3_PHASE', 'DC']),
  max_voltage: z.int().positive(),
  max_amperage: z.int().positive(),
});
const evse = {
  capabilities: z.array(z.string().regex(/^[A-Z][A-Z_]+$/, 'is no OCPI capability')),
  connectors: z.array(Connector).min(1).refine(hasUniqueIds, 'connector id occurs twice'),
};
const ChargingStation = z.strictObject({
  uid: z.string().min(1),
  evses: z
    .array(z.strictObject({ evse_id: z.int().positive(), ...evse }))
    .min(1)
    .refine((evses) => hasUniqueIds(evses.map(({ evse_id: id }) => ({ id }))), 'evse_id occurs twice'),
});
const OcpiEvse = z.strictObject({
  uid: z.string().min(1),
  evse_id: z.string().regex(/^[A-Z]{2}\*?[A-Z0-9]{3}\*?E[A-Z0-9*]{1,31}$/i, 'is no eMI3 EVSE id'),
  ...evse,
});
const code = z.string().min(1);
const StationRequest = z.strictObject({ code, charging_station: ChargingStation });
const EvseRequest = z.strictObject({ code, evse: OcpiEvse });

/** Reads a pairing request towards Jedlix. Source: Jedlix guide, code issued by the SCSP. */
export function readPairingRequest(protocol: PairingProtocol, body: unknown): PairingRead {
  if (isOcpi(protocol)) return read(EvseRequest, body, ({ code, evse }) => ({ code, kind: 'evse', uid: evse.uid }));
  return read(StationRequest, body, ({ code, charging_station: station }) => {
    return { code, kind: 'chargingstations', uid: station.uid };
  });
}

/** Reads the answer of a CPO that verified a code. Source: Jedlix guide, code issued by the CPO. */
export function readPairingAnswer(protocol: PairingProtocol, body: unknown): PairingRead {
  if (isOcpi(protocol)) {
    return read(EvseRequest.omit({ code: true }), body, ({ evse }) => ({
      code: undefined,
      kind: 'evse',
      uid: evse.uid,
    }));
  }
  return read(StationRequest.omit({ code: true }), body, ({ charging_station: station }) => {
    return { code: undefined, kind: 'chargingstations', uid: station.uid };
  });
}

function isOcpi(protocol: PairingProtocol): boolean {
  return protocol.startsWith('ocpi');
}

function read<Body>(shape: z.ZodType<Body>, body: unknown, pick: (body: Body) => PairingRead): PairingRead {
  const parsed = shape.safeParse(body);
  if (parsed.success) return pick(parsed.data);
  return { errors: parsed.error.issues.map((issue) => `/${issue.path.join('/')} ${issue.message}`) };
}

function hasUniqueIds(entries: { id: string | number }[]): boolean {
  return new Set(entries.map(({ id }) => id)).size === entries.length;
}
