/** Sessions across chargers: noted by their stations, found by filters and by token. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  findSessions,
  noteSessions,
  pruneSessions,
  type NotedSession,
  type SessionNote,
} from '../../src/storage/sessions.ts';
import { PATIENCE } from '../patience.ts';
import { ADMIN_TOKEN } from '../settings.ts';
import { accepted, drained, paired, received, ring, say, standInProviders, stub, travel } from '../station/world.ts';
import { call, expectProblem, freshId } from './client.ts';

type Session = { chargePointId: string; transactionId: string; state: string; [field: string]: unknown };
type Page = { sessions: Session[]; cursor?: string };

beforeEach(() => void standInProviders());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const list = async (query: string) => (await call(`/api/sessions?${query}`, { token: ADMIN_TOKEN })).json<Page>();
const search = (json: unknown) => call('/api/sessions/search', { token: ADMIN_TOKEN, json });
const sessionsOf = async (id: string) => (await list(`chargePointId=${id}`)).sessions;

const added = (session: NotedSession): SessionNote => ({ kind: 'new', session });

async function starts(id: string, minute: number, transactionId: number, idTag: string): Promise<void> {
  const start = say.start(minute, { idTag });
  await received(id, { frame: start, response: accepted(transactionId) });
}

describe('a session', () => {
  it('is found when it starts, when its provider changes, when it is flagged, and when it ends', async () => {
    const id = await paired('stekker');
    await starts(id, 0, 7, '04A1B2C3');
    await expect
      .poll(() => sessionsOf(id), PATIENCE)
      .toMatchObject([
        {
          transactionId: '7',
          evseId: 1,
          state: 'running',
          providers: ['stekker'],
          endedAt: null,
          energyWh: null,
          flags: [],
        },
      ]);
    const unpaired = await call(`/api/chargers/${id}/pairings/stekker`, { method: 'DELETE' });
    expect(unpaired.status).toBe(204);
    await expect.poll(() => sessionsOf(id), PATIENCE).toMatchObject([{ providers: [] }]);
    await received(id, { frame: say.meter(1, 7, 1400) }, { frame: say.meter(2, 7, 1200) });
    await expect
      .poll(() => sessionsOf(id), PATIENCE)
      .toMatchObject([{ state: 'running', flags: ['register-decreased'] }]);
    await received(id, { frame: say.stop(3, 7, 1500) });
    await expect
      .poll(() => sessionsOf(id), PATIENCE)
      .toMatchObject([{ state: 'ended', providers: [], energyWh: 500, flags: ['register-decreased'] }]);
  });

  it('costs at most 12 rows in D1, entries of indexes counted', async () => {
    const prepare = vi.spyOn(env.DB, 'batch');
    const session: NotedSession = {
      chargePointId: freshId(),
      transactionId: '7',
      evseId: 1,
      providers: ['stekker'],
      state: 'running',
      startedAt: Date.now(),
      endedAt: null,
      energyWh: null,
      flags: [],
    };
    const steps: SessionNote[] = [
      { kind: 'new', session, tokenHmac: 'a' },
      { kind: 'changed', session: { ...session, providers: ['jedlix'] }, changes: ['providers'] },
      { kind: 'changed', session: { ...session, flags: ['clock-wrong'] }, changes: ['flags'] },
      { kind: 'changed', session: { ...session, state: 'ended', endedAt: Date.now() }, changes: ['state'] },
    ];
    for (const step of steps) await noteSessions(env.DB, [step]);
    const results = await Promise.all(prepare.mock.results.map(({ value }) => value as Promise<D1Result[]>));
    const rows = results.flat().reduce((sum, { meta }) => sum + meta.rows_written, 0);
    expect(rows).toBeLessThanOrEqual(12);
  });

  it('is noted once, and again only when something has changed, also by an object that lost its memory', async () => {
    const id = await paired('stekker');
    await starts(id, 0, 7, '04A1B2C3');
    await expect.poll(() => sessionsOf(id), PATIENCE).toHaveLength(1);
    await drained(id);
    await env.DB.prepare("UPDATE sessions SET providers = '[]' WHERE charge_point_id = ?").bind(id).run();
    await received(id, { frame: say.meter(1, 7, 1500) });
    await evictDurableObject(stub(id));
    await received(id, { frame: say.meter(2, 7, 1600) });
    await drained(id);
    expect((await list(`chargePointId=${id}`)).sessions).toMatchObject([{ providers: [] }]);
    await received(id, { frame: say.stop(3, 7, 1700) });
    await expect.poll(() => sessionsOf(id), PATIENCE).toMatchObject([{ state: 'ended', energyWh: 700 }]);
  });

  it('is noted later when D1 is down, and its events are taken meanwhile', async () => {
    const id = await paired('stekker');
    await env.DB.exec('ALTER TABLE sessions RENAME TO sessions_away');
    await starts(id, 0, 7, '04A1B2C3');
    await drained(id);
    await env.DB.exec('ALTER TABLE sessions_away RENAME TO sessions');
    travel(61_000);
    await ring(id);
    await expect.poll(() => sessionsOf(id), PATIENCE).toMatchObject([{ state: 'running' }]);
  });

  it('of a charger that is removed has ended', async () => {
    const id = await paired('stekker');
    await starts(id, 0, 7, '04A1B2C3');
    await expect.poll(() => sessionsOf(id), PATIENCE).toHaveLength(1);
    expect((await call(`/api/chargers/${id}`, { method: 'DELETE' })).status).toBe(204);
    await expect.poll(() => sessionsOf(id), PATIENCE).toMatchObject([{ state: 'ended' }]);
  });
});

describe('POST /api/sessions/search', () => {
  it('finds the sessions of a token, whatever its case, on any charger, and D1 does not hold the token', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-03-31T14:00:00Z') });
    const token = freshId().replaceAll('-', '').slice(0, 14).toUpperCase();
    const [one, other] = [await paired('stekker'), await paired('jedlix')];
    await starts(one, 0, 7, token);
    // One that is over at once.
    const start = say.start(5, { idTag: token });
    await received(other, { frame: start, response: accepted(8) }, { frame: say.stop(6, 8, 2000) });
    await starts(other, 9, 9, '04FFFFFF');
    await expect.poll(() => sessionsOf(one), PATIENCE).toHaveLength(1);
    await expect.poll(() => sessionsOf(other), PATIENCE).toHaveLength(2);
    const { sessions } = await (await search({ idToken: token.toLowerCase() })).json<Page>();
    expect(sessions.map(({ transactionId }) => transactionId)).toEqual(['8', '7']);
    const found = await (await search({ idToken: token, state: 'running' })).json<Page>();
    expect(found.sessions.map(({ transactionId }) => transactionId)).toEqual(['7']);
    const { results } = await env.DB.prepare('SELECT * FROM sessions').all();
    expect(JSON.stringify(results).toUpperCase()).not.toContain(token);
  });

  it.each([
    [{}],
    [{ idToken: '' }],
    [{ idToken: 7 }],
    [{ idToken: 'x', form: '2026-01-01T00:00:00Z' }],
    [{ idToken: 'x', from: 'yesterday' }],
    [[]],
  ])('refuses %j', async (json) => {
    await expectProblem(await search(json), 400, 'envelope-invalid');
  });
});

describe('GET /api/sessions', () => {
  const BASE = Date.parse('2020-01-01T00:00:00Z');
  const made = (index: number, changes: Partial<NotedSession> = {}): NotedSession => ({
    chargePointId: `many-${index % 7}`,
    transactionId: String(index),
    evseId: 1,
    providers: index % 2 === 0 ? ['stekker'] : ['jedlix'],
    state: 'ended',
    startedAt: BASE + Math.floor(index / 3) * 1000,
    endedAt: BASE + index * 1000,
    energyWh: index,
    flags: [],
    ...changes,
  });
  const WINDOW = 'from=2019-12-31T00:00:00Z&to=2020-02-01T00:00:00Z';

  it('gives every session once, the newest first, by pages, whatever is filtered', async () => {
    const all = Array.from({ length: 60 }, (_, index) =>
      made(
        index,
        index === 9 || index === 50
          ? { flags: ['clock-wrong'] }
          : index === 20
            ? { state: 'running', endedAt: null }
            : {},
      ),
    );
    await noteSessions(env.DB, all.map(added));
    const expected = all
      .toSorted((a, b) => b.startedAt - a.startedAt || (a.chargePointId < b.chargePointId ? 1 : -1))
      .map(({ transactionId }) => transactionId);
    const pages = async (query: string) => {
      const ids: string[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const page: Page = await list(`${WINDOW}&${query}limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`);
        ids.push(...page.sessions.map(({ transactionId }) => transactionId));
        cursor = page.cursor;
      }
      return ids;
    };
    expect(await pages('')).toEqual(expected);
    expect(await pages('provider=jedlix&')).toEqual(expected.filter((id) => Number(id) % 2 === 1));
    expect(await pages('flag=clock-wrong&')).toEqual(['50', '9']);
    expect(await pages('state=running&')).toEqual(['20']);
    expect(await pages('chargePointId=many-3&')).toEqual(expected.filter((id) => Number(id) % 7 === 3));
    expect((await list('from=2020-01-01T00:00:19Z&to=2020-02-01T00:00:00Z')).sessions).toHaveLength(3);
  });

  it('reads few rows of many', async () => {
    const many = `INSERT INTO sessions (charge_point_id, transaction_id, evse_id, providers, state, started_at, flags)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      SELECT 'bulk-' || (i % 500), 't' || i, 1, '["stekker"]', 'ended', ?1 + i, '[]' FROM n`;
    await env.DB.prepare(many)
      .bind(BASE - 10 ** 9)
      .run();
    const reads: number[] = [];
    const statement = env.DB.prepare.bind(env.DB);
    const counting = {
      prepare: (sql: string) => ({
        bind: (...values: unknown[]) => ({
          all: async () => {
            const result = await statement(sql)
              .bind(...values)
              .all();
            reads.push(result.meta.rows_read);
            return result;
          },
        }),
      }),
    } as unknown as D1Database;
    const filters = [
      {},
      { flag: 'clock-wrong' },
      { state: 'running' as const },
      { tokenHmac: 'none' },
      { chargePointId: 'bulk-7' },
      { provider: 'stekker' },
    ];
    for (const filter of filters) await findSessions(counting, { ...filter, to: BASE, limit: 100 });
    expect(Math.max(...reads)).toBeLessThanOrEqual(300);
    await env.DB.exec(`DELETE FROM sessions WHERE charge_point_id LIKE 'bulk-%'`);
  });

  it.each([
    ['from=yesterday', 'query-invalid'],
    ['provider=acme', 'query-invalid'],
    ['state=over', 'query-invalid'],
    ['flag=odd', 'query-invalid'],
    ['idToken=04A1', 'query-invalid'],
    ['cursor=QQ', 'cursor-invalid'],
    ['limit=0', 'cursor-invalid'],
  ])('refuses ?%s', async (query, reason) => {
    const refused = await call(`/api/sessions?${query}`, { token: ADMIN_TOKEN });
    const { detail } = await expectProblem(refused, 400, reason);
    expect(detail).toContain(query.split('=')[0]);
  });

  it('needs the admin token', async () => {
    await expectProblem(await call('/api/sessions'), 401, 'unauthorized');
    await expectProblem(await call('/api/sessions/search', { json: { idToken: 'x' } }), 401, 'unauthorized');
  });
});

it('sessions are forgotten after the retention; one that never ended 30 days later', async () => {
  const now = Date.now();
  const DAY = 24 * 3_600_000;
  const of = (transactionId: string, age: number, state: NotedSession['state']): NotedSession => ({
    chargePointId: 'old',
    transactionId,
    evseId: 1,
    providers: [],
    state,
    startedAt: now - age * DAY,
    endedAt: null,
    energyWh: null,
    flags: [],
  });
  const all = [of('a', 8, 'ended'), of('b', 6, 'ended'), of('c', 20, 'running'), of('d', 40, 'running')];
  await noteSessions(env.DB, all.map(added));
  await pruneSessions(env.DB, now - 7 * DAY);
  const left = (await list('chargePointId=old')).sessions.map(({ transactionId }) => transactionId);
  expect(left).toEqual(['b', 'c']);
});
