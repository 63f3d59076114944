/** TransactionEvent (OCPP 2.0.1 §1.60): a step of a session. Needs an event type, a trigger and a transaction id. */
import * as z from 'zod';
import { STOP_REASONS, TRIGGER_REASONS, type TriggerReason } from '../../charging/charge-event.ts';
import { CHARGING_STATES } from '../../charging/session.ts';
import type { TransactionStep } from '../../charging/station-message.ts';
import { triggerOfStop } from '../../charging/stop-reason.ts';
import { defined } from '../../defined.ts';
import { ok } from '../../result.ts';
import { unusable, type Reader } from '../reader.ts';
import { believableInstant } from '../believable-time.ts';
import { integer, object, oneOf, text, vocabulary, type Draft } from '../tolerant.ts';
import { CustomData } from './custom-data.ts';
import { Evse, readEvse } from './evse.ts';
import { IdToken, readIdToken } from './id-token.ts';
import { MeterValue, readMeterValues } from './meter-value.ts';
import { readDetails } from './transaction-details.ts';

const STEPS: ReadonlyMap<unknown, TransactionStep['step']> = new Map([
  ['Started', 'started'],
  ['Updated', 'updated'],
  ['Ended', 'ended'],
]);
const TRIGGER_WORDS = vocabulary(TRIGGER_REASONS);
const REASON_WORDS = vocabulary(STOP_REASONS);
const STATE_WORDS = vocabulary(CHARGING_STATES);

export const TransactionInfo = z.strictObject({
  customData: CustomData.optional(),
  transactionId: z.string().max(36),
  chargingState: z.enum(CHARGING_STATES).optional(),
  timeSpentCharging: z.int().optional(),
  stoppedReason: z.enum(STOP_REASONS).exclude(['HardReset', 'SoftReset', 'UnlockCommand']).optional(),
  remoteStartId: z.int().optional(),
});
export type TransactionInfo = z.infer<typeof TransactionInfo>;

export const TransactionEventRequest = z.strictObject({
  customData: CustomData.optional(),
  eventType: z.enum(['Ended', 'Started', 'Updated']),
  meterValue: z.array(MeterValue).min(1).optional(),
  timestamp: z.iso.datetime({ offset: true }),
  triggerReason: z.enum(TRIGGER_REASONS),
  seqNo: z.int(),
  offline: z.boolean().optional(),
  numberOfPhasesUsed: z.int().optional(),
  cableMaxCurrent: z.int().optional(),
  reservationId: z.int().optional(),
  transactionInfo: TransactionInfo,
  evse: Evse.optional(),
  idToken: IdToken.optional(),
});
export type TransactionEventRequest = z.infer<typeof TransactionEventRequest>;

/** Reads the request. Its `seqNo` is not read: we count a session's events, as the station's count may have gaps. */
export const readTransactionEvent: Reader = (payload, { seenAt }) => {
  const step = STEPS.get(payload['eventType']);
  if (step === undefined) return unusable('TransactionEvent.eventType');
  const info = object(payload['transactionInfo']);
  const transactionId = info && text(info['transactionId']);
  if (info === undefined || transactionId === undefined || transactionId === '') {
    return unusable('TransactionEvent.transactionInfo.transactionId');
  }
  if (text(payload['triggerReason']) === undefined) return unusable('TransactionEvent.triggerReason');
  const reason = text(info['stoppedReason']);
  const event: Draft<TransactionStep> = defined({
    kind: 'transaction-step',
    step,
    transactionId,
    at: believableInstant(payload['timestamp'], seenAt) ?? seenAt,
    trigger: 'Trigger',
    meterValues: readMeterValues(payload['meterValue'], seenAt),
    chargingState: oneOf(STATE_WORDS, info['chargingState']),
    stopReason: reason === undefined ? undefined : (oneOf(REASON_WORDS, reason) ?? 'Other'),
    evse: readEvse(payload['evse']),
    idToken: readIdToken(payload['idToken']),
    reservationId: integer(payload['reservationId']),
    details: readDetails(payload),
  });
  event.trigger = oneOf(TRIGGER_WORDS, payload['triggerReason']) ?? likelyTrigger(event);
  return ok([event]);
};

/** What an event was most likely sent for, when its trigger is a vendor's own or of a later version. */
function likelyTrigger({ step, stopReason, idToken, meterValues }: TransactionStep): TriggerReason {
  if (step === 'ended') return triggerOfStop(stopReason);
  if (step === 'started') return idToken === undefined ? 'CablePluggedIn' : 'Authorized';
  return meterValues.length > 0 ? 'MeterValuePeriodic' : 'ChargingStateChanged';
}
