/**
 * Authorize (OCPP 2.0.1 §1.1): a station asks whether a token may charge. Read only; refuses one without a token. It says nothing of a
 * session: who charges stands in TransactionEvent, and a token that is only asked for starts none.
 */
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { readIdToken } from './id-token.ts';

/** Reads the request. */
export const readAuthorize: Reader = (payload) =>
  readIdToken(payload['idToken']) === undefined ? unusable('Authorize.idToken') : ok([]);
