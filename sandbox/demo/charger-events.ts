// What a simulated charger says of its session, in its own OCPP version and with the CSMS's reply, as bodies of the edge's own webhook format.
import type { ChargerIdentity, Reading } from './simulated-charger.ts';

/** The body of one webhook. */
export type ChargerEvent = Omit<ChargerIdentity, 'transactionId'> & {
  readonly timestamp: string;
  readonly frame: readonly [2, id: string, action: string, payload: object];
  readonly response: object;
};

/** A place in the session. `seqNo` counts its messages from 0. */
export type Moment = { readonly seqNo: number; readonly reading: Reading };

const idTag = '04A3C1F2B95E80';
const idTagInfo = { status: 'Accepted' };

/** The session starts. In OCPP 1.6 the CSMS numbers it with its reply. */
export function startEvent(charger: ChargerIdentity, moment: Moment): ChargerEvent {
  const { transactionId, protocol } = charger;
  if (protocol === 'ocpp1.6') {
    const start = { connectorId: 1, idTag, meterStart: moment.reading.registerWh, timestamp: timeOf(moment) };
    return eventOf(charger, moment, ['StartTransaction', start, { transactionId, idTagInfo }]);
  }
  return transactionEvent(charger, moment, {
    eventType: 'Started',
    triggerReason: 'Authorized',
    transactionInfo: { transactionId, chargingState: 'Charging' },
    evse: { id: 1, connectorId: 1 },
    idToken: { idToken: idTag, type: 'ISO14443' },
    meterValue: meterValue201(moment, [registerOf(moment, 'Transaction.Begin')]),
  });
}

/** A reading: register and power of all phases together. */
export function readingEvent(charger: ChargerIdentity, moment: Moment): ChargerEvent {
  const { transactionId, protocol } = charger;
  const { registerWh, powerW } = moment.reading;
  if (protocol === 'ocpp1.6') {
    const sampledValue = [
      { measurand: 'Energy.Active.Import.Register', unit: 'Wh', value: String(registerWh) },
      { measurand: 'Power.Active.Import', unit: 'W', value: String(powerW) },
    ];
    const meterValue = [{ timestamp: timeOf(moment), sampledValue }];
    return eventOf(charger, moment, ['MeterValues', { connectorId: 1, transactionId, meterValue }, {}]);
  }
  const power = { measurand: 'Power.Active.Import', unitOfMeasure: { unit: 'W' }, value: powerW };
  return transactionEvent(charger, moment, {
    eventType: 'Updated',
    triggerReason: 'MeterValuePeriodic',
    transactionInfo: { transactionId, chargingState: 'Charging' },
    meterValue: meterValue201(moment, [registerOf(moment, 'Sample.Periodic'), power]),
  });
}

/** The session ends at the charger. */
export function stopEvent(charger: ChargerIdentity, moment: Moment): ChargerEvent {
  const { transactionId, protocol } = charger;
  if (protocol === 'ocpp1.6') {
    const stop = { transactionId, meterStop: moment.reading.registerWh, timestamp: timeOf(moment), reason: 'Local' };
    return eventOf(charger, moment, ['StopTransaction', stop, { idTagInfo }]);
  }
  return transactionEvent(charger, moment, {
    eventType: 'Ended',
    triggerReason: 'StopAuthorized',
    transactionInfo: { transactionId, stoppedReason: 'Local' },
    meterValue: meterValue201(moment, [registerOf(moment, 'Transaction.End')]),
  });
}

function transactionEvent(charger: ChargerIdentity, moment: Moment, fields: object): ChargerEvent {
  const { seqNo } = moment;
  return eventOf(charger, moment, ['TransactionEvent', { timestamp: timeOf(moment), seqNo, ...fields }, {}]);
}

function registerOf({ reading }: Moment, context: string): object {
  const unitOfMeasure = { unit: 'Wh' };
  return { context, measurand: 'Energy.Active.Import.Register', unitOfMeasure, value: reading.registerWh };
}

function meterValue201(moment: Moment, sampledValue: object[]): object[] {
  return [{ timestamp: timeOf(moment), sampledValue }];
}

function eventOf(
  { chargePointId, ocppIdentity, protocol }: ChargerIdentity,
  moment: Moment,
  [action, payload, response]: readonly [action: string, payload: object, response: object],
): ChargerEvent {
  const frame = [2, `${ocppIdentity}-${moment.seqNo}`, action, payload] as const;
  return { chargePointId, ocppIdentity, protocol, timestamp: timeOf(moment), frame, response };
}

function timeOf({ reading }: Moment): string {
  return reading.at.toISOString();
}
