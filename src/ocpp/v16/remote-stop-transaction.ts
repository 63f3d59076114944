/** RemoteStopTransaction (OCPP 1.6 §6.35): the CSMS tells a station to stop. Read only; needs a transaction id. */
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { transactionNumber } from '../tolerant.ts';

/** Reads the request. */
export const readRemoteStopTransaction: Reader = (payload, { seenAt }) => {
  const transactionId = transactionNumber(payload['transactionId']);
  if (transactionId === undefined) return unusable('RemoteStopTransaction.transactionId');
  return ok([{ kind: 'remote-stop-requested', transactionId: String(transactionId), at: seenAt }]);
};
