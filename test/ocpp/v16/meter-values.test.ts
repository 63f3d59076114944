/** OCPP 1.6 MeterValues: every sample comes out as it went in, and what has no words in OCPP 1.6 does not come out at all. */
import { describe, expect, it } from 'vitest';
import type { SampledValue } from '../../../src/charging/meter.ts';
import { MeterValues, writeMeterValues } from '../../../src/ocpp/v16/meter-values.ts';
import { AT, read, readOne, SEEN_AT, updated } from '../messages.ts';
import { expectDeclared, expectOfficial } from '../official-schema.ts';

const payloadOf = (...sampledValue: unknown[]) => ({
  connectorId: 1,
  transactionId: 123_885_164,
  meterValue: [{ timestamp: AT, sampledValue }],
});
const samplesOf = (...sampledValue: unknown[]) =>
  readOne('readings-reported', 'MeterValues', payloadOf(...sampledValue)).meterValues[0]?.samples;

describe('reading', () => {
  it('keeps the text as written beside its value, and fills in no default', () => {
    expect(samplesOf({ value: '165333.00' })).toEqual([{ text: '165333.00', value: 165_333 }]);
  });

  it('takes a value that is a number as its text', () => {
    expect(samplesOf({ value: 12.5, unit: 'A', measurand: 'Current.Import', phase: null })).toEqual([
      { text: '12.5', value: 12.5, unit: 'A', measurand: 'Current.Import' },
    ]);
  });

  it('keeps a sample whose text is no number, without a value', () => {
    expect(samplesOf({ value: 'n/a' })).toEqual([{ text: 'n/a' }]);
    expect(samplesOf({ value: '12', format: 'SignedData' })).toEqual([{ text: '12', format: 'SignedData' }]);
  });

  it('drops samples without a value, and readings without samples', () => {
    expect(samplesOf({ unit: 'A' }, null, 'x', { value: '1' })).toEqual([{ text: '1', value: 1 }]);
    expect(read('MeterValues', payloadOf())).toEqual([]);
    expect(read('MeterValues', { connectorId: 1, meterValue: [] })).toEqual([]);
  });

  it.each([
    [undefined, 'MeterValuePeriodic'],
    ['Sample.Periodic', 'MeterValuePeriodic'],
    ['Sample.Clock', 'MeterValueClock'],
    ['Trigger', 'Trigger'],
    ['Interruption.Begin', 'MeterValuePeriodic'],
  ])('with first context %s were taken for %s', (context, trigger) => {
    const payload = payloadOf({ value: '1' }, { value: '1', context }, { value: '1', context: 'Other' });
    expect(readOne('readings-reported', 'MeterValues', payload).trigger).toBe(trigger);
  });

  it('takes no transaction for one when its id is no whole number', () => {
    for (const transactionId of [null, 'abc', 1.5, undefined]) {
      const message = readOne('readings-reported', 'MeterValues', { ...payloadOf({ value: '1' }), transactionId });
      expect(message).not.toHaveProperty('transactionId');
    }
    const message = readOne('readings-reported', 'MeterValues', { ...payloadOf({ value: '1' }), transactionId: '7' });
    expect(message.transactionId).toBe(7);
  });

  it('stands at the time of the first reading, or when it was seen', () => {
    expect(readOne('readings-reported', 'MeterValues', payloadOf({ value: '1' })).at).toBe(AT);
    const meterValue = [{ sampledValue: [{ value: '1' }] }];
    expect(readOne('readings-reported', 'MeterValues', { connectorId: 0, meterValue })).toMatchObject({
      at: SEEN_AT,
      evse: { evseId: 0 },
      meterValues: [{ at: SEEN_AT }],
    });
  });

  it.each(['connectorId', 'meterValue'])('refuses one without %s, by name', (field) => {
    expect(read('MeterValues', { ...payloadOf({ value: '1' }), [field]: undefined })).toEqual({
      refused: `MeterValues.${field} is missing or unusable`,
    });
  });
});

describe('writing', () => {
  const write = (...samples: SampledValue[]) => writeMeterValues(updated({ meterValues: [{ at: AT, samples }] }));
  const written = (...samples: SampledValue[]) => {
    const request = write(...samples);
    if (request !== undefined) {
      expectOfficial('1.6', 'MeterValues', request);
      expectDeclared(MeterValues, request);
    }
    return request?.meterValue[0]?.sampledValue;
  };

  it('names the connector and the transaction of the session', () => {
    expect(write({ text: '1', value: 1 })).toEqual(payloadOf({ value: '1' }));
  });

  it('gives nothing when nothing is left', () => {
    expect(write({ text: '3', value: 3, measurand: 'Energy.Apparent.Net' })).toBeUndefined();
    expect(writeMeterValues(updated())).toBeUndefined();
  });

  it('multiplies out what has a multiplier, exactly', () => {
    const energy = { measurand: 'Energy.Active.Import.Register', unit: 'Wh' } as const;
    expect(written({ text: '4033.33', value: 4033.33, multiplier: 3, ...energy })).toEqual([
      { value: '4033330', ...energy },
    ]);
    expect(written({ text: '7', value: 7, multiplier: -7, ...energy })).toEqual([{ value: '0.0000007', ...energy }]);
    expect(written({ text: '7.00', value: 7, multiplier: 0, ...energy })).toEqual([{ value: '7.00', ...energy }]);
  });

  it('drops samples it would have to change, and only the field when that changes nothing', () => {
    expect(
      written(
        { text: '1', value: 1, measurand: 'Power.Apparent.Vendor' },
        { text: '2', value: 2, unit: 'MWh' },
        { text: '3', value: 3, phase: 'L4' },
        { text: '4', value: 4, format: 'Encrypted' },
        { text: '5', value: 5, context: 'Vendor.Context', location: 'Roof' },
      ),
    ).toEqual([{ value: '5' }]);
  });

  it('says a frequency without its unit, which OCPP 1.6 does not have', () => {
    expect(written({ text: '50', value: 50, measurand: 'Frequency', unit: 'Hz' })).toEqual([
      { value: '50', measurand: 'Frequency' },
    ]);
  });
});
