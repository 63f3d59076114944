/** `npm run citrineos -- sync`, against the real Worker and a stand-in of CitrineOS's data API. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startEdge, type Edge } from '../../sandbox/edge.ts';
import { startHttpServer } from '../../sandbox/http-server.ts';
import { startOutsideWorld, type OutsideWorld } from '../../sandbox/outside-world.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { changesOf, subscriptionFor } from '../../tools/citrineos/subscriptions.ts';
import { runTool } from './program.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

type Row = Record<string, unknown> & { id: number; stationId: string; url: string };
const TOKEN = sandboxSettings.CSMS_TOKENS;
/** CitrineOS's database: its stations, and their subscriptions. */
const database: { stations: { id: string; protocol: string | null }[]; rows: Row[] } = { stations: [], rows: [] };
const asked: string[] = [];

let world: OutsideWorld;
let edge: Edge;
let citrineos: Awaited<ReturnType<typeof startHttpServer>>;
beforeAll(async () => {
  world = await startOutsideWorld();
  edge = await startEdge(world.urls);
  citrineos = await startHttpServer({
    handle({ method, path, query, headers, bodyText }) {
      asked.push(`${method} ${path}`);
      const body = bodyText === '' ? undefined : JSON.parse(bodyText);
      if (path === '/v1/graphql') {
        if (headers['x-hasura-admin-secret'] !== 'hasura')
          return { status: 200, body: { errors: [{ message: 'denied' }] } };
        const { after, limit, tenant } = body.variables;
        const found = tenant === 1 ? database.stations.filter(({ id }) => id > after).slice(0, limit) : [];
        return { status: 200, body: { data: { ChargingStations: found } } };
      }
      if (path !== '/data/ocpprouter/subscription' || query.get('tenantId') !== '1') return { status: 404 };
      if (headers['authorization'] !== 'Bearer citrineos') return { status: 401 };
      if (method === 'GET')
        return { status: 200, body: database.rows.filter(({ stationId }) => stationId === query.get('stationId')) };
      if (method === 'DELETE') {
        database.rows = database.rows.filter(({ id }) => String(id) !== query.get('id'));
        return { status: 200, body: true };
      }
      // Each POST makes another one.
      const id = Math.max(0, ...database.rows.map((row) => row.id)) + 1;
      database.rows.push({ ...body, id });
      return { status: 200, body: id };
    },
  });
});
afterAll(async () => {
  await citrineos.close();
  await edge.close();
  await world.close();
});
beforeEach(() => {
  database.stations = [
    { id: 'SYNC_1', protocol: 'ocpp1.6' },
    { id: 'SYNC_2', protocol: 'ocpp2.0.1' },
  ];
  database.rows = [];
  asked.length = 0;
});

const sync = (...more: string[]) =>
  runTool(
    'citrineos/index.ts',
    ['sync', '--url', edge.url, '--citrineos', citrineos.url, '--graphql', `${citrineos.url}/v1/graphql`, ...more],
    { CSMS_TOKEN: TOKEN, CITRINEOS_TOKEN: 'citrineos', HASURA_ADMIN_SECRET: 'hasura' },
  );
const charger = (id: string) =>
  fetch(`${edge.url}/api/chargers/${id}`, { headers: { authorization: `Bearer ${TOKEN}` } });
const wanted = (stationId: string) => subscriptionFor(stationId, edge.url, TOKEN);

describe('npm run citrineos -- sync', () => {
  test('--dry-run says what it would do, and does nothing', async () => {
    const { code, said } = await sync('--dry-run');
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining('SYNC_1: would be registered') });
    expect(said).toContain('SYNC_2: a subscription would be made');
    expect((await charger('SYNC_1')).status).toBe(404);
    expect(database.rows).toEqual([]);
  });

  test('registers what the edge lacks, and subscribes once; again it changes nothing', async () => {
    expect(await sync()).toMatchObject({ code: 0, said: expect.stringContaining('2 stations; 4 changes; 0 refused') });
    expect(await (await charger('SYNC_2')).json()).toMatchObject({ ocppIdentity: 'SYNC_2', protocol: 'ocpp2.0.1' });
    expect(database.rows).toEqual([
      { ...wanted('SYNC_1'), id: 1 },
      { ...wanted('SYNC_2'), id: 2 },
    ]);
    expect(await sync()).toMatchObject({ code: 0, said: '2 stations; 0 changes; 0 refused\n' });
  });

  test('removes doubles and wrong ones, and leaves the subscriptions of others', async () => {
    const other = { ...wanted('SYNC_1'), url: 'https://other.example/hook', onConnect: true };
    const [right, double] = [wanted('SYNC_1'), wanted('SYNC_1')];
    database.rows = [
      { ...other, id: 1 },
      { ...wanted('SYNC_1'), onConnect: true, id: 2 },
      { ...right, id: 3 },
      { ...double, id: 4 },
      { ...wanted('SYNC_2'), sentMessage: false, id: 5 },
      { ...wanted('SYNC_2'), url: wanted('SYNC_2').url.replace(TOKEN, 'old-token'), id: 6 },
    ];
    const { code, said } = await sync();
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining('subscription 4 is removed') });
    expect(said).not.toContain(TOKEN);
    expect(database.rows.map(({ id, stationId }) => [id, stationId])).toEqual([
      [1, 'SYNC_1'],
      [3, 'SYNC_1'],
      [7, 'SYNC_2'],
    ]);
    // The new one stood before the wrong ones went.
    expect(asked.slice(-3)).toEqual(
      ['POST', 'DELETE', 'DELETE'].map((method) => `${method} /data/ocpprouter/subscription`),
    );
  });

  test('goes on after a station that the edge refuses, and says so by its exit code', async () => {
    database.stations.push({ id: 'has a/slash', protocol: null });
    const { code, said } = await sync();
    expect({ code, said }).toMatchObject({
      code: 1,
      said: expect.stringContaining('has a/slash: is not registered (400)'),
    });
    expect(database.rows.map(({ stationId }) => stationId)).toEqual(['SYNC_1', 'SYNC_2']);
  });

  test('says in a sentence what refused it', async () => {
    const run = (env: Record<string, string>) =>
      runTool(
        'citrineos/index.ts',
        ['sync', '--url', edge.url, '--citrineos', citrineos.url, '--graphql', `${citrineos.url}/v1/graphql`],
        { CSMS_TOKEN: TOKEN, CITRINEOS_TOKEN: 'citrineos', HASURA_ADMIN_SECRET: 'hasura', ...env },
      );
    expect(await run({ CSMS_TOKEN: 'wrong' })).toMatchObject({
      code: 1,
      said: expect.stringContaining('refuses the token'),
    });
    expect(await run({ HASURA_ADMIN_SECRET: 'x' })).toMatchObject({ code: 1, said: 'CitrineOS: denied\n' });
    expect(await run({ CITRINEOS_TOKEN: 'x' })).toMatchObject({
      code: 1,
      said: expect.stringContaining('answered 401'),
    });
    expect((await runTool('citrineos/index.ts', [])).code).toBe(2);
  });
});

test('one that filters messages is not as wanted', () => {
  const right = { ...subscriptionFor('S', 'https://edge.example', 't'), id: 1 };
  expect(changesOf([right], right, 'https://edge.example')).toEqual([]);
  const filtering = { ...right, messageRegexFilter: 'Meter.*' };
  expect(changesOf([filtering], right, 'https://edge.example').map(({ kind }) => kind)).toEqual(['add', 'remove']);
});
