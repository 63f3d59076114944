/**
 * StartTransaction (OCPP 1.6 §6.45, §6.46): a station begins a session, and its CSMS answers with the transaction id.
 * Needs a connector and meterStart.
 */
import * as z from 'zod';
import type { SessionStarted } from '../../charging/charge-event.ts';
import { ANONYMOUS_ID_TAG, idTagOf, idTokenFromTag } from '../../charging/id-token.ts';
import type { StartAnswered, StartRequested, StationMessage } from '../../charging/station-message.ts';
import { defined } from '../../defined.ts';
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { believableInstant } from '../believable-time.ts';
import { integer, number, object, tokenText, transactionNumber } from '../tolerant.ts';
import { readConnector } from './connector.ts';
import { IdTagInfo, readIdTagInfo, writeIdTagInfo } from './id-tag-info.ts';

export const StartTransaction = z.strictObject({
  connectorId: z.int(),
  idTag: z.string().max(20),
  meterStart: z.int(),
  reservationId: z.int().optional(),
  timestamp: z.iso.datetime({ offset: true }),
});
export type StartTransaction = z.infer<typeof StartTransaction>;

export const StartTransactionResponse = z.strictObject({ transactionId: z.int(), idTagInfo: IdTagInfo });
export type StartTransactionResponse = z.infer<typeof StartTransactionResponse>;

/**
 * Reads the request, and the answer if it came along. An answer without a usable transaction id counts as none: the
 * real one may still come by itself.
 */
export const readStartTransaction: Reader = (payload, { messageId, seenAt, statedAt, response }) => {
  const evse = readConnector(payload['connectorId']);
  if (evse === undefined) return unusable('StartTransaction.connectorId');
  const meterStartWh = number(payload['meterStart']);
  if (meterStartWh === undefined) return unusable('StartTransaction.meterStart');
  const start: StartRequested = defined({
    kind: 'start-requested',
    messageId,
    evse,
    idToken: idTokenFromTag(tokenText(payload['idTag']) ?? ANONYMOUS_ID_TAG),
    at: believableInstant(payload['timestamp'], seenAt) ?? seenAt,
    meterStartWh,
    reservationId: integer(payload['reservationId']),
    seenAt: statedAt,
  });
  const answer = readStartAnswer(response, messageId);
  return ok<readonly StationMessage[]>(answer === undefined ? [start] : [start, answer]);
};

/** Reads what may be the answer to a start: only that has a transaction id. No `idTagInfo` counts as Accepted. */
export function readStartAnswer(value: unknown, messageId: string): StartAnswered | undefined {
  const payload = object(value);
  const transactionId = payload && transactionNumber(payload['transactionId']);
  if (payload === undefined || transactionId === undefined) return undefined;
  const authorization = readIdTagInfo(payload['idTagInfo']) ?? { status: 'Accepted' };
  return { kind: 'start-answered', messageId, transactionId, authorization };
}

/** Writes a session's start with its answer: a reader needs both for the transaction id. Energy in whole Wh. */
export function writeStartTransaction(event: SessionStarted): {
  request: StartTransaction;
  confirmation: StartTransactionResponse;
} {
  const { session } = event;
  const request: StartTransaction = defined({
    connectorId: session.evse.evseId,
    idTag: idTagOf(event.idToken ?? session.idToken),
    meterStart: Math.round(event.meterStartWh),
    timestamp: event.at,
    reservationId: event.reservationId,
  });
  return {
    request,
    confirmation: { transactionId: session.transactionId.ocpp16, idTagInfo: writeIdTagInfo(event.authorization) },
  };
}
