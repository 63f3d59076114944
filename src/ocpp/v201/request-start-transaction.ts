/**
 * RequestStartTransaction (OCPP 2.0.1 §1.44): the CSMS tells a station to start. It is read because the transaction
 * that follows may repeat the `remoteStartId` without the token. Needs an id token.
 */
import type { RemoteStartRequested } from '../../charging/station-message.ts';
import { defined } from '../../defined.ts';
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { integer } from '../tolerant.ts';
import { evseRef } from './evse.ts';
import { readIdToken } from './id-token.ts';

/** Reads the request. Without an EVSE (or for EVSE 0) the station chooses one. */
export const readRequestStartTransaction: Reader = (payload, { seenAt }) => {
  const idToken = readIdToken(payload['idToken']);
  if (idToken === undefined) return unusable('RequestStartTransaction.idToken');
  const evse = evseRef(payload['evseId']);
  const start: RemoteStartRequested = defined({
    kind: 'remote-start-requested',
    idToken,
    at: seenAt,
    evse: evse !== undefined && evse.evseId > 0 ? evse : undefined,
    remoteStartId: integer(payload['remoteStartId']),
  });
  return ok([start]);
};
