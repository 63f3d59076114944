/** Parked messages beyond the quota, beside a database that is down, dropped on purpose, and more than one request can handle. */
import { env } from 'cloudflare:workers';
import { evictDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_PAGE_BYTES } from '../../src/storage/dead-letters.ts';
import { sweep } from '../../src/sweep.ts';
import { PATIENCE } from '../patience.ts';
import { ADMIN_TOKEN, CSMS_TOKEN } from '../settings.ts';
import { parked } from '../station/letters.ts';
import {
  answer,
  drained,
  paired,
  received,
  ring,
  rowsOf,
  say,
  session,
  standInProviders,
  stub,
  told,
  travel,
  WHOLE_SESSION,
} from '../station/world.ts';
import { call, chargerBody, expectProblem, freshId, registered } from './client.ts';

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await setCount(0);
});

/** Says how many letters of Stekker are parked: the quota is 100,000. */
const setCount = (letters: number) =>
  env.DB.prepare(
    `INSERT INTO dead_letter_counts (provider, letters) VALUES ('stekker', ?1)
     ON CONFLICT (provider) DO UPDATE SET letters = ?1`,
  )
    .bind(letters)
    .run();
const counted = () =>
  env.DB.prepare("SELECT letters FROM dead_letter_counts WHERE provider = 'stekker'").first('letters');

const stekkerGot = (id: string) => told('stekker', world.calls, id);
const admin = async (path: string, options: Parameters<typeof call>[1] = {}) => {
  const response = await call(path, { token: ADMIN_TOKEN, ...options });
  return { status: response.status, body: JSON.parse((await response.text()) || 'null') };
};
const post = (path: string, json: unknown = {}) => admin(path, { method: 'POST', json });

/** Every letter that matches, by following the cursor. */
async function allLetters(
  query = '',
): Promise<{ deliveryId: string; chargePointId: string; payload: { name: string }[] }[]> {
  const { body } = await admin(`/api/dead-letters?${query}`);
  const more =
    body.cursor === undefined ? [] : await allLetters(`${query.replace(/&?cursor=.*/, '')}&cursor=${body.cursor}`);
  return [...body.deadLetters, ...more];
}

const inD1 = async (id: string) =>
  env.DB.prepare('SELECT count(*) AS n FROM dead_letters WHERE charge_point_id = ?').bind(id).first('n');
const atStation = async (id: string) => (await rowsOf(id, 'SELECT id FROM letters')).length;

/** A charger whose whole session its provider refused. */
async function refused(): Promise<string> {
  const id = await paired('stekker');
  world.answers.stekker = answer(422);
  await received(id, ...session(7));
  await drained(id);
  world.answers.stekker = answer(200);
  return id;
}

/** One whose letters found no place in D1. */
async function overQuota(): Promise<string> {
  await setCount(100_000);
  const id = await refused();
  await vi.waitFor(
    async () =>
      expect(
        await env.DB.prepare('SELECT 1 FROM letter_stations WHERE charge_point_id = ?').bind(id).first(),
      ).not.toBeNull(),
    PATIENCE,
  );
  return id;
}

describe('letters beyond the quota', () => {
  it('stay at their station, the lane moves on, and the operator is told', async () => {
    const lines = vi.spyOn(console, 'error').mockReturnValue();
    const id = await overQuota();
    expect([await inD1(id), await atStation(id)]).toEqual([0, 4]);
    await received(id, { frame: say.status(9, 'Available') });
    await drained(id);
    expect(stekkerGot(id)).toEqual([...WHOLE_SESSION, 'StatusNotification Available']);
    await sweep(env, Date.now());
    const told = lines.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(told).toContainEqual({
      level: 'error',
      event: 'dead-letters.full',
      'scsp.provider': 'stekker',
      'scsp.quota': 100_000,
    });
  });

  it('are listed, of one charger and among all', async () => {
    const [first, second] = [await overQuota(), await overQuota()];
    const own = await allLetters(`chargePointId=${first}&limit=3`);
    expect(own.map(({ payload }) => payload[0]?.name)).toEqual([
      'StartTransaction',
      'MeterValues',
      'MeterValues',
      'StopTransaction',
    ]);
    expect(new Set(own.map(({ deliveryId }) => deliveryId)).size).toBe(4);
    const all = (await allLetters('provider=stekker&limit=2')).map(({ chargePointId }) => chargePointId);
    for (const id of [first, second]) expect(all.filter((each) => each === id)).toHaveLength(4);
    expect(await allLetters(`chargePointId=${first}&reason=expired`)).toEqual([]);
  });

  it('are replayed from there, once, and the station is not asked again', async () => {
    const id = await overQuota();
    expect(await post('/api/dead-letters/replay', { chargePointId: id })).toMatchObject({
      status: 202,
      body: { replayed: 4 },
    });
    await drained(id);
    expect(stekkerGot(id)).toEqual([...WHOLE_SESSION, ...WHOLE_SESSION]);
    expect(await allLetters(`chargePointId=${id}`)).toEqual([]);
    expect(await env.DB.prepare('SELECT 1 FROM letter_stations WHERE charge_point_id = ?').bind(id).first()).toBeNull();
    const [letter] = await allLetters(`chargePointId=${await overQuota()}`);
    const one = `/api/dead-letters/${letter?.deliveryId}/replay`;
    expect(await post(one)).toEqual({ status: 202, body: { replayed: 1 } });
    expect(await post(one)).toMatchObject({ status: 404 });
  });

  it('go to D1 when there is place again, those of a charger in their order', async () => {
    const id = await overQuota();
    await setCount(0);
    travel(11 * 60_000);
    world.answers.stekker = answer(422);
    await received(id, { frame: say.status(9, 'Available') });
    await drained(id);
    await vi.waitFor(async () => expect([await inD1(id), await atStation(id)]).toEqual([5, 0]), PATIENCE);
  });
});

describe('a message that was refused while D1 is down', () => {
  it('is not sent again, and is found in D1 later', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const id = await paired('stekker');
    world.answers.stekker = answer(422);
    await env.DB.exec('ALTER TABLE dead_letters RENAME TO dead_letters_away');
    await received(id, ...session(7));
    await drained(id);
    expect(stekkerGot(id)).toEqual(WHOLE_SESSION);
    await env.DB.exec('ALTER TABLE dead_letters_away RENAME TO dead_letters');
    await evictDurableObject(stub(id));
    await ring(id);
    await vi.waitFor(async () => expect([await inD1(id), await atStation(id)]).toEqual([4, 0]), PATIENCE);
    expect(stekkerGot(id)).toEqual(WHOLE_SESSION);
  });
});

describe('dropping', () => {
  it.each([
    ['in D1', refused],
    ['at its station', overQuota],
  ])('one letter that is %s is 204, is noted in the timeline, and leaves the others', async (_, park) => {
    const id = await park();
    const [, letter] = await allLetters(`chargePointId=${id}`);
    const path = `/api/dead-letters/${letter?.deliveryId}`;
    expect(await admin(path, { method: 'DELETE' })).toEqual({ status: 204, body: null });
    expect((await allLetters(`chargePointId=${id}`)).map(({ payload }) => payload[0]?.name)).toEqual([
      'StartTransaction',
      'MeterValues',
      'StopTransaction',
    ]);
    const { body } = await admin(`/api/chargers/${id}/timeline?limit=1`);
    expect(body.timeline[0].entry).toEqual({ kind: 'dropped', deliveryId: letter?.deliveryId });
    expect(await admin(path, { method: 'DELETE' })).toMatchObject({
      status: 404,
      body: { reason: 'dead-letter-unknown' },
    });
    expect(await admin('/api/dead-letters/no-such-id', { method: 'DELETE' })).toMatchObject({ status: 404 });
  });

  it('is for the operator', async () => {
    for (const [method, path] of [
      ['DELETE', '/api/dead-letters/x'],
      ['POST', '/api/dead-letters/purge'],
    ] as const) {
      await expectProblem(
        await call(path, { method, token: CSMS_TOKEN, ...(method === 'POST' && { json: {} }) }),
        401,
        'unauthorized',
      );
    }
  });

  it('by filter drops what matches, in D1 and at stations, and needs a filter', async () => {
    const [first, second] = [await refused(), await overQuota()];
    expect(await post('/api/dead-letters/purge', {})).toMatchObject({
      status: 400,
      body: { reason: 'envelope-invalid' },
    });
    expect(await post('/api/dead-letters/purge', { chargePointId: first })).toEqual({
      status: 202,
      body: { purged: 4 },
    });
    expect((await allLetters(`chargePointId=${second}`)).length).toBe(4);
    expect(await post('/api/dead-letters/purge', { provider: 'stekker', reason: 'http-422' })).toMatchObject({
      status: 202,
    });
    expect(await allLetters(`chargePointId=${second}`)).toEqual([]);
  });

  it('by filter goes on where a request ended, and leaves what is parked since', async () => {
    await parked('many', { reason: 'http-498' });
    const many = `INSERT INTO dead_letters (delivery_id, provider, charge_point_id, reason, record, parked_at)
      SELECT 'many' || value, provider, charge_point_id, reason, record, parked_at
        FROM dead_letters, json_each(?) WHERE charge_point_id = 'many'`;
    await env.DB.prepare(many)
      .bind(JSON.stringify([...Array(20_500).keys()]))
      .run();
    const { body: first } = await post('/api/dead-letters/purge', { reason: 'http-498' });
    expect(first).toEqual({ purged: 20_000, cursor: expect.any(String) });
    await parked('late', { reason: 'http-498' }, Date.now() + 60_000);
    const { body: rest } = await post('/api/dead-letters/purge', { reason: 'http-498', cursor: first.cursor });
    expect(rest).toEqual({ purged: 501 });
    expect(await inD1('late')).toBe(1);
  });
});

describe('a replay of more than one request can hand over', () => {
  it('goes on by its cursor, and leaves what was parked since', async () => {
    const ids = Array.from({ length: 410 }, (_, n) => `replay-${String(n).padStart(3, '0')}-${freshId()}`);
    const charger = JSON.stringify({ ...chargerBody('x'), chargePointId: 'x', evses: [] });
    const rows = ids.map((id) =>
      env.DB.prepare(
        'INSERT INTO chargers (charge_point_id, ocpp_identity, record, created_at, updated_at) VALUES (?1, ?1, ?2, 0, 0)',
      ).bind(id, charger),
    );
    await env.DB.batch(rows);
    for (const id of ids) await parked(id, { reason: 'http-497' });
    const { body: first } = await post('/api/dead-letters/replay', { reason: 'http-497' });
    expect(first).toEqual({ replayed: 400, cursor: expect.any(String) });
    const [late] = ids;
    await parked(late ?? '', { reason: 'http-497', seq: 9 }, Date.now() + 60_000);
    const { body: rest } = await post('/api/dead-letters/replay', { reason: 'http-497', cursor: first.cursor });
    expect(rest).toEqual({ replayed: 10 });
    expect(await post('/api/dead-letters/replay', { cursor: 'eHg' })).toMatchObject({
      status: 400,
      body: { reason: 'cursor-invalid' },
    });
  });
});

describe('a page of large letters', () => {
  it('ends where it would become too large, and the cursor goes on', async () => {
    const id = await registered();
    const name = 'ä'.repeat(MAX_PAGE_BYTES / 8);
    const deliverables = [{ message: { name, method: 'POST', path: '/', body: {} }, to: { stekker: 0 } }] as const;
    for (let seq = 0; seq < 6; seq += 1) await parked(id, { seq, deliverables });
    const { body } = await admin(`/api/dead-letters?chargePointId=${id}`);
    expect(body.deadLetters).toHaveLength(4);
    expect(await allLetters(`chargePointId=${id}`)).toHaveLength(6);
  });
});

describe('the count of letters', () => {
  it('follows what is parked, replayed, dropped and deleted for its age', async () => {
    await env.DB.prepare("DELETE FROM dead_letters WHERE provider = 'stekker'").run();
    await setCount(0);
    const id = await refused();
    await vi.waitFor(async () => expect(await counted()).toBe(4), PATIENCE);
    const [letter] = await allLetters(`chargePointId=${id}`);
    await admin(`/api/dead-letters/${letter?.deliveryId}`, { method: 'DELETE' });
    expect(await counted()).toBe(3);
    await post('/api/dead-letters/replay', { chargePointId: id });
    expect(await counted()).toBe(0);
    await drained(id);
  });
});
