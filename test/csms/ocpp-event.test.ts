/** The OcppEvent envelope, as its guide documents it, and the details that go with it. */
import { describe, expect, it } from 'vitest';
import { ocppEvent } from '../../src/csms/ocpp-event/index.ts';

const NOW = '2026-04-01T00:00:00.000Z';
const CONFIRMATION = {
  transactionId: 123885164,
  idTagInfo: { status: 'Accepted', expiryDate: '2031-12-29T12:48:59.621Z' },
};
/** The guide's own example of a start. */
const START = {
  notification: 'OcppEvent',
  protocol: '1.6',
  chargePointId: '61409f9bad616b6c64c31704',
  evseId: 'NLEFLEV5496770',
  ocppIdentity: 'LIB_6513',
  event: {
    method: 'StartTransaction',
    params: { connectorId: 1, idTag: '1234567890123A', timestamp: '2022-03-31T12:48:56Z', meterStart: 579130 },
  },
  response: CONFIRMATION,
};
const withEvent = (event: object, more: object = {}) => ({ ...START, response: undefined, ...more, event });
const status = (params: object) =>
  withEvent({
    method: 'StatusNotification',
    params: { connectorId: 1, status: 'Charging', errorCode: 'NoError', ...params },
  });

/** The one event in a body, or the reason why it was refused. */
function unwrapped(body: unknown, now = NOW) {
  const events = ocppEvent.unwrap(body, now);
  const [event] = events.ok ? events.value : [];
  return event?.ok ? event.value : event?.error.reason;
}

const messageOf = (body: unknown, now = NOW) => {
  const event = unwrapped(body, now);
  if (typeof event !== 'object' || event.incoming.kind !== 'message') throw new Error(JSON.stringify(event));
  return event.incoming.message;
};
const frameOf = (body: unknown, now = NOW) => JSON.stringify(messageOf(body, now).frame);

describe('an OcppEvent', () => {
  it('is a request of an OCPP 1.6 station with its reply and the public id of its EVSE', () => {
    expect(unwrapped(START)).toEqual({
      station: { chargePointId: '61409f9bad616b6c64c31704' },
      incoming: {
        kind: 'message',
        message: {
          protocol: 'ocpp1.6',
          direction: 'cs',
          seenAt: NOW,
          isSeenAtAssumed: true,
          frame: {
            type: 'call',
            messageId: 'StartTransaction@1@2022-03-31T12:48:56Z',
            action: 'StartTransaction',
            payload: START.event.params,
          },
          response: CONFIRMATION,
          emi3Id: 'NLEFLEV5496770',
        },
      },
    });
  });

  it('has its reply beside the event or inside it, whatever the method', () => {
    expect(messageOf(START)).toMatchObject({ response: CONFIRMATION });
    expect(messageOf(withEvent({ ...START.event, response: CONFIRMATION }))).toMatchObject({ response: CONFIRMATION });
    expect(messageOf(withEvent(START.event))).not.toHaveProperty('response');
    expect(messageOf({ ...START, response: null })).not.toHaveProperty('response');
  });

  it.each([
    ['a number for an id', { chargePointId: 6 }],
    ['no protocol', { protocol: undefined }],
    ['null for the protocol', { protocol: null }],
    ['a number for the protocol', { protocol: 1.6 }],
    ['the protocol as in a websocket', { protocol: 'ocpp1.6' }],
    ['fields of its own', { tenant: 'ACME' }],
  ])('is read with %s', (_, changes) => {
    expect(messageOf({ ...START, ...changes })).toMatchObject({ protocol: 'ocpp1.6', emi3Id: 'NLEFLEV5496770' });
  });

  it.each([undefined, null, '', 'with a space', 'x'.repeat(49), 7])('has no public EVSE id when it is %j', (evseId) => {
    expect(messageOf({ ...START, evseId })).not.toHaveProperty('emi3Id');
  });

  it.each([
    ['another notification', { notification: 'OcpiEvent' }, 'envelope-invalid'],
    ['another protocol', { protocol: '2.0.1' }, 'protocol-unknown'],
    ['no charger', { chargePointId: undefined }, 'envelope-invalid'],
    ['no event', { event: undefined }, 'envelope-invalid'],
    ['no method', { event: { params: {} } }, 'envelope-invalid'],
    ['no params', { event: { method: 'StartTransaction' } }, 'envelope-invalid'],
    ['params that are none', { event: { method: 'StartTransaction', params: [] } }, 'envelope-invalid'],
  ])('is refused with %s', (_, changes, reason) => {
    expect(unwrapped({ ...START, ...changes })).toBe(reason);
  });

  it('comes in batches, each event on its own', () => {
    const events = ocppEvent.unwrap([START, { ...START, protocol: '2.1' }, status({})], NOW);
    expect(events.ok && events.value.map(({ ok }) => ok)).toEqual([true, false, true]);
  });
});

describe('the same OcppEvent again', () => {
  const LATER = '2026-04-01T00:00:07.000Z';
  const meterValues = (timestamp?: string) =>
    withEvent({
      method: 'MeterValues',
      params: {
        connectorId: 1,
        transactionId: 7,
        meterValue: [{ ...(timestamp && { timestamp }), sampledValue: [{ value: '1' }] }],
      },
    });

  it.each([
    ['a start', START],
    ['a status with a time', status({ timestamp: '2022-03-31T12:48:57Z' })],
    ['readings', meterValues('2022-03-31T12:49:00Z')],
    [
      'a stop',
      withEvent({
        method: 'StopTransaction',
        params: { transactionId: 7, meterStop: 1, timestamp: '2022-03-31T13:00:00Z' },
      }),
    ],
  ])('is the same frame when it says when it was said: %s', (_, body) => {
    expect(frameOf(body, LATER)).toBe(frameOf(body));
  });

  it.each([
    ['no time', status({})],
    ['null for a time', status({ timestamp: null })],
    ['no date for a time', status({ timestamp: 'now' })],
    ['readings without a time', meterValues()],
  ])('is another frame when it does not: %s', (_, body) => {
    expect(frameOf(body, LATER)).not.toBe(frameOf(body));
  });

  it('never shares its message id with a start on another connector or at another time', () => {
    const start = (params: object) =>
      messageOf({ ...START, event: { ...START.event, params: { ...START.event.params, ...params } } });
    const ids = [start({}), start({ connectorId: 2 }), start({ timestamp: '2022-03-31T12:48:57Z' })];
    expect(new Set(ids.map(({ frame }) => frame.messageId)).size).toBe(3);
  });
});

describe('charger details', () => {
  const DETAILS = {
    event: 'ChargePointDetailsNotification',
    chargePointId: '6',
    pairingCode: 'DWXYZ',
    name: 'Solar 0213',
    ocppIdentity: 'SOLAR_0213',
    locationId: 3,
    country: 'NLD',
    geometry: { type: 'Point', coordinates: [52.583, 5.365] },
    connectors: [
      {
        connectorId: '1',
        physicalReference: 'NLSTKE000002',
        maxPower: 22080,
        maxVoltage: 230,
        maxAmperage: 32,
        powerType: 'AC_3_PHASE',
      },
    ],
  };

  it('are a registration with the code that its user typed, longitude first', () => {
    expect(unwrapped(DETAILS)).toEqual({
      station: { chargePointId: '6' },
      incoming: {
        kind: 'registration',
        pairingCode: 'DWXYZ',
        charger: {
          ocppIdentity: 'SOLAR_0213',
          protocol: 'ocpp1.6',
          name: 'Solar 0213',
          locationId: 3,
          country: 'NLD',
          geometry: { type: 'Point', coordinates: [5.365, 52.583] },
          evses: [
            {
              evseId: 1,
              emi3Id: 'NLSTKE000002',
              connectors: [
                {
                  connectorId: '1',
                  physicalReference: 'NLSTKE000002',
                  maxPower: 22080,
                  maxVoltage: 230,
                  maxAmperage: 32,
                  powerType: 'AC_3_PHASE',
                },
              ],
            },
          ],
        },
      },
    });
  });

  it.each([undefined, null, ''])('only register when the code is %j', (pairingCode) => {
    expect(unwrapped({ ...DETAILS, pairingCode })).not.toHaveProperty('incoming.pairingCode');
  });

  it('have no public EVSE id when the sticker on the connector is none', () => {
    const connectors = [{ connectorId: 2, physicalReference: 'left side' }];
    expect(unwrapped({ ...DETAILS, connectors })).toMatchObject({
      incoming: { charger: { evses: [{ evseId: 2, connectors: [{ physicalReference: 'left side' }] }] } },
    });
    expect(unwrapped({ ...DETAILS, connectors })).not.toHaveProperty('incoming.charger.evses.0.emi3Id');
  });

  it.each([
    ['no charger', { chargePointId: undefined }],
    ['no connectors', { connectors: [] }],
    ['another event', { event: 'ChargePointRemoved' }],
    ['a geometry that is no point', { geometry: { type: 'Polygon', coordinates: [] } }],
  ])('are refused with %s', (_, changes) => {
    expect(unwrapped({ ...DETAILS, ...changes })).toBe('envelope-invalid');
  });
});
