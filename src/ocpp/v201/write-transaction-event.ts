/** Writes a session's events as TransactionEvents (OCPP 2.0.1 §1.60), whichever version the station speaks. Pure. */
import type { SessionEnded, SessionStarted, SessionUpdated } from '../../charging/charge-event.ts';
import { findRegisterWh, type MeterValue as HubMeterValue } from '../../charging/meter.ts';
import { DEFAULT_MEASURAND } from '../../charging/quantity.ts';
import { defined } from '../../defined.ts';
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

/** Writes one event. `seqNo` counts what this reader was sent of the session, from 0 without gaps. */
export function writeTransactionEvent(
  event: SessionStarted | SessionUpdated | SessionEnded,
  seqNo: number,
): TransactionEventRequest {
  const { details } = event;
  const evse = writeEvse(event.session.evse);
  const meterValue = writeMeterValueList(readingsOf(event));
  return defined({
    customData: details?.vendorData,
    eventType: EVENT_TYPES[event.kind],
    timestamp: event.at,
    triggerReason: event.trigger,
    seqNo,
    offline: details?.offline,
    numberOfPhasesUsed: details?.numberOfPhasesUsed,
    cableMaxCurrent: details?.cableMaxCurrent,
    reservationId: details?.reservationId ?? (event.kind === 'session-started' ? event.reservationId : undefined),
    transactionInfo: transactionInfoOf(event),
    evse: evse && defined({ ...evse, customData: details?.evseVendorData }),
    idToken: event.idToken && writeIdToken(event.idToken),
    meterValue: meterValue.length > 0 ? meterValue : undefined,
  });
}

function transactionInfoOf(event: SessionStarted | SessionUpdated | SessionEnded): TransactionInfo {
  return defined({
    customData: event.details?.transactionVendorData,
    transactionId: event.session.transactionId.ocpp201,
    chargingState: event.chargingState,
    timeSpentCharging: event.details?.timeSpentCharging,
    stoppedReason: event.kind === 'session-ended' ? stoppedReasonOf(event) : undefined,
    remoteStartId: event.details?.remoteStartId,
  });
}

/** The reason as OCPP 2.0.1 has it: one kind of reset, and an unlock only as a trigger. No reason means Local. */
function stoppedReasonOf({ stopReason = 'Local' }: SessionEnded): StoppedReason {
  if (stopReason === 'HardReset' || stopReason === 'SoftReset') return 'ImmediateReset';
  return oneOf(REASON_WORDS, stopReason) ?? 'Other';
}

/** The event's readings. The register of a start or stop is added, unless it is there or the station never sent it. */
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
