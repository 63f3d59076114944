/** Writes a session's events as TransactionEvent requests (OCPP 2.0.1 §1.60), whatever version the station speaks. Pure; refuses nothing. */
import type { TransactionDetails } from '../../charging/charge-event.ts';
import type { SessionEnded, SessionStarted, SessionUpdated } from '../../charging/charge-event.ts';
import { findRegisterWh, type MeterValue as HubMeterValue } from '../../charging/meter.ts';
import { DEFAULT_MEASURAND } from '../../charging/quantity.ts';
import { oneOf, vocabulary } from '../tolerant.ts';
import { writeEvse } from './evse.ts';
import { writeIdToken } from './id-token.ts';
import { writeMeterValueList } from './meter-value.ts';
import { TransactionInfo, type TransactionEventRequest } from './transaction-event.ts';

type StoppedReason = NonNullable<TransactionInfo['stoppedReason']>;

const EVENT_TYPES = {
  'session-started': 'Started',
  'session-updated': 'Updated',
  'session-ended': 'Ended',
} as const;
const REASON_WORDS = vocabulary<StoppedReason>(TransactionInfo.shape.stoppedReason.unwrap().options);

/** Writes one event. `seqNo` counts what the reader of these events was sent of the session, from 0 without gaps. */
export function writeTransactionEvent(
  event: SessionStarted | SessionUpdated | SessionEnded,
  seqNo: number,
): TransactionEventRequest {
  const request: TransactionEventRequest = {
    eventType: EVENT_TYPES[event.kind],
    timestamp: event.at,
    triggerReason: event.trigger,
    seqNo,
    transactionInfo: { transactionId: event.session.transactionId.ocpp201 },
  };
  if (event.chargingState !== undefined) request.transactionInfo.chargingState = event.chargingState;
  if (event.kind === 'session-ended') request.transactionInfo.stoppedReason = stoppedReasonOf(event);
  const evse = writeEvse(event.session.evse);
  if (evse !== undefined) request.evse = evse;
  if (event.kind === 'session-started' && event.reservationId !== undefined) {
    request.reservationId = event.reservationId;
  }
  if (event.details !== undefined) writeDetails(event.details, request);
  if (event.idToken !== undefined) request.idToken = writeIdToken(event.idToken);
  const meterValue = writeMeterValueList(readingsOf(event));
  if (meterValue.length > 0) request.meterValue = meterValue;
  return request;
}

/** The reason in OCPP 2.0.1's words: it knows one kind of reset, and says an unlock by its trigger. No reason means Local. */
function stoppedReasonOf({ stopReason = 'Local' }: SessionEnded): StoppedReason {
  if (stopReason === 'HardReset' || stopReason === 'SoftReset') return 'ImmediateReset';
  return oneOf(REASON_WORDS, stopReason) ?? 'Other';
}

/** The event's readings, with the register of a start or stop among them unless they have it, or the station never said it. */
function readingsOf(event: SessionStarted | SessionUpdated | SessionEnded): readonly HubMeterValue[] {
  if (event.kind === 'session-updated' || event.isRegisterInferred === true) return event.meterValues;
  const context = event.kind === 'session-started' ? 'Transaction.Begin' : 'Transaction.End';
  if (findRegisterWh(event.meterValues, 'first', context) !== undefined) return event.meterValues;
  return event.kind === 'session-started'
    ? [register(event.at, event.meterStartWh, context), ...event.meterValues]
    : [...event.meterValues, register(event.at, event.meterStopWh, context)];
}

function register(at: string, energyWh: number, context: string): HubMeterValue {
  const sample = { text: String(energyWh), value: energyWh, context, measurand: DEFAULT_MEASURAND, unit: 'Wh' };
  return { at, samples: [sample] };
}

/** The fields that have no OCPP 1.6 form. */
function writeDetails(details: TransactionDetails, request: TransactionEventRequest): void {
  const { evse, transactionInfo: info } = request;
  if (details.offline !== undefined) request.offline = details.offline;
  if (details.numberOfPhasesUsed !== undefined) request.numberOfPhasesUsed = details.numberOfPhasesUsed;
  if (details.cableMaxCurrent !== undefined) request.cableMaxCurrent = details.cableMaxCurrent;
  if (details.reservationId !== undefined) request.reservationId = details.reservationId;
  if (details.timeSpentCharging !== undefined) info.timeSpentCharging = details.timeSpentCharging;
  if (details.remoteStartId !== undefined) info.remoteStartId = details.remoteStartId;
  if (details.vendorData !== undefined) request.customData = details.vendorData;
  if (details.evseVendorData !== undefined && evse !== undefined) evse.customData = details.evseVendorData;
  if (details.transactionVendorData !== undefined) info.customData = details.transactionVendorData;
}
