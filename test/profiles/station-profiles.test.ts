/** Profiles for a whole station or EVSE, where the operator allows them: taken, shown, and gone with their provider. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { eventually, startWorld, valueAt, type Channel, type ChargerInSession, type World } from './world.ts';

const CHANNELS: readonly Channel[] = ['ocpp', 'citrineos'];

describe.each(CHANNELS)('with STATION_PROFILES, over %s', (channel) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(channel, { STATION_PROFILES: 'true' });
  }, 60_000);
  afterAll(() => world.close());

  const profiles = async ({ id }: ChargerInSession) =>
    valueAt((await world.api('GET', `/api/chargers/${id}`)).body, 'profiles');
  const sends = ({ id }: ChargerInSession, purpose: string, connectorId: number) =>
    world.outside.stekker.setChargingProfile({
      edgeUrl: world.edge.url,
      key: sandboxSettings.STEKKER_INBOUND_KEY,
      chargePointId: id,
      body: {
        connectorId,
        csChargingProfiles: {
          chargingProfileId: 1,
          stackLevel: 0,
          chargingProfilePurpose: purpose,
          chargingProfileKind: 'Absolute',
          chargingSchedule: {
            startSchedule: '2026-01-01T00:00:00Z',
            chargingRateUnit: 'W',
            chargingSchedulePeriod: [{ startPeriod: 0, limit: 11_000 }],
          },
        },
      },
    });

  it.each([
    ['ChargePointMaxProfile', 0, 'ChargingStationMaxProfile'],
    ['TxDefaultProfile', 1, 'TxDefaultProfile'],
    ['TxDefaultProfile', 0, 'TxDefaultProfile'],
  ])('a %s on connector %i is shown, and cleared with the pairing', async (purpose, evseId, shown) => {
    const charger = await world.inSession('ocpp1.6', 'stekker');
    expect(await profiles(charger)).toEqual([]);
    expect((await sends(charger, purpose, evseId)).status).toBe(200);
    expect(await profiles(charger)).toMatchObject([
      { evseId, purpose: shown, provider: 'stekker', status: 'Accepted', limit: 11_000, unit: 'W' },
    ]);
    expect((await world.api('DELETE', `/api/chargers/${charger.id}/pairings/stekker`)).status).toBe(204);
    await eventually(() => world.commandsFor(charger).at(-1)?.action).toBe('ClearChargingProfile');
    await expect.poll(() => profiles(charger)).toEqual([]);
  });

  it('is cleared by the operator, for the whole station', async () => {
    const charger = await world.inSession('ocpp1.6', 'stekker');
    await sends(charger, 'ChargePointMaxProfile', 0);
    const path = `/api/chargers/${charger.id}/profiles?evseId=0`;
    expect((await world.api('DELETE', path, undefined, sandboxSettings.ADMIN_TOKEN)).status).toBe(202);
    await eventually(() => world.commandsFor(charger).at(-1)?.action).toBe('ClearChargingProfile');
    await expect.poll(() => profiles(charger)).toEqual([]);
  });
});
