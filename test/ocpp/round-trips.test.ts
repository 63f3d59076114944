/** What must hold for all readings: nothing changes within a version, and whatever is written is valid. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schemaErrors } from '../../sandbox/ocpp-schema.ts';
import { writeMeterValues } from '../../src/ocpp/v16/meter-values.ts';
import * as words16 from '../../src/ocpp/v16/meter-words.ts';
import * as words201 from '../../src/ocpp/v201/meter-words.ts';
import { writeTransactionEvent } from '../../src/ocpp/v201/write-transaction-event.ts';
import { AT, eventOfStep, read, readOne, SEEN_AT, SESSION, updated } from './messages.ts';
import { expectOfficial } from './official-schema.ts';

const optional = { noNullPrototype: true } as const;
const word = (words: readonly string[]) => fc.constantFrom(...words);
const timestamp = fc
  .tuple(
    fc.date({ min: new Date('2015-01-02'), max: new Date('2026-03-30'), noInvalidDate: true }),
    fc.constantFrom('Z', '+02:00', '-11:30'),
  )
  .map(([date, zone]) => date.toISOString().replace('Z', zone));
const decimal = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000_000 }).map((cents) => (cents / 100).toFixed(2)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.string({ maxLength: 12 }),
);
const sample16 = fc.record(
  {
    value: decimal,
    context: word(words16.CONTEXTS),
    format: word(words16.FORMATS),
    measurand: word(words16.MEASURANDS),
    phase: word(words16.PHASES),
    location: word(words16.LOCATIONS),
    unit: word(words16.UNITS),
  },
  { requiredKeys: ['value'], ...optional },
);
const meterValue16 = fc.array(
  fc.record({ timestamp, sampledValue: fc.array(sample16, { minLength: 1, maxLength: 5 }) }, optional),
  { minLength: 1, maxLength: 3 },
);
const vendorData = fc.record({ vendorId: fc.string({ maxLength: 255 }), extra: fc.jsonValue() }, optional);
const sample201 = fc.record(
  {
    value: fc.double({ noNaN: true, noDefaultInfinity: true }),
    context: word(words201.CONTEXTS),
    measurand: word(words201.MEASURANDS),
    phase: word(words201.PHASES),
    location: word(words201.LOCATIONS),
    unitOfMeasure: fc.record(
      { unit: fc.string({ maxLength: 20 }), multiplier: fc.integer({ min: -12, max: 12 }), customData: vendorData },
      { requiredKeys: ['unit'], ...optional },
    ),
    signedMeterValue: fc.record(
      {
        signedMeterData: fc.string(),
        signingMethod: fc.string({ maxLength: 50 }),
        encodingMethod: fc.string({ maxLength: 50 }),
        publicKey: fc.string(),
        customData: vendorData,
      },
      { requiredKeys: ['signedMeterData', 'signingMethod', 'encodingMethod', 'publicKey'], ...optional },
    ),
    customData: vendorData,
  },
  { requiredKeys: ['value'], ...optional },
);
const meterValue201 = fc.array(
  fc.record(
    { timestamp, sampledValue: fc.array(sample201, { minLength: 1, maxLength: 4 }), customData: vendorData },
    { requiredKeys: ['timestamp', 'sampledValue'], ...optional },
  ),
  { minLength: 1, maxLength: 3 },
);

/** Stands for a message that is not written, where every written one must be valid. */
const NO_READINGS = { connectorId: 1, meterValue: [] };

/** As it comes off the wire: JSON has one zero. */
const offTheWire = <T>(value: T): T => JSON.parse(JSON.stringify(value));

const stepOf = (meterValue: unknown) => ({
  eventType: 'Updated',
  timestamp: AT,
  triggerReason: 'MeterValuePeriodic',
  seqNo: 3,
  transactionInfo: { transactionId: 'tx-1' },
  meterValue: offTheWire(meterValue),
});

describe('readings of an OCPP 1.6 station', () => {
  const payloadOf = (meterValue: unknown) => ({
    connectorId: 1,
    transactionId: SESSION.transactionId.ocpp16,
    meterValue,
  });

  it('come out in OCPP 1.6 with exactly the same samples', () => {
    fc.assert(
      fc.property(meterValue16, (meterValue) => {
        const payload = payloadOf(meterValue);
        expect(schemaErrors('1.6', 'MeterValues', payload)).toEqual([]);
        const { meterValues } = readOne('readings-reported', 'MeterValues', payload);
        expect(writeMeterValues(updated({ meterValues }))).toEqual(payload);
      }),
      { numRuns: 500 },
    );
  });

  it('come out in OCPP 2.0.1 valid, or not at all', () => {
    fc.assert(
      fc.property(meterValue16, (meterValue) => {
        const { meterValues } = readOne('readings-reported', 'MeterValues', payloadOf(meterValue));
        expectOfficial('2.0.1', 'TransactionEvent', writeTransactionEvent(updated({ meterValues }), 1));
      }),
      { numRuns: 500 },
    );
  });
});

describe('readings of an OCPP 2.0.1 station', () => {
  it('come out in OCPP 2.0.1 with exactly the same samples', () => {
    fc.assert(
      fc.property(meterValue201, (meterValue) => {
        const payload = stepOf(meterValue);
        expect(schemaErrors('2.0.1', 'TransactionEvent', payload)).toEqual([]);
        const step = readOne('transaction-step', 'TransactionEvent', payload, { protocol: 'ocpp2.0.1' });
        const written = writeTransactionEvent(eventOfStep(step), 3);
        const respelt = JSON.stringify(payload).replaceAll('"unit":"Celcius"', '"unit":"Celsius"');
        expect(written).toEqual(JSON.parse(respelt));
      }),
      { numRuns: 500 },
    );
  });

  it('come out in OCPP 1.6 valid, or not at all', () => {
    fc.assert(
      fc.property(meterValue201, (meterValue) => {
        const step = readOne('transaction-step', 'TransactionEvent', stepOf(meterValue), { protocol: 'ocpp2.0.1' });
        const request = writeMeterValues(updated({ meterValues: step.meterValues })) ?? NO_READINGS;
        expectOfficial('1.6', 'MeterValues', request);
      }),
      { numRuns: 500 },
    );
  });
});

describe('readings that are valid by no schema', () => {
  const anything = fc.oneof(fc.jsonValue(), fc.double(), decimal);
  const oddSample = fc.dictionary(
    fc.constantFrom(
      'value',
      'unit',
      'unitOfMeasure',
      'measurand',
      'context',
      'phase',
      'location',
      'format',
      'signedMeterValue',
      'customData',
    ),
    fc.oneof(
      anything,
      fc.record({ unit: anything, multiplier: anything, vendorId: anything }),
      word(words16.UNITS),
      word(words201.MEASURANDS),
    ),
  );
  const oddReadings = fc.array(
    fc.record({ timestamp: fc.oneof(timestamp, anything), sampledValue: fc.oneof(fc.array(oddSample), anything) }),
  );

  it('come out valid in either version, or not at all', () => {
    fc.assert(
      fc.property(oddReadings, fc.constantFrom('ocpp1.6', 'ocpp2.0.1'), (meterValue, protocol) => {
        const messages = read('MeterValues', offTheWire({ connectorId: 1, evseId: 1, meterValue }), { protocol });
        if (!Array.isArray(messages)) throw new Error('refused');
        for (const message of messages) {
          if (message.kind !== 'readings-reported') throw new Error(message.kind);
          expect(Date.parse(message.at)).not.toBeNaN();
          const event = updated({ at: SEEN_AT, meterValues: message.meterValues });
          expectOfficial('2.0.1', 'TransactionEvent', writeTransactionEvent(event, 0));
          expectOfficial('1.6', 'MeterValues', writeMeterValues(event) ?? NO_READINGS);
        }
      }),
      { numRuns: 1500 },
    );
  });
});
