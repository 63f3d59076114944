/** RequestStopTransaction (OCPP 2.0.1 §1.46): the CSMS tells a station to stop. Read only; needs a transaction id. */
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { text } from '../tolerant.ts';

/** Reads the request. */
export const readRequestStopTransaction: Reader = (payload, { seenAt }) => {
  const transactionId = text(payload['transactionId']);
  if (transactionId === undefined || transactionId === '') return unusable('RequestStopTransaction.transactionId');
  return ok([{ kind: 'remote-stop-requested', transactionId, at: seenAt }]);
};
