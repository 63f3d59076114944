/** A registry that was set back to an older state under a newer station: what a restore of the database leaves. */
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { listPairings } from '../../src/pairing/pairings.ts';
import { raiseGeneration } from '../../src/pairing/claims.ts';
import { sweep } from '../../src/sweep.ts';
import { call, chargerBody, nativeEvent, registered } from '../http/client.ts';
import { JEDLIX_HOST } from '../settings.ts';
import type { OutsideCall } from '../outside.ts';
import { PATIENCE } from '../patience.ts';
import { entriesOf, issuedAt, providersAnswer, verify } from './world.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const pair = (id: string, code = '123456') =>
  call(`/api/chargers/${id}/pairings`, { json: { provider: 'jedlix', code } });
const unpair = (id: string) => call(`/api/chargers/${id}/pairings/jedlix`, { method: 'DELETE' });
const put = (id: string) => call(`/api/chargers/${id}`, { method: 'PUT', json: chargerBody(id) });
const pairingsOf = (id: string) => listPairings(env.DB, id, Date.now());
const knownOf = async (id: string) => (await env.CHARGING_STATION.getByName(id).pairings())['jedlix'];
const START = { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp: '2026-03-31T13:47:30Z' };
const post = (id: string) =>
  call('/webhooks/ocpp', {
    json: nativeEvent(id, {
      frame: [2, crypto.randomUUID(), 'StartTransaction', START],
      response: { transactionId: 7, idTagInfo: { status: 'Accepted' } },
    }),
  });
const answering = () => providersAnswer(() => Response.json({}));
const toJedlix = (calls: readonly OutsideCall[]) =>
  calls.filter(({ host }) => host === JEDLIX_HOST).map(({ path }) => path.slice(path.lastIndexOf('/') + 1));

/** The rows of a charger's pairings as they are now; gives what puts them back. */
async function backedUp(id: string): Promise<() => Promise<unknown>> {
  const rows = await env.DB.prepare('SELECT * FROM pairings WHERE charge_point_id = ?').bind(id).all();
  return () =>
    env.DB.batch([
      env.DB.prepare('DELETE FROM pairings WHERE charge_point_id = ?').bind(id),
      ...rows.results.map((row) =>
        env.DB.prepare(
          `INSERT INTO pairings (${Object.keys(row).join()}) VALUES (${Object.keys(row)
            .map(() => '?')
            .join()})`,
        ).bind(...Object.values(row)),
      ),
    ]);
}

/** A charger that was paired, unpaired, paired and unpaired again since the backup. */
async function endedSince(rounds = 2): Promise<{ id: string; restore: () => Promise<unknown> }> {
  const id = await registered();
  await pair(id);
  const restore = await backedUp(id);
  await unpair(id);
  for (let round = 1; round < rounds; round += 1) {
    await pair(id, `${round}`);
    await unpair(id);
  }
  return { id, restore };
}

describe('a registry that was restored to before a pairing ended', () => {
  it('does not revive it, whether the sweep comes by, events come or the charger is registered again', async () => {
    const { calls } = answering();
    const { id, restore } = await endedSince();
    await restore();
    const [before, entries] = [calls.length, await entriesOf(id)];
    await sweep(env, Date.now());
    await put(id);
    await sweep(env, Date.now());
    await post(id);
    expect(await pairingsOf(id)).toEqual([]);
    expect(await knownOf(id)).toMatchObject({ status: 'ended' });
    expect(await entriesOf(id)).toHaveLength(entries.length + 1);
    expect(calls.slice(before)).toEqual([]);
  });

  it.each([1, 2, 3, 4])('pairs again at once, after %i rounds that it forgot', async (rounds) => {
    const { calls } = answering();
    const { id, restore } = await endedSince(rounds);
    await restore();
    expect((await pair(id, 'again')).status).toBe(201);
    expect(await pairingsOf(id)).toMatchObject([{ status: 'paired' }]);
    expect(await knownOf(id)).toMatchObject({ status: 'paired' });
    const before = calls.length;
    await post(id);
    await vi.waitUntil(() => calls.length > before, PATIENCE);
    expect(toJedlix(calls.slice(before))).toHaveLength(1);
  });

  it('pairs again by a code of ours too', async () => {
    answering();
    const { id, restore } = await endedSince();
    await restore();
    expect(await verify(await issuedAt(id, Date.now()), { at: Date.now() })).toBe(id);
    expect(await knownOf(id)).toMatchObject({ status: 'paired' });
    expect(await pairingsOf(id)).toMatchObject([{ status: 'paired', generation: (await knownOf(id))?.generation }]);
  });

  it('unpairs at once, and tells the provider no second time', async () => {
    const { calls } = answering();
    const { id, restore } = await endedSince();
    await restore();
    const before = calls.length;
    expect((await unpair(id)).status).toBe(204);
    expect(await pairingsOf(id)).toEqual([]);
    expect(toJedlix(calls.slice(before))).toEqual([]);
  });
});

describe('a registry that was restored to before a pairing was made', () => {
  it('learns of it when the charger is paired again, and the provider hears of nothing else', async () => {
    const { calls } = answering();
    const id = await registered();
    await pair(id, 'first');
    await unpair(id);
    const restore = await backedUp(id);
    await pair(id, 'second');
    const made = await knownOf(id);
    await restore();
    const before = calls.length;
    expect((await pair(id, 'third')).status).toBe(201);
    expect(toJedlix(calls.slice(before))).toEqual(['pair']);
    expect((await knownOf(id))?.generation).toBeGreaterThan((made?.generation ?? 0) + 999_999);
    expect((await unpair(id)).status).toBe(204);
    expect(toJedlix(calls.slice(before))).toEqual(['pair', 'unpair']);
    expect(await knownOf(id)).toMatchObject({ status: 'ended' });
  });
});

describe('a generation that a station knows better', () => {
  const told = { generation: 5, status: 'ended' } as const;
  const set = (id: string, generation: number, last: number) =>
    env.DB.prepare(
      `INSERT INTO pairings (charge_point_id, provider, generation, last_generation, status, format, claimed_at)
         VALUES (?, 'jedlix', ?, ?, 'ended', 'ocpp', 0)`,
    )
      .bind(id, generation, last)
      .run();

  it('is raised although others were given out since, above all of them, and no two alike', async () => {
    const id = await registered();
    await set(id, 5, 3_000_000);
    const key = { chargePointId: id, provider: 'jedlix' };
    expect(await raiseGeneration(env.DB, key, told, 7)).toBe(3_000_001);
    expect(await raiseGeneration(env.DB, key, told, 3_000_005)).toBe(4_000_005);
  });

  it('is not raised by a station that knows less', async () => {
    const id = await registered();
    await set(id, 5, 6);
    expect(await raiseGeneration(env.DB, { chargePointId: id, provider: 'jedlix' }, told, 5)).toBeUndefined();
  });
});
