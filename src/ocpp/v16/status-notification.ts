/** StatusNotification (OCPP 1.6 §6.47): a connector's status. Refuses one without a connector or with a status no version knows. */
import * as z from 'zod';
import { CONNECTOR_STATES, type ConnectorStatus } from '../../charging/charge-event.ts';
import type { EvseRef } from '../../charging/session.ts';
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { instant, oneOf, text, vocabulary, type Draft } from '../tolerant.ts';
import { readConnector } from './connector.ts';

const ERROR_CODES = [
  'ConnectorLockFailure',
  'EVCommunicationError',
  'GroundFailure',
  'HighTemperature',
  'InternalError',
  'LocalListConflict',
  'NoError',
  'OtherError',
  'OverCurrentFailure',
  'PowerMeterFailure',
  'PowerSwitchFailure',
  'ReaderFailure',
  'ResetFailure',
  'UnderVoltage',
  'OverVoltage',
  'WeakSignal',
] as const;
const ERROR_CODE_WORDS = vocabulary(ERROR_CODES);
const STATE_WORDS = vocabulary(CONNECTOR_STATES);

export const StatusNotification = z.strictObject({
  connectorId: z.int(),
  errorCode: z.enum(ERROR_CODES),
  info: z.string().max(50).optional(),
  status: z.enum(CONNECTOR_STATES).exclude(['Occupied']),
  timestamp: z.iso.datetime({ offset: true }).optional(),
  vendorId: z.string().max(255).optional(),
  vendorErrorCode: z.string().max(50).optional(),
});
export type StatusNotification = z.infer<typeof StatusNotification>;

/** Reads the request; the time is when it was seen if the station gave none. */
export const readStatusNotification: Reader = (payload, { seenAt }) => {
  const evse = readConnector(payload['connectorId']);
  if (evse === undefined) return unusable('StatusNotification.connectorId');
  const state = oneOf(STATE_WORDS, payload['status']);
  if (state === undefined) return unusable('StatusNotification.status');
  const status: Draft<ConnectorStatus> = { state };
  const errorCode = text(payload['errorCode']);
  if (errorCode !== undefined) status.errorCode = errorCode;
  const info = text(payload['info']);
  if (info !== undefined) status.info = info;
  const vendorId = text(payload['vendorId']);
  if (vendorId !== undefined) status.vendorId = vendorId;
  const vendorErrorCode = text(payload['vendorErrorCode']);
  if (vendorErrorCode !== undefined) status.vendorErrorCode = vendorErrorCode;
  const at = instant(payload['timestamp']);
  if (at !== undefined) status.at = at;
  return ok([{ kind: 'status-reported', evse, at: at ?? seenAt, status }]);
};

/** Writes a status as it was given: a time only if it has one. An `Occupied` that nothing is known of is Preparing. */
export function writeStatusNotification(evse: EvseRef, status: ConnectorStatus): StatusNotification {
  const request: StatusNotification = {
    connectorId: evse.evseId,
    errorCode: errorCodeOf(status),
    status: status.state === 'Occupied' ? 'Preparing' : status.state,
  };
  if (status.info !== undefined) request.info = status.info.slice(0, 50);
  if (status.at !== undefined) request.timestamp = status.at;
  if (status.vendorId !== undefined) request.vendorId = status.vendorId.slice(0, 255);
  if (status.vendorErrorCode !== undefined) request.vendorErrorCode = status.vendorErrorCode.slice(0, 50);
  return request;
}

/** OCPP 1.6 demands an error code. A vendor's own word, or a fault without one, is OtherError. */
function errorCodeOf({ state, errorCode }: ConnectorStatus): StatusNotification['errorCode'] {
  if (errorCode === undefined) return state === 'Faulted' ? 'OtherError' : 'NoError';
  return oneOf(ERROR_CODE_WORDS, errorCode) ?? 'OtherError';
}
