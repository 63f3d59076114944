/** ChargePointDetailsNotification: a charger's details with the pairing code that its user typed. Needs an id. Pure. */
import * as z from 'zod';
import type { Problem } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import type { IncomingEvent } from '../csms.ts';
import { ChargePointId, envelopeInvalid, Identity } from '../fields.ts';

export const Details = z.object({
  event: z.literal('ChargePointDetailsNotification'),
  chargePointId: ChargePointId,
  pairingCode: z.string().max(64).nullish(),
  name: z.unknown().optional(),
  ocppIdentity: Identity.nullish(),
  locationId: z.unknown().optional(),
  country: z.unknown().optional(),
  geometry: z.object({ type: z.literal('Point'), coordinates: z.tuple([z.number(), z.number()]) }).nullish(),
  connectors: z.array(z.looseObject({ connectorId: Identity })).min(1),
});

/** eMI3 EVSE ids, with or without separators: country, operator, "E", number. */
const EMI3 = /^[A-Z]{2}\*?[A-Z0-9]{3}\*?E[A-Z0-9*]{1,30}$/i;

/** The registration in these details; undefined when the event has no details. */
export function readDetails(raw: unknown): Result<IncomingEvent, Problem> | undefined {
  if (typeof raw !== 'object' || raw === null || !('event' in raw) || typeof raw.event !== 'string') return undefined;
  const details = Details.safeParse(raw);
  if (!details.success) return err(envelopeInvalid(details.error));
  const { chargePointId, pairingCode, ocppIdentity, name, locationId, country, geometry, connectors } = details.data;
  const charger = {
    ocppIdentity: ocppIdentity ?? chargePointId,
    protocol: 'ocpp1.6',
    name,
    locationId,
    country,
    ...(geometry && { geometry: { type: 'Point', coordinates: longitudeFirst(geometry.coordinates) } }),
    evses: connectors.map(evseOf),
  };
  return ok({
    station: { chargePointId },
    incoming: { kind: 'registration', charger, ...(pairingCode && { pairingCode }) },
  });
}

/** The documented example has latitude first, GeoJSON has longitude first. A first number over 90 is no latitude. */
function longitudeFirst([first, second]: [number, number]): [number, number] {
  return Math.abs(first) > 90 ? [first, second] : [second, first];
}

/** In OCPP 1.6, connector n is EVSE n with the one connector "1". */
function evseOf({ connectorId, physicalReference, ...connector }: { connectorId: string; [key: string]: unknown }) {
  const isPublicId = typeof physicalReference === 'string' && EMI3.test(physicalReference);
  return {
    evseId: Number(connectorId),
    ...(isPublicId && { emi3Id: physicalReference }),
    connectors: [{ ...connector, connectorId: '1', physicalReference }],
  };
}
