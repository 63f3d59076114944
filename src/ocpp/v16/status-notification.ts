/** StatusNotification (OCPP 1.6 §6.47): a connector's status. Needs a connector, and a status that some version has. */
import * as z from 'zod';
import { CONNECTOR_STATES, type ConnectorStatus } from '../../charging/charge-event.ts';
import type { EvseRef } from '../../charging/session.ts';
import { defined } from '../../defined.ts';
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { timeOfStatus } from '../believable-time.ts';
import { oneOf, text, vocabulary } from '../tolerant.ts';
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

/** Reads the request. If the station gave no time, it is when the message was seen. */
export const readStatusNotification: Reader = (payload, { seenAt }) => {
  const evse = readConnector(payload['connectorId']);
  if (evse === undefined) return unusable('StatusNotification.connectorId');
  const state = oneOf(STATE_WORDS, payload['status']);
  if (state === undefined) return unusable('StatusNotification.status');
  const at = timeOfStatus(payload['timestamp'], seenAt);
  const status: ConnectorStatus = defined({
    state,
    errorCode: text(payload['errorCode']),
    info: text(payload['info']),
    vendorId: text(payload['vendorId']),
    vendorErrorCode: text(payload['vendorErrorCode']),
    at,
  });
  return ok([{ kind: 'status-reported', evse, at: at ?? seenAt, status }]);
};

/** Writes a status as it was given, with a time only if it has one. An `Occupied` without any session is Preparing. */
export function writeStatusNotification(evse: EvseRef, status: ConnectorStatus): StatusNotification {
  return defined({
    connectorId: evse.evseId,
    errorCode: errorCodeOf(status),
    status: status.state === 'Occupied' ? 'Preparing' : status.state,
    info: status.info?.slice(0, 50),
    timestamp: status.at,
    vendorId: status.vendorId?.slice(0, 255),
    vendorErrorCode: status.vendorErrorCode?.slice(0, 50),
  });
}

/** OCPP 1.6 demands an error code. A vendor's own code, or a fault without one, is OtherError. */
function errorCodeOf({ state, errorCode }: ConnectorStatus): StatusNotification['errorCode'] {
  if (errorCode === undefined) return state === 'Faulted' ? 'OtherError' : 'NoError';
  return oneOf(ERROR_CODE_WORDS, errorCode) ?? 'OtherError';
}
