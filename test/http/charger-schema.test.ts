import { describe, expect, it } from 'vitest';
import { readCharger } from '../../src/http/chargers/schema.ts';

const CONNECTOR = { connectorId: '1' };
const EVSE = { evseId: 1, connectors: [CONNECTOR] };
const CHARGER = { ocppIdentity: 'CP_1', protocol: 'ocpp2.0.1', evses: [EVSE] };

/** The paths that are wrong, sorted; none when the charger is valid. */
function badPaths(body: unknown, id = 'cp-1'): string[] {
  const charger = readCharger(id, body);
  return charger.ok ? [] : (charger.error.errors ?? []).map(({ path }) => path).toSorted();
}
const withEvses = (...evses: object[]) => ({ ...CHARGER, evses });
const withConnectors = (...connectors: object[]) => withEvses({ evseId: 1, connectors });

describe('a charger', () => {
  it('needs an identity, a protocol, an EVSE and a connector', () => {
    expect(badPaths(CHARGER)).toEqual([]);
    expect(badPaths({})).toEqual(['evses', 'ocppIdentity', 'protocol']);
    expect(badPaths(withEvses())).toEqual(['evses']);
    expect(badPaths(withConnectors())).toEqual(['evses.0.connectors']);
    for (const body of [null, undefined, [], 'x', 7]) expect(badPaths(body)).toEqual(['body']);
  });

  it('has at most 64 EVSEs with 8 connectors and 32 capabilities each, and 64 KB in all', () => {
    const evses = (count: number) =>
      withEvses(...Array.from({ length: count }, (_, index) => ({ ...EVSE, evseId: index + 1 })));
    expect(badPaths(evses(64))).toEqual([]);
    expect(badPaths(evses(65))).toEqual(['evses']);
    const connectors = (count: number) => Array.from({ length: count }, (_, index) => ({ connectorId: index + 1 }));
    expect(badPaths(withConnectors(...connectors(8)))).toEqual([]);
    expect(badPaths(withConnectors(...connectors(9)))).toEqual(['evses.0.connectors']);
    const capable = (count: number) =>
      withEvses({ ...EVSE, capabilities: Array.from({ length: count }, (_, at) => `C-${at}`) });
    expect(badPaths(capable(32))).toEqual([]);
    expect(badPaths(capable(33))).toEqual(['evses.0.capabilities']);
    const long = (length: number) => {
      const capabilities = Array.from({ length: 32 }, () => 'é'.repeat(length));
      return withEvses(...Array.from({ length: 30 }, (_, at) => ({ ...EVSE, evseId: at + 1, capabilities })));
    };
    expect(badPaths(long(20))).toEqual([]);
    expect(badPaths(long(40))).toEqual(['body']);
  });

  it('may have null for what it does not have', () => {
    const nothing = { name: null, locationId: null, country: null, geometry: null };
    const connector = { ...CONNECTOR, powerType: null, maxVoltage: null, maxAmperage: null, maxPower: null };
    const charger = readCharger('cp-1', {
      ...withEvses({ evseId: 1, uid: null, emi3Id: null, capabilities: null, connectors: [connector] }),
      ...nothing,
    });
    const evse = { evseId: 1, capabilities: ['CHARGING_PROFILE_CAPABLE'], connectors: [CONNECTOR] };
    expect(charger).toEqual({ ok: true, value: { chargePointId: 'cp-1', ...CHARGER, evses: [evse] } });
  });

  it('may number its connectors, which are texts for us', () => {
    const charger = readCharger('cp-1', withConnectors({ connectorId: 2 }));
    expect(charger).toMatchObject({ ok: true, value: { evses: [{ connectors: [{ connectorId: '2' }] }] } });
  });

  it('has each evseId, uid, emi3Id and connectorId once', () => {
    const same = { evseId: 1, uid: 'u', emi3Id: 'e', connectors: [{ connectorId: 1 }, { connectorId: '1' }] };
    expect(badPaths(withEvses(same, same))).toEqual([
      'evses.0.connectors.1.connectorId',
      'evses.1.connectors.1.connectorId',
      'evses.1.emi3Id',
      'evses.1.evseId',
      'evses.1.uid',
    ]);
  });

  it('has one connector for each EVSE on OCPP 1.6, and as many as it likes on 2.0.1', () => {
    const two = withConnectors({ connectorId: '1' }, { connectorId: '2' });
    expect(badPaths(two)).toEqual([]);
    expect(badPaths({ ...two, protocol: 'ocpp1.6' })).toEqual(['evses.0.connectors']);
  });

  it('names contradictions beside bad fields', () => {
    const evse = { evseId: 1, connectors: [{ connectorId: '1', maxVoltage: 'high' }] };
    expect(badPaths(withEvses(evse, evse))).toEqual([
      'evses.0.connectors.0.maxVoltage',
      'evses.1.connectors.0.maxVoltage',
      'evses.1.evseId',
    ]);
  });

  it('is the one that the path names', () => {
    expect(badPaths({ ...CHARGER, chargePointId: 'cp-1' })).toEqual([]);
    expect(badPaths({ ...CHARGER, chargePointId: 6 }, '6')).toEqual([]);
    for (const id of ['.', '..']) expect(badPaths(CHARGER, id)).toEqual(['chargePointId']);
    expect(badPaths({ ...CHARGER, chargePointId: 'cp-2' })).toEqual(['chargePointId']);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '230'])('has no voltage, current or power of %s', (value) => {
    for (const field of ['maxVoltage', 'maxAmperage', 'maxPower']) {
      expect(badPaths(withConnectors({ ...CONNECTOR, [field]: value }))).toEqual([`evses.0.connectors.0.${field}`]);
    }
  });

  it.each(['W', 'A', 'any'])('may declare that its charging profiles are in %s', (rateUnit) => {
    expect(readCharger('cp-1', withEvses({ ...EVSE, rateUnit, minAmperage: 7.5 }))).toMatchObject({
      ok: true,
      value: { evses: [{ rateUnit, minAmperage: 7.5 }] },
    });
  });

  it('has no other unit of its profiles, and no minimum below zero or above any connector', () => {
    expect(badPaths(withEvses({ ...EVSE, rateUnit: 'kW' }))).toEqual(['evses.0.rateUnit']);
    for (const minAmperage of [0, -6, 81, '6']) {
      expect(badPaths(withEvses({ ...EVSE, minAmperage }))).toEqual(['evses.0.minAmperage']);
    }
  });

  it.each([0, -1, 1.5, '1', null])('has no EVSE %j', (evseId) => {
    expect(badPaths(withEvses({ ...EVSE, evseId }))).toEqual(['evses.0.evseId']);
  });

  it.each(['NL', 'nld', 'NLDX', ''])('is in no country %j', (country) => {
    expect(badPaths({ ...CHARGER, country })).toEqual(['country']);
  });

  it('stands on the earth, longitude first', () => {
    const at = (...coordinates: unknown[]) => badPaths({ ...CHARGER, geometry: { type: 'Point', coordinates } });
    expect(at(5.365, 52.583)).toEqual([]);
    expect(at(5.365, 52.583, 3)).toEqual([]);
    expect(at(181, 91)).toEqual(['geometry.coordinates.0', 'geometry.coordinates.1']);
    expect(at(5.365)).not.toEqual([]);
    expect(badPaths({ ...CHARGER, geometry: { type: 'Polygon', coordinates: [1, 2] } })).toEqual(['geometry.type']);
  });

  it('has an identity of at most 48 characters', () => {
    expect(badPaths({ ...CHARGER, ocppIdentity: 'x'.repeat(48) })).toEqual([]);
    expect(badPaths({ ...CHARGER, ocppIdentity: 'x'.repeat(49) })).toEqual(['ocppIdentity']);
  });
});
