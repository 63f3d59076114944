/** The fields of a TransactionEvent that have no OCPP 1.6 form (OCPP 2.0.1 §1.60). Pure; what cannot be read is left out. */
import type { TransactionDetails } from '../../charging/charge-event.ts';
import { flag, integer, object, type Draft, type Json } from '../tolerant.ts';
import { readCustomData } from './custom-data.ts';

/** Reads them; undefined when there is none. */
export function readDetails(payload: Json): TransactionDetails | undefined {
  const details: Draft<TransactionDetails> = {};
  const offline = flag(payload['offline']);
  if (offline !== undefined) details.offline = offline;
  const numberOfPhasesUsed = integer(payload['numberOfPhasesUsed']);
  if (numberOfPhasesUsed !== undefined) details.numberOfPhasesUsed = numberOfPhasesUsed;
  const cableMaxCurrent = integer(payload['cableMaxCurrent']);
  if (cableMaxCurrent !== undefined) details.cableMaxCurrent = cableMaxCurrent;
  const reservationId = integer(payload['reservationId']);
  if (reservationId !== undefined) details.reservationId = reservationId;
  const info = object(payload['transactionInfo']);
  const timeSpentCharging = integer(info?.['timeSpentCharging']);
  if (timeSpentCharging !== undefined) details.timeSpentCharging = timeSpentCharging;
  const remoteStartId = integer(info?.['remoteStartId']);
  if (remoteStartId !== undefined) details.remoteStartId = remoteStartId;
  readVendorData(payload, details);
  return Object.keys(details).length > 0 ? details : undefined;
}

function readVendorData(payload: Json, details: Draft<TransactionDetails>): void {
  const vendorData = readCustomData(payload['customData']);
  if (vendorData !== undefined) details.vendorData = vendorData;
  const evseVendorData = readCustomData(object(payload['evse'])?.['customData']);
  if (evseVendorData !== undefined) details.evseVendorData = evseVendorData;
  const transactionVendorData = readCustomData(object(payload['transactionInfo'])?.['customData']);
  if (transactionVendorData !== undefined) details.transactionVendorData = transactionVendorData;
}
