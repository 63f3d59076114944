import { describe, expect, it } from 'vitest';
import { responseSchemaErrors, schemaErrors } from '../../sandbox/ocpp-schema.ts';
import { profile, transactionEvent } from './examples.ts';

const startTransaction = { connectorId: 1, idTag: 'A', timestamp: '2026-03-31T12:48:56Z', meterStart: 0 };

describe('the OCPP schemas', () => {
  it('accept a valid 1.6 request and a valid 2.0.1 request', () => {
    expect(schemaErrors('1.6', 'StartTransaction', startTransaction)).toEqual([]);
    expect(schemaErrors('2.0.1', 'TransactionEvent', transactionEvent('Started', 0))).toEqual([]);
  });

  it('refuse an instant without a time zone', () => {
    const errors = schemaErrors('1.6', 'StartTransaction', { ...startTransaction, timestamp: '2026-03-31T12:48:56' });
    expect(errors).toEqual(['/timestamp must match format "date-time"']);
  });

  it('refuse an unknown key by its name, nested ones too', () => {
    const meterValue = [{ timestamp: '2026-03-31T12:48:56Z', sampledValue: [{ value: '1', multiplier: 1 }] }];
    const errors = schemaErrors('1.6', 'MeterValues', { connectorId: 1, meterValue });
    expect(errors).toEqual(['/meterValue/0/sampledValue/0 must NOT have additional properties: multiplier']);
  });

  it('refuse a transaction id in a 1.6 StartTransaction', () => {
    const errors = schemaErrors('1.6', 'StartTransaction', { ...startTransaction, transactionId: 1 });
    expect(errors).toEqual(['/ must NOT have additional properties: transactionId']);
  });

  it('take limits of one decimal and refuse limits of two', () => {
    const withLimit = (limit: number) => {
      const chargingSchedule = { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] };
      return { ...profile, csChargingProfiles: { ...profile.csChargingProfiles, chargingSchedule } };
    };
    expect(schemaErrors('1.6', 'SetChargingProfile', withLimit(16.3))).toEqual([]);
    expect(schemaErrors('1.6', 'SetChargingProfile', withLimit(16.31))).toHaveLength(1);
  });

  it('check responses apart from requests', () => {
    expect(responseSchemaErrors('1.6', 'MeterValues', {})).toEqual([]);
    expect(responseSchemaErrors('1.6', 'StartTransaction', {})).toHaveLength(2);
    expect(responseSchemaErrors('2.0.1', 'SetChargingProfile', { status: 'NotSupported' })).toHaveLength(1);
  });

  it('throw on an action that the version does not have', () => {
    expect(() => schemaErrors('1.6', 'TransactionEvent', {})).toThrow(/TransactionEvent/);
  });
});
