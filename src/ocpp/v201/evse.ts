/** A place at the station (OCPP 2.0.1 EVSEType). EVSE 0 is the station itself. Refuses negative numbers. */
import * as z from 'zod';
import type { EvseRef } from '../../charging/session.ts';
import { integer, object } from '../tolerant.ts';
import { CustomData } from './custom-data.ts';

export const Evse = z.strictObject({ customData: CustomData.optional(), id: z.int(), connectorId: z.int().optional() });
export type Evse = z.infer<typeof Evse>;

/** Reads an `evse` object, or undefined when it is missing or has no number. */
export function readEvse(value: unknown): EvseRef | undefined {
  const evse = object(value);
  return evse && evseRef(evse['id'], evse['connectorId']);
}

/** Reads an EVSE number and a connector number that are separate fields. The station itself has no connector. */
export function evseRef(id: unknown, connectorId?: unknown): EvseRef | undefined {
  const evseId = integer(id);
  if (evseId === undefined || evseId < 0) return undefined;
  const connector = integer(connectorId);
  return evseId === 0 || connector === undefined ? { evseId } : { evseId, connectorId: connector };
}

/** Writes an EVSE; undefined for the station itself, on which no transaction runs. */
export function writeEvse({ evseId, connectorId }: EvseRef): Evse | undefined {
  if (evseId === 0) return undefined;
  return connectorId === undefined ? { id: evseId } : { id: evseId, connectorId };
}
