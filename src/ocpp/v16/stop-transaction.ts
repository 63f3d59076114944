/** StopTransaction (OCPP 1.6 §6.49, §6.50): a station ends a session. Needs a transaction id and meterStop. */
import * as z from 'zod';
import { STOP_REASONS, type SessionEnded, type StopReason } from '../../charging/charge-event.ts';
import { idTagOf, idTokenFromTag } from '../../charging/id-token.ts';
import type { Stopped } from '../../charging/station-message.ts';
import { defined } from '../../defined.ts';
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { believableInstant } from '../believable-time.ts';
import { number, object, oneOf, text, tokenText, transactionNumber, vocabulary } from '../tolerant.ts';
import { IdTagInfo, readIdTagInfo, writeIdTagInfo } from './id-tag-info.ts';
import { MeterValue, readMeterValues, writeMeterValueList } from './meter-value.ts';

const REASONS = [
  'EmergencyStop',
  'EVDisconnected',
  'HardReset',
  'Local',
  'Other',
  'PowerLoss',
  'Reboot',
  'Remote',
  'SoftReset',
  'UnlockCommand',
  'DeAuthorized',
] as const;
const REASON_WORDS = vocabulary(REASONS);
const ANY_REASON_WORDS = vocabulary(STOP_REASONS);

export const StopTransaction = z.strictObject({
  transactionId: z.int(),
  meterStop: z.int(),
  timestamp: z.iso.datetime({ offset: true }),
  idTag: z.string().max(20).optional(),
  reason: z.enum(REASONS).optional(),
  transactionData: z.array(MeterValue).optional(),
});
export type StopTransaction = z.infer<typeof StopTransaction>;

export const StopTransactionResponse = z.strictObject({ idTagInfo: IdTagInfo.optional() });
export type StopTransactionResponse = z.infer<typeof StopTransactionResponse>;

/** Reads the request, and what its answer said about the idTag if it came along. */
export const readStopTransaction: Reader = (payload, { seenAt, response }) => {
  const transactionId = transactionNumber(payload['transactionId']);
  if (transactionId === undefined) return unusable('StopTransaction.transactionId');
  const meterStopWh = number(payload['meterStop']);
  if (meterStopWh === undefined) return unusable('StopTransaction.meterStop');
  const idTag = tokenText(payload['idTag']);
  const stopped: Stopped = defined({
    kind: 'stopped',
    transactionId,
    at: believableInstant(payload['timestamp'], seenAt) ?? seenAt,
    meterStopWh: meterStopWh < 0 ? undefined : meterStopWh,
    meterValues: readMeterValues(payload['transactionData'], seenAt),
    idToken: idTag === undefined ? undefined : idTokenFromTag(idTag),
    reason: readStopReason(payload['reason']),
    authorization: readIdTagInfo(object(response)?.['idTagInfo']),
  });
  return ok([stopped]);
};

/** A stop reason of either version. A vendor's own reason is Other, because no reason would mean Local. */
export function readStopReason(value: unknown): StopReason | undefined {
  const word = text(value);
  return word === undefined || word === '' ? undefined : (oneOf(ANY_REASON_WORDS, word) ?? 'Other');
}

/** Writes a session's end. Energy in whole Wh; an absent reason stays absent. */
export function writeStopTransaction(event: SessionEnded): StopTransaction {
  const transactionData = writeMeterValueList(event.meterValues);
  const idToken = event.idToken ?? event.lateIdToken;
  return defined({
    transactionId: event.session.transactionId.ocpp16,
    meterStop: Math.round(event.meterStopWh),
    timestamp: event.at,
    idTag: idToken && idTagOf(idToken),
    reason: reasonOf(event),
    transactionData: transactionData.length > 0 ? transactionData : undefined,
  });
}

/** Writes the CSMS's answer to a session's end. It is empty when the CSMS said nothing about the idTag. */
export function writeStopConfirmation({ authorization }: SessionEnded): StopTransactionResponse {
  return authorization === undefined ? {} : { idTagInfo: writeIdTagInfo(authorization) };
}

/** The reason as OCPP 1.6 has it. OCPP 2.0.1 tells an unlock by its trigger only, and has one kind of reset. */
function reasonOf({ trigger, stopReason }: SessionEnded): StopTransaction['reason'] {
  if (trigger === 'UnlockCommand') return 'UnlockCommand';
  if (stopReason === undefined) return undefined;
  return stopReason === 'ImmediateReset' ? 'HardReset' : (oneOf(REASON_WORDS, stopReason) ?? 'Other');
}
