/** RemoteStartTransaction (OCPP 1.6 §6.33): the CSMS tells a station to start. Read only; needs an idTag. */
import { idTokenFromTag } from '../../charging/id-token.ts';
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { tokenText } from '../tolerant.ts';
import { readConnector } from './connector.ts';

/** Reads the request. Without a connector (or for connector 0) the station chooses one. */
export const readRemoteStartTransaction: Reader = (payload, { seenAt }) => {
  const idTag = tokenText(payload['idTag']);
  if (idTag === undefined) return unusable('RemoteStartTransaction.idTag');
  const evse = readConnector(payload['connectorId']);
  const isPlaced = evse !== undefined && evse.evseId > 0;
  const start = { kind: 'remote-start-requested', idToken: idTokenFromTag(idTag), at: seenAt } as const;
  return ok([isPlaced ? { ...start, evse } : start]);
};
