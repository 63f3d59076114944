/** StatusNotification (OCPP 2.0.1 §1.59): a connector's status. Read only; needs an EVSE and a known status. */
import { CONNECTOR_STATES, type ConnectorStatus } from '../../charging/charge-event.ts';
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { timeOfStatus } from '../believable-time.ts';
import { oneOf, vocabulary } from '../tolerant.ts';
import { evseRef } from './evse.ts';

/** The connector states of both versions: stations that were updated from OCPP 1.6 still say Charging. */
export const STATE_WORDS = vocabulary(CONNECTOR_STATES);

/** Reads the request. If the station gave no time, it is when the message was seen. */
export const readStatusNotification: Reader = (payload, { seenAt }) => {
  const evse = evseRef(payload['evseId'], payload['connectorId']);
  if (evse === undefined) return unusable('StatusNotification.evseId');
  const state = oneOf(STATE_WORDS, payload['connectorStatus']);
  if (state === undefined) return unusable('StatusNotification.connectorStatus');
  const at = timeOfStatus(payload['timestamp'], seenAt);
  const status: ConnectorStatus = at === undefined ? { state } : { state, at };
  return ok([{ kind: 'status-reported', evse, at: at ?? seenAt, status }]);
};
