/** OCPP 1.6 connector numbers: connector n is EVSE n with one connector, 0 is the station. Refuses negative numbers. */
import type { EvseRef } from '../../charging/session.ts';
import { integer } from '../tolerant.ts';

/** Reads a `connectorId`; undefined when it is missing or is no number of a connector. */
export function readConnector(connectorId: unknown): EvseRef | undefined {
  const number = integer(connectorId);
  if (number === undefined || number < 0) return undefined;
  return number === 0 ? { evseId: 0 } : { evseId: number, connectorId: 1 };
}
