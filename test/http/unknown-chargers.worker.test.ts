/** Events of chargers that nobody registered: ignored, and named in the log. */
import { createExecutionContext, env, waitOnExecutionContext } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import worker from '../../src/index.ts';
import { noteUnknown, pruneUnknown } from '../../src/storage/unknown-chargers.ts';
import { sweep, watchEveryMinute } from '../../src/sweep.ts';
import { ADMIN_TOKEN } from '../settings.ts';
import { call, chargerBody, expectProblem, freshId, registered, requestTo } from './client.ts';

afterEach(() => vi.restoreAllMocks());

const booted = (station: object) => ({
  ...station,
  protocol: 'ocpp1.6',
  timestamp: '2026-03-31T12:00:00Z',
  frame: [2, crypto.randomUUID(), 'StatusNotification', { connectorId: 1, status: 'Available', errorCode: 'NoError' }],
});

it('names at most five of them in the request line, and says how many there are', async () => {
  const lines: Record<string, unknown>[] = [];
  vi.spyOn(console, 'info').mockImplementation((line) => void lines.push(JSON.parse(String(line))));
  const identities = Array.from({ length: 6 }, () => freshId());
  const [id, chargePointId] = [await registered(), freshId()];
  const stations = [...identities.map((ocppIdentity) => ({ ocppIdentity })), { chargePointId }, { chargePointId: id }];
  const json = [...stations, ...stations].map(booted);
  const response = await call('/webhooks/ocpp', { json });
  expect(await response.json()).toMatchObject({ received: 2, ignoredReasons: { 'charger-unknown': 14 } });
  expect(lines.find((line) => line['http.route'] === '/webhooks/:csms')).toMatchObject({
    'scsp.unknown_chargers': identities.slice(0, 5),
    'scsp.unknown_chargers_count': 7,
  });
});

it('says nothing of them when all are registered', async () => {
  const lines: string[] = [];
  vi.spyOn(console, 'info').mockImplementation((line) => void lines.push(String(line)));
  const response = await call('/webhooks/ocpp', { json: booted({ chargePointId: await registered() }) });
  expect(response.status).toBe(202);
  expect(lines.join()).not.toContain('unknown_chargers');
});

type Unknown = { identity: string; firstAt: string; lastAt: string; events: number };
const DAY_MS = 24 * 60 * 60_000;

/** Posts events, and waits for what is noted after the answer. */
async function post(json: unknown, changes: Partial<Env> = {}): Promise<Response> {
  const context = createExecutionContext();
  const request = requestTo('/webhooks/ocpp', { json }) as Parameters<typeof worker.fetch>[0];
  const response = await worker.fetch(request, { ...env, ...changes }, context);
  await waitOnExecutionContext(context);
  return response;
}
const list = async (query = '') =>
  (await call(`/api/unknown-chargers${query}`, { token: ADMIN_TOKEN })).json<{
    unknownChargers: Unknown[];
    cursor?: string;
  }>();
const DOWN = {
  DB: {
    prepare: () => {
      throw new Error('D1 is down');
    },
  },
} as unknown as Partial<Env>;

describe('GET /api/unknown-chargers', () => {
  it('lists each with its events, the newest first, by pages', async () => {
    const [first, second] = [freshId(), freshId()];
    await post([booted({ ocppIdentity: first }), booted({ ocppIdentity: first })]);
    await noteUnknown(env.DB, new Map([[second, 1]]), Date.now() + 1000);
    const { unknownChargers, cursor } = await list('?limit=1');
    expect(unknownChargers).toMatchObject([{ identity: second, events: 1 }]);
    const rest = await list(`?limit=500&cursor=${cursor}`);
    expect(rest.unknownChargers.find(({ identity }) => identity === first)).toMatchObject({ events: 2 });
    expect(rest.unknownChargers.some(({ identity }) => identity === second)).toBe(false);
  });

  it('needs the admin token, and refuses a cursor of another list', async () => {
    await expectProblem(await call('/api/unknown-chargers'), 401, 'unauthorized');
    const strange = await call('/api/unknown-chargers?cursor=QQ', { token: ADMIN_TOKEN });
    await expectProblem(strange, 400, 'cursor-invalid');
  });

  it('has none that was registered since', async () => {
    const id = freshId();
    await post([booted({ ocppIdentity: `CP_${id}` }), booted({ chargePointId: id })]);
    await call(`/api/chargers/${id}`, { method: 'PUT', json: chargerBody(id) });
    const { unknownChargers } = await list('?limit=500');
    expect(unknownChargers.filter(({ identity }) => identity.includes(id))).toEqual([]);
  });

  it('keeps them for seven days, and the newest 10,000', async () => {
    await env.DB.exec('DELETE FROM unknown_chargers');
    const [old, now] = [freshId(), Date.now()];
    await noteUnknown(env.DB, new Map([[old, 1]]), now - 8 * DAY_MS);
    const makeMany = `INSERT INTO unknown_chargers (identity, first_at, last_at, events)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10100) SELECT 'made-up-' || i, ?1, ?1 + i, 1 FROM n`;
    await env.DB.prepare(makeMany).bind(now).run();
    await pruneUnknown(env.DB, now);
    const counted = await env.DB.prepare('SELECT count(*) AS n, min(last_at) AS oldest FROM unknown_chargers').first();
    expect(counted).toEqual({ n: 10_000, oldest: now + 101 });
    await env.DB.exec('DELETE FROM unknown_chargers');
  });

  it('takes at most 50 names from one webhook', async () => {
    await env.DB.exec('DELETE FROM unknown_chargers');
    await post(Array.from({ length: 80 }, () => booted({ ocppIdentity: freshId() })));
    expect((await list('?limit=500')).unknownChargers).toHaveLength(50);
  });
});

it('raises an alert and a log line for each, once a day', async () => {
  const lines: Record<string, unknown>[] = [];
  vi.spyOn(console, 'info').mockImplementation((line) => void lines.push(JSON.parse(String(line))));
  await env.DB.exec('DELETE FROM unknown_chargers; DELETE FROM alerts;');
  const identity = freshId();
  const told = () => lines.filter((line) => line['event'] === 'charger.unknown');
  const hear = (now: number) => noteUnknown(env.DB, new Map([[identity, 1]]), now);
  const now = Date.now();
  await hear(now);
  await watchEveryMinute(env, now);
  await watchEveryMinute(env, now + 60_000);
  await hear(now + 120_000);
  await sweep(env, now + 120_000);
  expect(told()).toMatchObject([{ 'scsp.identity': identity }]);
  const alerts = await (await call('/api/alerts', { token: ADMIN_TOKEN })).json<{ alerts: object[] }>();
  expect(alerts.alerts).toMatchObject([{ type: 'charger.unknown', subject: identity }]);
  await hear(now + DAY_MS + 60_000);
  await watchEveryMinute(env, now + DAY_MS + 120_000);
  expect(told()).toHaveLength(2);
});

describe('while D1 is down', () => {
  it('events of known chargers are stored, and 503 tells the sender to come again; then they are duplicates', async () => {
    const [known, keyed] = [await registered(), await registered()];
    await post(booted({ ocppIdentity: `CP_${known}` }));
    const events = [
      booted({ ocppIdentity: `CP_${known}` }),
      booted({ chargePointId: keyed }),
      booted({ ocppIdentity: freshId() }),
    ];
    const refused = await post(events, DOWN);
    expect(refused.headers.get('retry-after')).toBe('5');
    await expectProblem(refused, 503, 'registry-unavailable');
    expect(await (await post(events)).json()).toMatchObject({ received: 0, duplicates: 2, ignored: 1 });
  });

  it('a known charger needs no database', async () => {
    const id = await registered();
    await post(booted({ ocppIdentity: `CP_${id}` }));
    expect(await (await post(booted({ ocppIdentity: `CP_${id}` }), DOWN)).json()).toMatchObject({ received: 1 });
  });
});

it('an identity that another charger has by now is looked up anew', async () => {
  const [before, after] = [freshId(), freshId()];
  const body = chargerBody(before);
  await call(`/api/chargers/${before}`, { method: 'PUT', json: body });
  await post(booted({ ocppIdentity: `CP_${before}` }));
  await call(`/api/chargers/${before}`, { method: 'PUT', json: { ...body, ocppIdentity: `CP_${before}_old` } });
  await call(`/api/chargers/${after}`, { method: 'PUT', json: chargerBody(after, { ocppIdentity: `CP_${before}` }) });
  const response = await post([booted({ ocppIdentity: `CP_${before}` }), booted({ chargePointId: before })]);
  expect(await response.json()).toMatchObject({ received: 2 });
  const timeline = await call(`/api/chargers/${after}/timeline`, { token: ADMIN_TOKEN });
  expect((await timeline.json<{ timeline: object[] }>()).timeline).toHaveLength(1);
});
