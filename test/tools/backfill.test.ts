/** `npm run backfill`: what a CSMS has kept is posted again; what is known is a duplicate. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startEdge, type Edge } from '../../sandbox/edge.ts';
import { startHttpServer } from '../../sandbox/http-server.ts';
import { startOutsideWorld, type OutsideWorld } from '../../sandbox/outside-world.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { batchesOf, keptOf, type Kept } from '../../tools/backfill/rows.ts';
import { PATIENCE } from '../patience.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: OutsideWorld;
let edge: Edge;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scsp-edge-backfill-'));
  world = await startOutsideWorld({ stekkerCodes: ['PEN4E'] });
  edge = await startEdge(world.urls);
  const headers = { authorization: `Bearer ${sandboxSettings.CSMS_TOKENS}`, 'content-type': 'application/json' };
  const charger = {
    ocppIdentity: 'CP_1',
    protocol: 'ocpp1.6',
    country: 'NLD',
    geometry: { type: 'Point', coordinates: [5.3, 52.5] },
    evses: [
      {
        evseId: 1,
        emi3Id: 'NL*CPO*E1',
        connectors: [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }],
      },
    ],
  };
  const call = async (method: string, path: string, body: object) => {
    const answer = await fetch(edge.url + path, { method, headers, body: JSON.stringify(body) });
    if (answer.status !== 201) throw new Error(`${path} was answered ${answer.status}`);
  };
  await call('PUT', '/api/chargers/CP-1', charger);
  await call('POST', '/api/chargers/CP-1/pairings', { provider: 'stekker', code: 'PEN4E' });
});
afterAll(async () => {
  await edge.close();
  await world.close();
  await rm(folder, { recursive: true });
});

const BEGIN = Date.now() - 3_600_000;
const at = (minute: number) => new Date(BEGIN + minute * 60_000).toISOString();
const row = (minute: number, origin: 'cs' | 'csms', frame: unknown[], id = minute) => ({
  id,
  stationId: 'CP_1',
  correlationId: frame[1],
  origin,
  protocol: 'ocpp1.6',
  action: 'x',
  message: frame,
  timestamp: at(minute),
});
const status = (minute: number, word: string) =>
  row(minute, 'cs', [
    2,
    `s${minute}`,
    'StatusNotification',
    { connectorId: 1, status: word, errorCode: 'NoError', timestamp: at(minute) },
  ]);
/** The rows of a session, as the database gives them: not in order. */
const ROWS = [
  row(
    2,
    'cs',
    [
      2,
      'm1',
      'MeterValues',
      { connectorId: 1, transactionId: 42, meterValue: [{ timestamp: at(2), sampledValue: [{ value: '1500' }] }] },
    ],
    3,
  ),
  row(1, 'csms', [3, 'a1', { transactionId: 42, idTagInfo: { status: 'Accepted' } }], 2),
  row(
    1,
    'cs',
    [2, 'a1', 'StartTransaction', { connectorId: 1, idTag: '04A1B2C3', meterStart: 1000, timestamp: at(1) }],
    1,
  ),
  row(
    3,
    'cs',
    [2, 'z1', 'StopTransaction', { transactionId: 42, meterStop: 2000, timestamp: at(3), idTag: '04A1B2C3' }],
    4,
  ),
  { ...row(3, 'cs', []), message: 'no JSON at all' },
];

async function backfill(...args: string[]): Promise<{ code: number; out: string }> {
  const env = { ...process.env, CSMS_TOKEN: sandboxSettings.CSMS_TOKENS, HASURA_ADMIN_SECRET: 'hasura' };
  const ran = promisify(execFile)(process.execPath, ['tools/backfill/index.ts', ...args], { env });
  return ran.then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      out: error.stdout + error.stderr,
    }),
  );
}

const told = () => world.stekker.sessionMessages('CP-1').map(({ body }) => Object(body).event.method);

describe('rows of OCPPMessages', () => {
  test('become events in the order of their time; what is no message is left out', () => {
    const kept = ROWS.map(keptOf).filter((each): each is Kept => each !== undefined);
    expect(kept).toHaveLength(4);
    const [batch = []] = batchesOf(kept);
    expect(batch.map(({ event }) => Object(event).frame[1])).toEqual(['a1', 'a1', 'm1', 'z1']);
  });

  test('are cut into requests of at most 500 events and a megabyte', () => {
    const kept = Array.from({ length: 1200 }, (_, index): Kept => ({
      charger: 'CP',
      at: index,
      event: { pad: 'x'.repeat(1500) },
    }));
    const sizes = batchesOf(kept).map((batch) => [
      batch.length,
      JSON.stringify(batch.map(({ event }) => event)).length,
    ]);
    expect(sizes.every(([count = 0, bytes = 0]) => count <= 500 && bytes <= 1_048_576)).toBe(true);
    expect(sizes.reduce((sum, [count = 0]) => sum + count, 0)).toBe(1200);
  });
});

test('a file is posted, and reaches the provider; posted again, all of it is known', async () => {
  const file = join(folder, 'kept.jsonl');
  await writeFile(file, ROWS.map((each) => JSON.stringify(each)).join('\n'));
  const args = ['--from', file, '--since', at(0), '--url', edge.url];
  const dry = await backfill(...args, '--dry-run');
  expect(dry).toMatchObject({
    code: 0,
    out: expect.stringContaining('4 messages of 1 chargers; 1 rows are no messages.'),
  });
  expect(told()).toEqual([]);
  expect(await backfill(...args)).toMatchObject({
    code: 0,
    out: expect.stringContaining('received 4, known already 0'),
  });
  await expect.poll(told, PATIENCE).toEqual(['StartTransaction', 'MeterValues', 'StopTransaction']);
  expect(await backfill(...args)).toMatchObject({
    code: 0,
    out: expect.stringContaining('received 0, known already 4'),
  });
});

test('CitrineOS’s own API gives the rows of the period by pages; old statuses are no news', async () => {
  const asked: unknown[] = [];
  const rows = [status(5, 'Charging'), status(4, 'Preparing')];
  const api = await startHttpServer({
    handle: ({ bodyText, headers }) => {
      const { variables } = JSON.parse(bodyText) as { variables: { after: number; since: string } };
      asked.push([headers['x-hasura-admin-secret'], variables.since]);
      const data = { OCPPMessages: variables.after === 0 ? rows : [] };
      return { status: 200, body: { data } };
    },
  });
  const before = told().length;
  const post = (from: string) => backfill('--from', from, '--since', at(0), '--url', edge.url);
  const newest = join(folder, 'newest.jsonl');
  await writeFile(newest, JSON.stringify(status(6, 'Available')));
  await post(newest);
  await expect.poll(() => told().length, PATIENCE).toBe(before + 1);
  expect(await post(`${api.url}/v1/graphql`)).toMatchObject({ code: 0, out: expect.stringContaining('received 2') });
  expect(asked[0]).toEqual(['hasura', at(0)]);
  const timeline = await fetch(`${edge.url}/api/chargers/CP-1/timeline?limit=2`, {
    headers: { authorization: `Bearer ${sandboxSettings.ADMIN_TOKEN}` },
  });
  expect(await timeline.json()).toMatchObject({
    timeline: [{ kept: [{ reason: 'status-old' }] }, { kept: [{ reason: 'status-old' }] }],
  });
  expect(told()).toHaveLength(before + 1);
  await api.close();
});

test('says what is wrong: no source, a wrong token, an edge that is not there', async () => {
  expect(await backfill('--since', at(0))).toMatchObject({ code: 2, out: expect.stringContaining('--from') });
  const file = join(folder, 'one.jsonl');
  await writeFile(file, JSON.stringify(ROWS[0]));
  const args = ['tools/backfill/index.ts', '--from', file, '--since', at(0), '--url', edge.url];
  const refused = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, CSMS_TOKEN: 'wrong' },
  }).catch((error: { code: number; stderr: string }) => error);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('401') });
});
