/** The example CSMS of the documentation, against the real Worker: a session at both providers, a profile back, a notification. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startCsms } from '../../examples/csms.ts';
import { startEdge, type Edge } from '../../sandbox/edge.ts';
import { startOutsideWorld, type OutsideWorld } from '../../sandbox/outside-world.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { PATIENCE } from '../patience.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const EVENTS_SECRET = `whsec_${Buffer.from('only for this test: edge signs events').toString('base64')}`;
const { CSMS_TOKENS, CSMS_WEBHOOK_SECRETS, CSMS_COMMAND_SECRET, STEKKER_INBOUND_KEY } = sandboxSettings;

let world: OutsideWorld;
let edge: Edge;
let csms: ReturnType<typeof startCsms>;
const told: object[] = [];
const commands: [string, object][] = [];
const settings = {
  edge: '',
  token: CSMS_TOKENS,
  webhookSecret: CSMS_WEBHOOK_SECRETS,
  commandSecret: CSMS_COMMAND_SECRET,
  eventsSecret: EVENTS_SECRET,
};

beforeAll(async () => {
  world = await startOutsideWorld({ stekkerCodes: ['PEN4E'], jedlixCodes: ['362821'] });
  const charger = (action: string, payload: object) => {
    commands.push([action, payload]);
    return { status: 'Accepted' };
  };
  csms = startCsms(settings, new Map([['CP-1', charger]]), (event) => void told.push(event));
  csms.server.listen(0, '127.0.0.1');
  await once(csms.server, 'listening');
  const url = `http://127.0.0.1:${(csms.server.address() as AddressInfo).port}`;
  const vars = {
    CSMS_EVENTS_URL: `${url}/events`,
    CSMS_EVENTS_SECRET: EVENTS_SECRET,
    ONE_PROVIDER_PER_CHARGER: 'false',
  };
  edge = await startEdge({ ...world.urls, csmsUrl: url, vars });
  settings.edge = edge.url;
});
afterAll(async () => {
  csms.server.close();
  await edge.close();
  await world.close();
});

const at = (minute: number) => new Date(Date.now() - 10 * 60_000 + minute * 60_000).toISOString();
const said = (minute: number, action: string, payload: object, response?: object) => ({
  chargePointId: 'CP-1',
  protocol: 'ocpp1.6',
  direction: 'cs',
  timestamp: at(minute),
  frame: [2, `m-${minute}-${action}`, action, payload],
  ...(response && { response }),
});

test('a session reaches both providers, a profile reaches the charger, and the CSMS is told of the pairing', async () => {
  const connectors = [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }];
  const body = {
    ocppIdentity: 'CP_1',
    protocol: 'ocpp1.6',
    country: 'NLD',
    geometry: { type: 'Point', coordinates: [5.365, 52.583] },
    evses: [{ evseId: 1, uid: 'CP-1-1', emi3Id: 'NL*CPO*E1', connectors }],
  };
  expect((await csms.call('PUT', '/api/chargers/CP-1', body)).status).toBe(201);
  for (const [provider, code] of [
    ['stekker', 'PEN4E'],
    ['jedlix', '362821'],
  ])
    expect((await csms.call('POST', '/api/chargers/CP-1/pairings', { provider, code })).status).toBe(201);

  const answer = { transactionId: 42, idTagInfo: { status: 'Accepted' } };
  const meterValue = [{ timestamp: at(1), sampledValue: [{ value: '1500' }] }];
  const taken = await csms.post(
    said(0, 'StartTransaction', { connectorId: 1, idTag: '04A3C1F2', meterStart: 1000, timestamp: at(0) }, answer),
    said(1, 'MeterValues', { connectorId: 1, transactionId: 42, meterValue }, {}),
  );
  expect([taken.status, await taken.json()]).toMatchObject([202, { received: 2 }]);
  await expect.poll(() => world.stekker.sessionMessages('CP-1').length, PATIENCE).toBe(2);

  const schedule = { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 7400 }] };
  const csChargingProfiles = {
    chargingProfileId: 1,
    transactionId: 42,
    stackLevel: 0,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: { startSchedule: at(1), ...schedule },
  };
  const profile = {
    edgeUrl: edge.url,
    key: STEKKER_INBOUND_KEY,
    chargePointId: 'CP-1',
    body: { connectorId: 1, csChargingProfiles },
  };
  expect(await world.stekker.setChargingProfile(profile)).toMatchObject({ status: 200, body: { status: 'Accepted' } });
  expect(commands).toMatchObject([['SetChargingProfile', { connectorId: 1 }]]);

  const stop = { transactionId: 42, meterStop: 2000, timestamp: at(2), idTag: '04A3C1F2' };
  await csms.post(said(2, 'StopTransaction', stop, {}));
  await expect.poll(() => world.stekker.sessionMessages('CP-1').length, PATIENCE).toBe(3);
  await expect.poll(() => told, PATIENCE).toMatchObject([{ type: 'pairing.created' }, { type: 'pairing.created' }]);
});

test('takes nothing that is not signed', async () => {
  const url = `http://127.0.0.1:${(csms.server.address() as AddressInfo).port}`;
  for (const path of ['/commands', '/events'])
    expect((await fetch(url + path, { method: 'POST', body: '{}' })).status).toBe(401);
});

test('has at most 40 lines', () => {
  const text = readFileSync(join(import.meta.dirname, '../../examples/csms.ts'), 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
});
