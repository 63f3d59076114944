/** StatusNotification (OCPP 2.0.1 §1.59): a connector's status. Read only; refuses one without an EVSE or with a status no version knows. */
import { CONNECTOR_STATES, type ConnectorStatus } from '../../charging/charge-event.ts';
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { instant, oneOf, vocabulary } from '../tolerant.ts';
import { evseRef } from './evse.ts';

/** Any version's connector states: stations that were updated from OCPP 1.6 still say Charging. */
export const STATE_WORDS = vocabulary(CONNECTOR_STATES);

/** Reads the request; the time is when it was seen if the station gave none. */
export const readStatusNotification: Reader = (payload, { seenAt }) => {
  const evse = evseRef(payload['evseId'], payload['connectorId']);
  if (evse === undefined) return unusable('StatusNotification.evseId');
  const state = oneOf(STATE_WORDS, payload['connectorStatus']);
  if (state === undefined) return unusable('StatusNotification.connectorStatus');
  const at = instant(payload['timestamp']);
  const status: ConnectorStatus = at === undefined ? { state } : { state, at };
  return ok([{ kind: 'status-reported', evse, at: at ?? seenAt, status }]);
};
