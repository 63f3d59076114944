/** The fields of a TransactionEvent that OCPP 1.6 does not have (OCPP 2.0.1 §1.60). Unreadable ones are left out. */
import type { TransactionDetails } from '../../charging/charge-event.ts';
import { defined } from '../../defined.ts';
import { flag, integer, object, type Json } from '../tolerant.ts';
import { readCustomData } from './custom-data.ts';

/** Reads them; undefined when there is none. */
export function readDetails(payload: Json): TransactionDetails | undefined {
  const info = object(payload['transactionInfo']);
  const details: TransactionDetails = defined({
    offline: flag(payload['offline']),
    numberOfPhasesUsed: integer(payload['numberOfPhasesUsed']),
    cableMaxCurrent: integer(payload['cableMaxCurrent']),
    reservationId: integer(payload['reservationId']),
    timeSpentCharging: integer(info?.['timeSpentCharging']),
    remoteStartId: integer(info?.['remoteStartId']),
    vendorData: readCustomData(payload['customData']),
    evseVendorData: readCustomData(object(payload['evse'])?.['customData']),
    transactionVendorData: readCustomData(info?.['customData']),
  });
  return Object.keys(details).length > 0 ? details : undefined;
}
