/**
 * Authorize (OCPP 1.6 §6.1): a station asks whether an idTag may charge. Read only; refuses one without an idTag. It says nothing of a
 * session: who charges stands in StartTransaction, and a token that is only asked for starts none.
 */
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { text } from '../tolerant.ts';

/** Reads the request. */
export const readAuthorize: Reader = (payload) =>
  text(payload['idTag']) === undefined ? unusable('Authorize.idTag') : ok([]);
