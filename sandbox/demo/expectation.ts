// What both providers must receive of one recorded OCPP 1.6 session, worked out from its frames and the OCPP tables; it uses no code of the edge.
import type { Payload, RecordedEvent } from '../recordings.ts';
import { instant, jedlixName, present, sampleFacts, stekkerDelivery, type Delivery, type Facts } from './deliveries.ts';
import { listAt, textAt, valueAt } from './json.ts';

/** A message that must arrive. `eventIndex` is the recorded event after which it can. */
export type ExpectedDelivery = Delivery & { readonly eventIndex: number };

/** The session in a recording: the places of its messages and its registers, in Wh. */
export type RecordedCharge = {
  readonly transactionId: number;
  readonly startIndex: number;
  readonly startReplyIndex: number;
  readonly stopIndex: number;
  readonly meterStartWh: number;
  readonly meterStopWh: number;
};

/** Who the charger is to the providers. */
export type ChargerNames = { readonly chargePointId: string; readonly emi3Id: string };

/**
 * Finds the one session in these events.
 * @throws when there is none or another one, or when anything happens between its start and the reply to it.
 */
export function findCharge(events: readonly RecordedEvent[]): RecordedCharge {
  const starts = events.flatMap((event, index) => (requestOf(event, 'StartTransaction') ? [index] : []));
  const [startIndex = -1] = starts;
  const startReplyIndex = startIndex + 1;
  const reply = replyTo(events, startIndex);
  const transactionId = valueAt(reply, 'transactionId');
  if (starts.length !== 1 || events[startReplyIndex]?.frame[2] !== reply || typeof transactionId !== 'number') {
    throw new Error('the events do not hold one session whose start is answered at once');
  }
  const stopIndex = events.findIndex(
    (event) => requestOf(event, 'StopTransaction')?.['transactionId'] === transactionId,
  );
  const meterStopWh = valueAt(events[stopIndex]?.frame, 3, 'meterStop');
  const meterStartWh = valueAt(events[startIndex]?.frame, 3, 'meterStart');
  if (typeof meterStopWh !== 'number' || typeof meterStartWh !== 'number') throw new Error('the session has no end');
  return { transactionId, startIndex, startReplyIndex, stopIndex, meterStartWh, meterStopWh };
}

/** Stekker: the start with the CSMS's transaction id, every status, every reading of the transaction before its stop, the stop. */
export function expectAtStekker(events: readonly RecordedEvent[], names: ChargerNames): ExpectedDelivery[] {
  const charge = findCharge(events);
  const expected = events.flatMap((event, index) => {
    const isExpected =
      requestOf(event, 'StatusNotification') !== undefined ||
      isReadingOf(event, index, charge) ||
      index === charge.startIndex ||
      index === charge.stopIndex;
    if (!isExpected || event.frame[0] !== 2) return [];
    const response = replyTo(events, index);
    const [, , method, params] = event.frame;
    const message = { chargePointId: names.chargePointId, evseId: names.emi3Id, method, params, response };
    return [{ ...stekkerDelivery(message), eventIndex: index === charge.startIndex ? charge.startReplyIndex : index }];
  });
  return expected;
}

/** Jedlix: Started, an Updated for every status and every reading within the session, Ended. Foresees no status Faulted, Reserved or Unavailable. */
export function expectAtJedlix(events: readonly RecordedEvent[], names: ChargerNames): ExpectedDelivery[] {
  const charge = findCharge(events);
  return events.flatMap((event, index) => {
    if (event.frame[0] !== 2) return [];
    const payload = event.frame[3];
    const common = {
      charger: names.chargePointId,
      transaction: String(charge.transactionId),
      ...evseFacts(events, charge),
    };
    const expect = (name: string, facts: Record<string, string>, eventIndex = index): ExpectedDelivery[] => {
      return [{ name, facts: present({ ...common, ...facts }), eventIndex }];
    };
    if (index === charge.startIndex)
      return expect('Started', startFacts(events, index, payload), charge.startReplyIndex);
    if (index === charge.stopIndex) return expect('Ended', stopFacts(payload));
    if (isReadingOf(event, index, charge)) return expect(jedlixName('Updated', payload), readingFacts(payload));
    const isStatus = index > charge.startIndex && index < charge.stopIndex && requestOf(event, 'StatusNotification');
    if (!isStatus) return [];
    const facts = statusFacts(payload, event.timestamp);
    return expect(`Updated ${facts['chargingState'] ?? ''}`, facts);
  });
}

function requestOf({ direction, frame }: RecordedEvent, action: string): Payload | undefined {
  return direction === 'cs' && frame[0] === 2 && frame[2] === action ? frame[3] : undefined;
}

function replyTo(events: readonly RecordedEvent[], index: number): unknown {
  const id = events[index]?.frame[1];
  return events.find(({ frame }) => frame[0] === 3 && frame[1] === id)?.frame[2];
}

function isReadingOf(event: RecordedEvent, index: number, { transactionId, stopIndex }: RecordedCharge): boolean {
  return requestOf(event, 'MeterValues')?.['transactionId'] === transactionId && index < stopIndex;
}

function evseFacts(events: readonly RecordedEvent[], { startIndex }: RecordedCharge): Facts {
  return { evse: textAt(events[startIndex]?.frame, 3, 'connectorId'), connector: '1' };
}

function startFacts(events: readonly RecordedEvent[], index: number, payload: Payload): Record<string, string> {
  const before = events.slice(0, index);
  const isRemote = before.some(({ direction, frame }) => {
    if (direction !== 'csms' || frame[0] !== 2 || frame[2] !== 'RemoteStartTransaction') return false;
    const { idTag, connectorId = payload['connectorId'] } = frame[3];
    return idTag === payload['idTag'] && connectorId === payload['connectorId'];
  });
  const lastStatus = before.findLast((event) => requestOf(event, 'StatusNotification'));
  const at = instant(textAt(payload, 'timestamp'));
  return {
    trigger: isRemote ? 'RemoteStart' : 'Authorized',
    chargingState: chargingStateOf(textAt(lastStatus?.frame, 3, 'status')),
    card: cardOf(payload),
    at,
    [`${at} ${register} Transaction.Begin`]: `${textAt(payload, 'meterStart')} Wh`,
  };
}

function stopFacts(payload: Payload): Record<string, string> {
  const reason = textAt(payload, 'reason') || 'Local';
  const at = instant(textAt(payload, 'timestamp'));
  const samples = sampleFacts(listAt(payload, 'transactionData'));
  const hasRegister = Object.keys(samples).some((key) => key.endsWith(`${register} Transaction.End`));
  const [stoppedReason, trigger] = stopReasons[reason] ?? ['', ''];
  return {
    trigger,
    stoppedReason,
    chargingState: reason === 'EVDisconnected' ? 'Idle' : 'EVConnected',
    card: cardOf(payload),
    at,
    ...samples,
    ...(hasRegister ? {} : { [`${at} ${register} Transaction.End`]: `${textAt(payload, 'meterStop')} Wh` }),
  };
}

function readingFacts(payload: Payload): Record<string, string> {
  const context = textAt(payload, 'meterValue', 0, 'sampledValue', 0, 'context');
  const triggers: Record<string, string> = { 'Sample.Clock': 'MeterValueClock', Trigger: 'Trigger' };
  return {
    trigger: triggers[context] ?? 'MeterValuePeriodic',
    at: instant(textAt(payload, 'meterValue', 0, 'timestamp')),
    ...sampleFacts(listAt(payload, 'meterValue')),
  };
}

/** A status without a time of its own happened when the CSMS saw it. */
function statusFacts(payload: Payload, seenAt: string): Record<string, string> {
  const status = textAt(payload, 'status');
  return {
    trigger: status === 'Available' ? 'EVCommunicationLost' : 'ChargingStateChanged',
    chargingState: chargingStateOf(status),
    at: instant(textAt(payload, 'timestamp') || seenAt),
  };
}

const register = 'Energy.Active.Import.Register Outlet';

function chargingStateOf(status: string): string {
  if (status === 'Available') return 'Idle';
  return ['Charging', 'SuspendedEV', 'SuspendedEVSE'].includes(status) ? status : 'EVConnected';
}

/** Only 8 or 14 hex digits are surely a card's own number. */
function cardOf(payload: Payload): string {
  const idTag = textAt(payload, 'idTag');
  if (idTag === '') return '';
  return `${idTag} ${/^([0-9a-f]{8}|[0-9a-f]{14})$/i.test(idTag) ? 'ISO14443' : 'Central'}`;
}

/** OCPP 1.6 reason → OCPP 2.0.1 stoppedReason and triggerReason. */
const stopReasons: Readonly<Record<string, readonly [stoppedReason: string, trigger: string]>> = {
  Local: ['Local', 'StopAuthorized'],
  Remote: ['Remote', 'RemoteStop'],
  DeAuthorized: ['DeAuthorized', 'Deauthorized'],
  EVDisconnected: ['EVDisconnected', 'EVCommunicationLost'],
  EmergencyStop: ['EmergencyStop', 'AbnormalCondition'],
  HardReset: ['ImmediateReset', 'ResetCommand'],
  SoftReset: ['ImmediateReset', 'ResetCommand'],
  Reboot: ['Reboot', 'AbnormalCondition'],
  PowerLoss: ['PowerLoss', 'AbnormalCondition'],
  UnlockCommand: ['Other', 'UnlockCommand'],
  Other: ['Other', 'AbnormalCondition'],
};
