/** A crash in the middle of a command, with the edge as a process of its own that is killed and started again over the same storage. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCitrineos } from '../../sandbox/citrineos.ts';
import { startEdgeProcess, type EdgeProcess } from '../../sandbox/edge-process.ts';
import { startOutsideWorld } from '../../sandbox/outside-world.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { eventually, valueAt, World } from './world.ts';

let world: World;
let edge: EdgeProcess;
let storagePath: string;
let start: (port?: number) => Promise<EdgeProcess>;

beforeAll(async () => {
  storagePath = await mkdtemp(join(tmpdir(), 'scsp-edge-crash-'));
  const outside = await startOutsideWorld();
  const citrineos = await startCitrineos({
    token: sandboxSettings.CITRINEOS_TOKEN,
    reach: (url) => url.replace(sandboxSettings.PUBLIC_BASE_URL, edge.url),
  });
  const vars = { CSMS_COMMANDS: 'citrineos', CITRINEOS_BASE_URL: citrineos.url, CSMS_COMMAND_TIMEOUT_MS: '20000' };
  start = (port) => startEdgeProcess({ ...outside.urls, storagePath, vars, ...(port !== undefined && { port }) });
  edge = await start();
  const running = { url: edge.url, logs: () => [edge.output()], close: () => edge.kill() };
  world = new World('citrineos', outside, citrineos, running);
}, 60_000);
afterAll(async () => {
  await world.close();
  await rm(storagePath, { recursive: true, force: true });
});

it('forgets nothing: the charger may hold the profile, so it is shown as unconfirmed, and cleared when the pairing ends', async () => {
  const charger = await world.inSession('ocpp1.6', 'stekker');
  world.citrineos.setCallbacks(charger.ocppIdentity, 'held');
  const answer = world.sendProfile(charger).catch(() => 'no answer');
  await eventually(() => world.commandsFor(charger)).toHaveLength(1);
  await edge.kill();
  expect(await answer).toBe('no answer');
  edge = await start(edge.port);
  const { body } = await world.api('GET', `/api/chargers/${charger.id}`);
  expect(valueAt(body, 'sessions', 0, 'profile')).toMatchObject({ status: 'unconfirmed', limit: 7400 });
  await world.citrineos.releaseCallbacks();
  expect(world.citrineos.callbacks.at(-1)).toMatchObject({ status: 404 });
  world.citrineos.setCallbacks(charger.ocppIdentity, 'prompt');
  expect((await world.api('DELETE', `/api/chargers/${charger.id}/pairings/stekker`)).status).toBe(204);
  await eventually(() => world.commandsFor(charger).map(({ action }) => action)).toEqual([
    'SetChargingProfile',
    'ClearChargingProfile',
  ]);
}, 60_000);

it('goes on clearing what could not be cleared before it', async () => {
  const charger = await world.inSession('ocpp2.0.1', 'jedlix');
  expect((await world.sendProfile(charger)).status).toBe(200);
  world.setVerdict(charger, 'offline');
  const refusals = () => world.citrineos.received.filter(({ reason }) => reason === 'offline');
  expect((await world.api('DELETE', `/api/chargers/${charger.id}/pairings/jedlix`)).status).toBe(204);
  await eventually(refusals).not.toEqual([]);
  await edge.kill();
  world.setVerdict(charger, 'Accepted');
  edge = await start(edge.port);
  await eventually(() => world.commandsFor(charger).map(({ action }) => action)).toEqual([
    'SetChargingProfile',
    'ClearChargingProfile',
  ]);
}, 60_000);
