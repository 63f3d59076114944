/** OCPP 2.0.1 TransactionEvent: what a station said comes out again; what others said comes out valid. */
import { describe, expect, it } from 'vitest';
import { STOP_REASONS, type StopReason } from '../../../src/charging/charge-event.ts';
import type { SampledValue } from '../../../src/charging/meter.ts';
import { TransactionEventRequest } from '../../../src/ocpp/v201/transaction-event.ts';
import { writeTransactionEvent } from '../../../src/ocpp/v201/write-transaction-event.ts';
import { AT, ended, eventOfStep, read, readOne, SEEN_AT, SESSION, started, updated } from '../messages.ts';
import { expectDeclared, expectOfficial } from '../official-schema.ts';

const VENDOR = { vendorId: 'ACME', extra: [1, { two: 2 }] };
const FULL = {
  eventType: 'Started',
  timestamp: '2026-03-31T12:00:00.123+02:00',
  triggerReason: 'CablePluggedIn',
  seqNo: 4,
  offline: true,
  numberOfPhasesUsed: 3,
  cableMaxCurrent: 32,
  reservationId: 31,
  transactionInfo: {
    transactionId: 'e4b21105-89fb-4604-a2e5-7c2f44e51e45',
    chargingState: 'EVConnected',
    timeSpentCharging: 12,
    remoteStartId: 8801,
    customData: VENDOR,
  },
  evse: { id: 2, connectorId: 1, customData: VENDOR },
  idToken: {
    idToken: '04A3C1F2B95E80',
    type: 'ISO14443',
    additionalInfo: [{ additionalIdToken: 'X', type: 'vendor', customData: VENDOR }],
    customData: VENDOR,
  },
  meterValue: [
    {
      timestamp: AT,
      customData: VENDOR,
      sampledValue: [
        {
          value: 12.5,
          context: 'Sample.Clock',
          measurand: 'Energy.Active.Net',
          phase: 'L1-N',
          location: 'Inlet',
          unitOfMeasure: { unit: 'Wh', multiplier: 3, customData: VENDOR },
          signedMeterValue: {
            signedMeterData: 'AAAA',
            signingMethod: 'ECDSA',
            encodingMethod: 'OCMF',
            publicKey: 'BBBB',
            customData: VENDOR,
          },
          customData: VENDOR,
        },
        { value: 1 },
      ],
    },
  ],
  customData: VENDOR,
};
const MINIMAL = {
  eventType: 'Updated',
  timestamp: AT,
  triggerReason: 'ChargingRateChanged',
  seqNo: 5,
  transactionInfo: { transactionId: 'tx-1' },
};
const readStep = (payload: Record<string, unknown>) =>
  readOne('transaction-step', 'TransactionEvent', payload, { protocol: 'ocpp2.0.1' });
const written = (...[event, seqNo = 0]: [Parameters<typeof writeTransactionEvent>[0], number?]) => {
  const request = writeTransactionEvent(event, seqNo);
  expectOfficial('2.0.1', 'TransactionEvent', request);
  expectDeclared(TransactionEventRequest, request);
  return request;
};

describe('a TransactionEvent of an OCPP 2.0.1 station', () => {
  it.each(['Started', 'Updated', 'Ended'])('keeps every field there can be in one that is %s', (eventType) => {
    const reason = eventType === 'Ended' && { stoppedReason: 'SOCLimitReached' };
    const payload = { ...FULL, eventType, transactionInfo: { ...FULL.transactionInfo, ...reason } };
    expectOfficial('2.0.1', 'TransactionEvent', payload);
    expect(written(eventOfStep(readStep(payload)), 4)).toEqual(payload);
  });

  it('gets no field it did not have', () => {
    expect(written(eventOfStep(readStep(MINIMAL)), 5)).toEqual(MINIMAL);
    const start = { ...MINIMAL, eventType: 'Started' };
    expect(written(eventOfStep(readStep(start)), 5)).toEqual(start);
  });

  it('that ended without a reason ended locally, and gets no register it did not state', () => {
    const payload = { ...MINIMAL, eventType: 'Ended' };
    expect(written(eventOfStep(readStep(payload)), 5)).toEqual({
      ...payload,
      transactionInfo: { transactionId: 'tx-1', stoppedReason: 'Local' },
    });
  });

  it('is read from numbers that are text, odd times, unknown keys and words of a vendor', () => {
    const step = readStep({
      eventType: 'Ended',
      timestamp: '2026-03-31 12:00:00',
      triggerReason: 'CoffeeReady',
      seqNo: '7',
      transactionInfo: { transactionId: 4711, stoppedReason: 'CoffeeReady', chargingState: 'Sleeping' },
      evse: { id: '2' },
      idToken: { idToken: 12345678, type: 'Implant' },
      meterValue: [{ sampledValue: [{ value: '12.50', unitOfMeasure: { multiplier: '0' } }, { value: 'n/a' }] }, {}],
      customData: { vendorId: 7 },
      vendorField: true,
    });
    expect(step).toEqual({
      kind: 'transaction-step',
      step: 'ended',
      transactionId: '4711',
      at: '2026-03-31T12:00:00Z',
      trigger: 'AbnormalCondition',
      stopReason: 'Other',
      evse: { evseId: 2 },
      idToken: { value: '12345678', type: 'Central' },
      meterValues: [{ at: SEEN_AT, samples: [{ text: '12.50', value: 12.5, multiplier: 0 }] }],
    });
  });

  it('has the likeliest trigger when its own is of a later version', () => {
    const triggerOf = (payload: object) =>
      readStep({ ...MINIMAL, triggerReason: 'OperationModeChanged', ...payload }).trigger;
    expect(triggerOf({})).toBe('ChargingStateChanged');
    expect(triggerOf({ meterValue: FULL.meterValue })).toBe('MeterValuePeriodic');
    const info = { transactionId: 'tx-1', stoppedReason: 'EVDisconnected' };
    expect(triggerOf({ eventType: 'Ended', transactionInfo: info })).toBe('EVCommunicationLost');
  });

  it.each([
    ['eventType', { eventType: 'Paused' }],
    ['transactionInfo.transactionId', { transactionInfo: {} }],
    ['transactionInfo.transactionId', { transactionInfo: { transactionId: '' } }],
    ['transactionInfo.transactionId', { transactionInfo: null }],
    ['triggerReason', { triggerReason: undefined }],
  ])('is refused without %s, by name', (field, change) => {
    expect(read('TransactionEvent', { ...MINIMAL, ...change }, { protocol: 'ocpp2.0.1' })).toEqual({
      refused: `TransactionEvent.${field} is missing or unusable`,
    });
  });
});

describe('a TransactionEvent made of an OCPP 1.6 session', () => {
  const register = (value: number, context: string) => ({
    timestamp: AT,
    sampledValue: [{ value, context, measurand: 'Energy.Active.Import.Register', unitOfMeasure: { unit: 'Wh' } }],
  });

  it('starts with the register of the start', () => {
    const { idToken } = SESSION;
    const event = started({ chargingState: 'EVConnected', reservationId: 31, ...(idToken && { idToken }) });
    expect(written(event)).toEqual({
      eventType: 'Started',
      timestamp: AT,
      triggerReason: 'Authorized',
      seqNo: 0,
      reservationId: 31,
      transactionInfo: { transactionId: '123885164', chargingState: 'EVConnected' },
      evse: { id: 1, connectorId: 1 },
      idToken: { idToken: '04A3C1F2B95E80', type: 'ISO14443' },
      meterValue: [register(579_130, 'Transaction.Begin')],
    });
  });

  it('ends with the register of the stop, after what else was read', () => {
    const samples = [{ text: '16.1', value: 16.1, measurand: 'Current.Import', unit: 'A', phase: 'L1' }];
    const { meterValue } = written(ended({ meterValues: [{ at: AT, samples }] }), 9);
    expect(meterValue?.slice(1)).toEqual([register(581_000, 'Transaction.End')]);
  });

  it('says a register once', () => {
    const samples = [{ text: '581.0', value: 581, context: 'Transaction.End', unit: 'kWh' }];
    expect(written(ended({ meterValues: [{ at: AT, samples }] })).meterValue).toEqual([
      { timestamp: AT, sampledValue: [{ value: 581, context: 'Transaction.End', unitOfMeasure: { unit: 'kWh' } }] },
    ]);
  });

  it('keeps samples OCPP 2.0.1 has words for, and drops the rest', () => {
    const samples: SampledValue[] = [
      { text: '1', value: 1, measurand: 'RPM' },
      { text: '2', value: 2, measurand: 'Temperature', unit: 'Celcius' },
      { text: 'n/a' },
      { text: 'AAAA', format: 'SignedData' },
      { text: '3', value: 3, unit: 'a unit of more than 20' },
      { text: '4', value: 4, phase: 'L4' },
      { text: '5.50', value: 5.5, format: 'Raw', context: 'Vendor', location: 'Roof', unit: 'kWh' },
      { text: '6', value: 6, measurand: 'SoC', unit: 'Celcius' },
    ];
    expect(written(updated({ meterValues: [{ at: AT, samples }] })).meterValue).toEqual([
      {
        timestamp: AT,
        sampledValue: [
          { value: 5.5, unitOfMeasure: { unit: 'kWh' } },
          { value: 6, measurand: 'SoC', unitOfMeasure: { unit: 'Celsius' } },
        ],
      },
    ]);
  });

  it('has no meter value when no sample is left, and no EVSE when none is known', () => {
    const meterValues = [{ at: AT, samples: [{ text: '1', value: 1, measurand: 'RPM' }] }];
    const request = written(updated({ session: { ...SESSION, evse: { evseId: 0 } }, meterValues }));
    expect(request).not.toHaveProperty('meterValue');
    expect(request).not.toHaveProperty('evse');
  });

  it('keeps to the lengths of the specification', () => {
    const long = 'x'.repeat(3000);
    const signed = { signedMeterData: long, signingMethod: 'A', encodingMethod: 'B', publicKey: 'C' };
    const request = written(
      updated({
        idToken: { value: long, type: 'eMAID', additional: [{ value: long, type: long }] },
        meterValues: [{ at: AT, samples: [{ text: '1', value: 1, signed }] }],
      }),
    );
    expect(request.meterValue?.[0]?.sampledValue).toEqual([{ value: 1 }]);
  });

  const STOPPED_REASONS: Partial<Record<StopReason, string>> = {
    HardReset: 'ImmediateReset',
    SoftReset: 'ImmediateReset',
    UnlockCommand: 'Other',
  };
  it.each(STOP_REASONS)('has a word for the stop reason %s', (stopReason) => {
    const { transactionInfo } = written(ended({ stopReason }));
    expect(transactionInfo.stoppedReason).toBe(STOPPED_REASONS[stopReason] ?? stopReason);
  });
});
