/** What else an OCPP 2.0.1 station and its CSMS say: statuses, readings, boots, remote starts. */
import { describe, expect, it } from 'vitest';
import { AT, read as readAny, SEEN_AT } from '../messages.ts';
import { expectOfficial } from '../official-schema.ts';

const read = (action: string, payload: Record<string, unknown>, direction: 'cs' | 'csms' = 'cs') =>
  readAny(action, payload, { protocol: 'ocpp2.0.1', direction });

describe('a StatusNotification', () => {
  const STATUS = { timestamp: AT, connectorStatus: 'Occupied', evseId: 2, connectorId: 1 };

  it('tells of a connector, or of the station itself', () => {
    expect(read('StatusNotification', STATUS)).toEqual([
      { kind: 'status-reported', evse: { evseId: 2, connectorId: 1 }, at: AT, status: { state: 'Occupied', at: AT } },
    ]);
    expect(read('StatusNotification', { ...STATUS, evseId: 0, connectorId: 0, timestamp: null })).toEqual([
      { kind: 'status-reported', evse: { evseId: 0 }, at: SEEN_AT, status: { state: 'Occupied' } },
    ]);
  });

  it.each(['evseId', 'connectorStatus'])('is refused without %s, by name', (field) => {
    expect(read('StatusNotification', { ...STATUS, [field]: 'x' })).toEqual({
      refused: `StatusNotification.${field} is missing or unusable`,
    });
  });
});

describe('a NotifyEvent', () => {
  const EVENT = {
    eventId: 1,
    timestamp: AT,
    trigger: 'Delta',
    actualValue: 'Available',
    eventNotificationType: 'HardWiredNotification',
    component: { name: 'Connector', evse: { id: 2, connectorId: 1 } },
    variable: { name: 'AvailabilityState' },
  };
  const notify = (...eventData: unknown[]) => read('NotifyEvent', { generatedAt: AT, seqNo: 0, eventData });

  it('tells of each connector whose availability changed', () => {
    const other = { ...EVENT, actualValue: 'Occupied', component: { name: 'connector', evse: { id: 1 } } };
    expectOfficial('2.0.1', 'NotifyEvent', { generatedAt: AT, seqNo: 0, eventData: [EVENT, other] });
    expect(notify(EVENT, other)).toEqual([
      { kind: 'status-reported', evse: { evseId: 2, connectorId: 1 }, at: AT, status: { state: 'Available', at: AT } },
      { kind: 'status-reported', evse: { evseId: 1 }, at: AT, status: { state: 'Occupied', at: AT } },
    ]);
  });

  it.each([
    ['another component', { component: { name: 'EVSE', evse: { id: 2 } } }],
    ['another variable', { variable: { name: 'Available' } }],
    ['a periodic report', { trigger: 'Periodic' }],
    ['no EVSE', { component: { name: 'Connector' } }],
    ['another value', { actualValue: 'true' }],
  ])('says nothing of %s', (_case, change) => {
    expect(notify({ ...EVENT, ...change })).toEqual([]);
  });
});

describe('MeterValues outside of a transaction', () => {
  const meterValue = [
    { timestamp: AT, sampledValue: [{ value: 1234.5, context: 'Sample.Clock', unitOfMeasure: { unit: 'kWh' } }] },
  ];

  it('are readings of an EVSE', () => {
    expect(read('MeterValues', { evseId: 1, meterValue })).toEqual([
      {
        kind: 'readings-reported',
        evse: { evseId: 1 },
        at: AT,
        trigger: 'MeterValueClock',
        meterValues: [{ at: AT, samples: [{ text: '1234.5', value: 1234.5, context: 'Sample.Clock', unit: 'kWh' }] }],
      },
    ]);
  });

  it('without a sample mean nothing, and without an EVSE or readings are refused by name', () => {
    expect(read('MeterValues', { evseId: 1, meterValue: [{ sampledValue: [] }] })).toEqual([]);
    expect(read('MeterValues', { meterValue })).toEqual({ refused: 'MeterValues.evseId is missing or unusable' });
    expect(read('MeterValues', { evseId: 1 })).toEqual({ refused: 'MeterValues.meterValue is missing or unusable' });
  });
});

describe('a boot and a remote start', () => {
  it('a boot is a boot, at the time it was seen', () => {
    expect(read('BootNotification', { reason: 'PowerUp' })).toEqual([{ kind: 'station-booted', at: SEEN_AT }]);
  });

  it('a remote start gives the token that the transaction may leave out', () => {
    const request = { remoteStartId: 8801, idToken: { idToken: 'FLEET-0017', type: 'Central' } };
    const start = {
      kind: 'remote-start-requested',
      idToken: { value: 'FLEET-0017', type: 'Central' },
      at: SEEN_AT,
      remoteStartId: 8801,
    };
    expect(read('RequestStartTransaction', { ...request, evseId: 1 }, 'csms')).toEqual([
      { ...start, evse: { evseId: 1 } },
    ]);
    expect(read('RequestStartTransaction', request, 'csms')).toEqual([start]);
    expect(read('RequestStartTransaction', { evseId: 1 }, 'csms')).toEqual({
      refused: 'RequestStartTransaction.idToken is missing or unusable',
    });
  });
});
