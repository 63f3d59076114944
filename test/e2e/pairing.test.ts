/** Pairing between the real Worker and stand-ins as strict as the providers are documented to be. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { freshId, startWorld, type World } from './world.ts';

vi.setConfig({ testTimeout: 30_000 });

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world.close());

const token = sandboxSettings.JEDLIX_INBOUND_TOKENS;

async function issue(chargePointId: string, body: Record<string, unknown> = {}): Promise<string> {
  const issued = await world.api('POST', `/api/chargers/${chargePointId}/pairing-codes`, {
    provider: 'jedlix',
    ...body,
  });
  expect(issued).toMatchObject({ status: 201, body: { code: expect.stringMatching(/^\d{8,9}$/) } });
  return Object(issued.body).code;
}

const verify = (code: string, protocol: 'ocpp1.6' | 'ocpp2.0.1' | 'ocpi2.2' = 'ocpp2.0.1') =>
  world.outside.jedlix.verifyPairing({ edgeUrl: world.edge.url, token, code, protocol });

test('verifies a code that we issued, and answers with the charging station', async () => {
  const chargePointId = freshId();
  await world.register(chargePointId);
  const connectors = [{ id: '1', power_type: 'AC_3_PHASE', max_voltage: 230, max_amperage: 32 }];
  const evses = [1, 2, 3].map((evse_id) => ({ evse_id, capabilities: ['CHARGING_PROFILE_CAPABLE'], connectors }));
  for (const protocol of ['ocpp1.6', 'ocpp2.0.1'] as const) {
    const answer = await verify(await issue(chargePointId), protocol);
    expect(answer).toEqual({ status: 200, errors: [], body: { charging_station: { uid: chargePointId, evses } } });
  }
  expect(world.outside.jedlix.paired.has(chargePointId)).toBe(true);
  const { body } = await world.api('GET', `/api/chargers/${chargePointId}/pairings`);
  expect(body).toMatchObject({ pairings: [{ provider: 'jedlix', status: 'paired' }] });
});

test('verifies a code for one EVSE, and answers with it in the OCPI form', async () => {
  const chargePointId = freshId();
  await world.register(chargePointId);
  const code = await issue(chargePointId, { format: 'ocpi', evseUid: `${chargePointId}-2` });
  const evse = { uid: `${chargePointId}-2`, evse_id: `NL*STK*E${chargePointId}*2` };
  expect(await verify(code, 'ocpi2.2')).toMatchObject({ status: 200, errors: [], body: { evse } });
});

test('says the documented words to a code that is wrong or replaced', async () => {
  const chargePointId = freshId();
  await world.register(chargePointId);
  const replaced = await issue(chargePointId);
  await issue(chargePointId);
  for (const code of [replaced, '000000', 'NO SUCH CODE']) {
    expect(await verify(code)).toEqual({
      status: 404,
      errors: [],
      body: { message: 'Incorrect Code, please check the code and try again.' },
    });
  }
});

test('refuses a body without a code, a protocol it does not know, and a wrong token', async () => {
  const pair = (path: string, body: unknown, bearer: string = token) => world.api('POST', path, body, bearer);
  expect((await pair('/v1/cpo/ocpp2.0.1/pair', {})).status).toBe(400);
  expect((await pair('/v1/cpo/ocpp1.5/pair', { code: '123456' })).status).toBe(400);
  for (const stranger of ['wrong', sandboxSettings.CSMS_TOKENS, sandboxSettings.ADMIN_TOKEN]) {
    const refused = await pair('/v1/cpo/ocpp2.0.1/pair', { code: '123456' }, stranger);
    expect(refused).toEqual({ status: 401, body: { message: expect.any(String) } });
  }
});

test('redeems a code of the app of each provider', async () => {
  const { stekker, jedlix } = world.outside;
  for (const [provider, standIn] of [
    ['stekker', stekker],
    ['jedlix', jedlix],
  ] as const) {
    const chargePointId = freshId();
    await world.register(chargePointId);
    standIn.addPairingCode(`APP-${chargePointId}`);
    const paired = await world.api('POST', `/api/chargers/${chargePointId}/pairings`, {
      provider,
      code: `APP-${chargePointId}`,
    });
    expect(paired).toMatchObject({ status: 201, body: { provider, status: 'paired', pairedAt: expect.any(String) } });
  }
  expect([stekker.counts.refused, jedlix.counts.refused]).toEqual([0, 0]);
});

test('tells an incorrect code from a station that the provider has already', async () => {
  const chargePointId = freshId();
  await world.register(chargePointId);
  const pair = (code: string) =>
    world.api('POST', `/api/chargers/${chargePointId}/pairings`, { provider: 'jedlix', code });
  expect(await pair('NOPE')).toMatchObject({ status: 404, body: { reason: 'pairing-code-incorrect' } });
  world.outside.jedlix.addPairingCode(`A-${chargePointId}`);
  world.outside.jedlix.addPairingCode(`B-${chargePointId}`);
  expect((await pair(`A-${chargePointId}`)).status).toBe(201);
  expect(await pair(`B-${chargePointId}`)).toMatchObject({ status: 409, body: { reason: 'charger-already-paired' } });
});
