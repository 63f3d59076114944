/** A charger as Stekker is told of it (Stekker guide: ChargePointDetailsNotification). */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Charger } from '../../src/charging/charger.ts';
import { send } from '../../src/providers/stekker/client.ts';
import { chargePointDetails } from '../../src/providers/stekker/details.ts';
import { readSettings, type StekkerSettings } from '../../src/providers/stekker/settings.ts';
import { SETTINGS } from '../settings.ts';

function settings(changes: Record<string, string> = {}): StekkerSettings {
  const read = readSettings({ ...SETTINGS, ...changes });
  if (!read.ok || read.value === undefined) throw new Error('the test settings are incomplete');
  return read.value;
}

const DOCUMENTED: Charger = {
  chargePointId: '6',
  ocppIdentity: 'SOLAR_0213',
  protocol: 'ocpp1.6',
  name: 'Solar 0213',
  locationId: 3,
  country: 'NLD',
  geometry: { type: 'Point', coordinates: [5.365, 52.583] },
  evses: [
    {
      evseId: 1,
      capabilities: ['CHARGING_PROFILE_CAPABLE'],
      connectors: [
        {
          connectorId: '1',
          physicalReference: 'NLSTKE000002',
          powerType: 'AC_3_PHASE',
          maxVoltage: 230,
          maxAmperage: 32,
          maxPower: 1,
        },
      ],
    },
  ],
};

afterEach(() => void vi.restoreAllMocks());

describe('charge point details', () => {
  it('is the documented example for the documented charger', () => {
    expect(chargePointDetails(DOCUMENTED, settings(), 'DWXYZ')).toEqual({
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
    });
  });

  it('carries the id that every later message carries, and the code only when pairing', () => {
    expect(chargePointDetails(DOCUMENTED, settings(), 'PEN4E')).toMatchObject({
      chargePointId: '6',
      pairingCode: 'PEN4E',
    });
    expect(chargePointDetails(DOCUMENTED, settings())).not.toHaveProperty('pairingCode');
  });

  it('puts latitude first as documented, or longitude by setting, and leaves out what is not known', () => {
    const reversed = chargePointDetails(DOCUMENTED, settings({ STEKKER_COORDINATES: 'lon-lat' }));
    expect(reversed.geometry?.coordinates).toEqual([5.365, 52.583]);
    const { geometry: _, locationId: __, country: ___, ...bare } = DOCUMENTED;
    const details = chargePointDetails(bare, settings());
    expect(Object.keys(details)).toEqual(['event', 'chargePointId', 'name', 'ocppIdentity', 'connectors']);
  });

  it('numbers connectors as OCPP 1.6 does, and lets the strongest connector stand for its EVSE', () => {
    const connector = { connectorId: '1', powerType: 'AC_1_PHASE' as const, maxVoltage: 230, maxAmperage: 16 };
    const evse = {
      evseId: 2,
      capabilities: [],
      connectors: [connector, { ...connector, connectorId: '2', maxAmperage: 32 }],
    };
    const details = chargePointDetails({ ...DOCUMENTED, evses: [...DOCUMENTED.evses, evse] }, settings());
    expect(details.connectors.map(({ connectorId, maxPower }) => [connectorId, maxPower])).toEqual([
      ['1', 22080],
      ['2', 7360],
    ]);
  });

  it.each(['Token', 'Bearer'])('is put with the token scheme that the settings say: %s', async (scheme) => {
    const fetch = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('{}'));
    const body = chargePointDetails(DOCUMENTED, settings(), 'PEN4E');
    const message = { name: body.event, method: 'PUT' as const, path: '/api/v1/events', body };
    const io = { cache: {} as KVNamespace, timeoutMs: 1000, now: 0 };
    await send(message, settings({ STEKKER_AUTH_SCHEME: scheme }), io);
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toBe('https://stekker.test/api/v1/events');
    expect(init).toMatchObject({
      method: 'PUT',
      headers: { authorization: `${scheme} stekker-token-for-tests`, 'content-type': 'application/json' },
    });
  });
});
