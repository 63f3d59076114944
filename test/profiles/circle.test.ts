/** The whole circle on the real bundle: a session starts, the provider plans, the charger is told, its meter follows, the session ends. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, valueAt, type ChargerInSession, type ProviderName, type Version, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld('ocpp');
}, 60_000);
afterAll(() => world.close());

function eventOf({ id, version }: ChargerInSession, action: string, payload: object) {
  const response = action === 'StopTransaction' || action === 'TransactionEvent' ? { response: {} } : {};
  const timestamp = new Date().toISOString();
  return { chargePointId: id, protocol: version, timestamp, frame: [2, randomUUID(), action, payload], ...response };
}

/** The charger's meter says how much it draws. */
function reads(charger: ChargerInSession, powerW: number) {
  const timestamp = new Date().toISOString();
  const measurand = 'Power.Active.Import';
  if (charger.version === 'ocpp1.6') {
    const sampledValue = [{ measurand, unit: 'W', value: String(powerW) }];
    const meterValue = [{ timestamp, sampledValue }];
    return eventOf(charger, 'MeterValues', { connectorId: 1, transactionId: charger.transactionId, meterValue });
  }
  const sampledValue = [{ measurand, unitOfMeasure: { unit: 'W' }, value: powerW }];
  return transactionEvent(charger, { eventType: 'Updated', seqNo: 1, meterValue: [{ timestamp, sampledValue }] });
}

function stops(charger: ChargerInSession) {
  const { transactionId, version } = charger;
  const timestamp = new Date().toISOString();
  return version === 'ocpp1.6'
    ? eventOf(charger, 'StopTransaction', { transactionId, meterStop: 5000, timestamp })
    : transactionEvent(charger, { eventType: 'Ended', seqNo: 2, triggerReason: 'StopAuthorized' });
}

function transactionEvent(charger: ChargerInSession, changes: object) {
  const { transactionId } = charger;
  const base = { triggerReason: 'MeterValuePeriodic', timestamp: new Date().toISOString() };
  return eventOf(charger, 'TransactionEvent', { ...base, transactionInfo: { transactionId }, ...changes });
}

const sessionsOf = async ({ id }: ChargerInSession) =>
  valueAt((await world.api('GET', `/api/chargers/${id}`)).body, 'sessions');

describe.each<ProviderName>(['stekker', 'jedlix'])('%s', (provider) => {
  it.each<Version>(['ocpp1.6', 'ocpp2.0.1'])(
    'steers an %s charger from the start of a session to its end',
    async (version) => {
      const charger = await world.inSession(version, provider);
      expect((await world.sendProfile(charger, 3600)).status).toBe(200);
      await world.webhook([reads(charger, 3580)]);
      expect(await sessionsOf(charger)).toMatchObject([
        { powerW: 3580, profile: { provider, status: 'Accepted', limit: 3600, unit: 'W' } },
      ]);
      expect((await world.sendProfile(charger, 11_000)).status).toBe(200);
      await world.webhook([reads(charger, 10_950)]);
      expect(await sessionsOf(charger)).toMatchObject([{ powerW: 10_950, profile: { limit: 11_000 } }]);
      await world.webhook([stops(charger)]);
      expect(await sessionsOf(charger)).toEqual([]);
      expect((await world.sendProfile(charger)).status).toBe(400);
      expect(world.commandsFor(charger).map(({ action }) => action)).toEqual([
        'SetChargingProfile',
        'SetChargingProfile',
      ]);
    },
  );
});
