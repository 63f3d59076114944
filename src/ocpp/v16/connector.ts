/** OCPP 1.6 connector numbers: connector n is EVSE n with one connector, 0 is the whole station. Refuses negative ones. */
import type { EvseRef } from '../../charging/session.ts';
import { integer } from '../tolerant.ts';

/** Reads a `connectorId`; undefined when it is missing or no connector's number. */
export function readConnector(connectorId: unknown): EvseRef | undefined {
  const number = integer(connectorId);
  if (number === undefined || number < 0) return undefined;
  return number === 0 ? { evseId: 0 } : { evseId: number, connectorId: 1 };
}
