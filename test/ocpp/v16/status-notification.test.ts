/** OCPP 1.6 StatusNotification, BootNotification and RemoteStartTransaction. */
import { describe, expect, it } from 'vitest';
import { CONNECTOR_STATES } from '../../../src/charging/charge-event.ts';
import { StatusNotification, writeStatusNotification } from '../../../src/ocpp/v16/status-notification.ts';
import { AT, read, readOne, SEEN_AT } from '../messages.ts';
import { expectDeclared, expectOfficial } from '../official-schema.ts';

const STATUS = {
  connectorId: 1,
  status: 'Faulted',
  errorCode: 'GroundFailure',
  info: 'earth',
  timestamp: AT,
  vendorId: 'ACME',
  vendorErrorCode: '0x17',
};
const EVSE = { evseId: 1, connectorId: 1 };

describe('reading a status', () => {
  it('keeps everything, and gives it back unchanged', () => {
    const { evse, at, status } = readOne('status-reported', 'StatusNotification', STATUS);
    expect({ evse, at }).toEqual({ evse: EVSE, at: AT });
    expect(writeStatusNotification(evse, status)).toEqual(STATUS);
  });

  it('adds no time to a status that had none, but is placed in time by when it was seen', () => {
    const payload = { connectorId: 0, status: 'Available', errorCode: 'NoError' };
    const { evse, at, status } = readOne('status-reported', 'StatusNotification', payload);
    expect({ evse, at }).toEqual({ evse: { evseId: 0 }, at: SEEN_AT });
    expect(writeStatusNotification(evse, status)).toEqual(payload);
  });

  it.each([
    ['connectorId', -1],
    ['connectorId', undefined],
    ['status', 'Broken'],
    ['status', null],
  ])('refuses %s %j, by name', (field, value) => {
    expect(read('StatusNotification', { ...STATUS, [field]: value })).toEqual({
      refused: `StatusNotification.${field} is missing or unusable`,
    });
  });
});

describe('writing a status', () => {
  it.each(CONNECTOR_STATES)('has a valid form for %s', (state) => {
    const request = writeStatusNotification(EVSE, { state });
    expect(request).toEqual({
      connectorId: 1,
      status: state === 'Occupied' ? 'Preparing' : state,
      errorCode: state === 'Faulted' ? 'OtherError' : 'NoError',
    });
    expectOfficial('1.6', 'StatusNotification', request);
    expectDeclared(StatusNotification, request);
  });

  it('keeps to the lengths and words of the specification', () => {
    const long = 'x'.repeat(300);
    const status = {
      state: 'Faulted',
      errorCode: 'E-17',
      info: long,
      vendorId: long,
      vendorErrorCode: long,
      at: AT,
    } as const;
    const request = writeStatusNotification(EVSE, status);
    expect(request.errorCode).toBe('OtherError');
    expectOfficial('1.6', 'StatusNotification', request);
    expectDeclared(StatusNotification, request);
  });
});

describe('what else an OCPP 1.6 station and its CSMS say', () => {
  it('a boot is a boot, at the time it was seen', () => {
    expect(read('BootNotification', { chargePointVendor: 'Keba AG' })).toEqual([
      { kind: 'station-booted', at: SEEN_AT },
    ]);
  });

  it('a remote start names its connector, or leaves it to the station', () => {
    const remote = (payload: Record<string, unknown>) => read('RemoteStartTransaction', payload, { direction: 'csms' });
    const start = { kind: 'remote-start-requested', idToken: { value: 'FLEET-0017', type: 'Central' }, at: SEEN_AT };
    expect(remote({ idTag: 'FLEET-0017', connectorId: 2 })).toEqual([
      { ...start, evse: { evseId: 2, connectorId: 1 } },
    ]);
    expect(remote({ idTag: 'FLEET-0017', connectorId: 0 })).toEqual([start]);
    expect(remote({ idTag: 'FLEET-0017' })).toEqual([start]);
    expect(remote({})).toEqual({ refused: 'RemoteStartTransaction.idTag is missing or unusable' });
  });
});
