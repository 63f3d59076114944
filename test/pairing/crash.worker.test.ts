import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { issueCode } from '../../src/pairing/issue.ts';
import { pairCharger } from '../../src/pairing/pair.ts';
import { findCharger } from '../../src/storage/chargers.ts';
import { storeChargers } from '../../src/storage/store-chargers.ts';
import { claimPairing, endPairing } from '../../src/pairing/claims.ts';
import { listPairings } from '../../src/pairing/pairings.ts';
import { sweep } from '../../src/sweep.ts';
import { call, chargerBody, expectProblem, registered, requestTo } from '../http/client.ts';
import type { OutsideCall } from '../outside.ts';
import { JEDLIX_HOST } from '../settings.ts';
import { PATIENCE } from '../patience.ts';
import { contextAt, entriesOf, issuedAt, MINUTE, providersAnswer, T0, verify } from './world.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const JEDLIX = { provider: 'jedlix', code: '123456', format: 'ocpp' } as const;
const station = (id: string) => env.CHARGING_STATION.getByName(id);
const pair = (id: string, json: unknown = { provider: 'jedlix', code: '123456' }) =>
  call(`/api/chargers/${id}/pairings`, { json });
const unpair = (id: string) => call(`/api/chargers/${id}/pairings/jedlix`, { method: 'DELETE' });
const remove = (id: string) => call(`/api/chargers/${id}`, { method: 'DELETE' });
const pairingsOf = (id: string) => listPairings(env.DB, id, Date.now());

/** Tells a station that its pairing of this generation was made, or ended. */
const tellPaired = (id: string, generation: number) =>
  station(id).learnPairing('jedlix', { pairing: { generation, status: 'paired' } });
const tellEnded = (id: string, generation: number, mustTell = false) =>
  station(id).learnPairing('jedlix', { pairing: { generation, status: 'ended' }, mustTell });

/** What Jedlix was asked about a charger, by the last word of each path. */
const toJedlix = (calls: readonly OutsideCall[]) =>
  calls.filter(({ host }) => host === JEDLIX_HOST).map(({ path }) => path.slice(path.lastIndexOf('/') + 1));

async function chargerOf(id: string) {
  const charger = await findCharger(env.DB, id);
  if (charger === undefined) throw new Error('no such charger');
  return charger;
}

/** A provider that answers a code only when it is let. */
function slowProvider() {
  const provider = { isAnswering: false, status: 200 };
  const { calls } = providersAnswer(async ({ path }) => {
    while (path.endsWith('/pair') && !provider.isAnswering) await scheduler.wait(5);
    return new Response('{}', { status: path.endsWith('/pair') ? provider.status : 200 });
  });
  const isAsked = () => vi.waitUntil(() => toJedlix(calls).includes('pair'), PATIENCE);
  return { provider, calls, isAsked };
}

describe('a charger that is removed at that moment', () => {
  it('gets no code, which would pair whoever comes after it', async () => {
    providersAnswer(() => Response.json({}));
    const id = await registered();
    const charger = await chargerOf(id);
    await remove(id);
    const issued = await issueCode(contextAt(T0), charger, { provider: 'jedlix', ttlMs: 15 * MINUTE, format: 'ocpp' });
    expect(issued).toMatchObject({ ok: false, error: { reason: 'charger-unknown' } });
    const count = env.DB.prepare('SELECT count(*) AS n FROM pairing_codes WHERE charge_point_id = ?').bind(id);
    expect(await count.first('n')).toBe(0);
  });

  it('is not paired, and the provider, which believes so, is told', async () => {
    const { calls } = providersAnswer(() => Response.json({}));
    const id = await registered();
    const charger = await chargerOf(id);
    await remove(id);
    const paired = await pairCharger(contextAt(T0), charger, JEDLIX);
    expect(paired).toMatchObject({ ok: false, error: { reason: 'charger-unknown' } });
    await storeChargers(env.DB, [charger], T0);
    expect(await listPairings(env.DB, id, T0)).toEqual([]);
    await vi.waitUntil(() => toJedlix(calls).includes('unpair'), PATIENCE);
    expect(toJedlix(calls)).toEqual(['pair', 'unpair']);
  });

  it('is not paired either when it is registered again before the provider answers', async () => {
    const { provider, calls, isAsked } = slowProvider();
    const id = await registered();
    const pairing = pair(id);
    await isAsked();
    expect((await remove(id)).status).toBe(204);
    expect((await call(`/api/chargers/${id}`, { method: 'PUT', json: chargerBody(id) })).status).toBe(201);
    provider.isAnswering = true;
    const answer = await pairing;
    expect(answer.headers.get('retry-after')).toBe('30');
    await expectProblem(answer, 409, 'pairing-in-progress');
    expect(await pairingsOf(id)).toEqual([]);
    await vi.waitUntil(() => toJedlix(calls).includes('unpair'), PATIENCE);
    expect(toJedlix(calls)).toEqual(['pair', 'unpair']);
  });

  it('is told of to a provider that a request had asked and died', async () => {
    const { calls } = providersAnswer(() => Response.json({}));
    const id = await registered();
    const claim = { chargePointId: id, provider: 'jedlix', target: { format: 'ocpp' }, isExclusive: true } as const;
    await claimPairing(env.DB, { ...claim, now: Date.now() - 2 * MINUTE });
    expect((await remove(id)).status).toBe(204);
    await vi.waitUntil(() => toJedlix(calls).includes('unpair'), PATIENCE);
    expect(toJedlix(calls)).toEqual(['unpair']);
  });
});

describe('unpairing', () => {
  it('is answered when the provider has been told, not before', async () => {
    const provider = { isAnswering: false };
    const { calls } = providersAnswer(async ({ path }) => {
      while (path.endsWith('/unpair') && !provider.isAnswering) await scheduler.wait(5);
      return Response.json({});
    });
    const id = await registered();
    await pair(id);
    const answered = vi.fn<() => void>();
    const unpairing = unpair(id).finally(answered);
    await vi.waitUntil(() => toJedlix(calls).includes('unpair'), PATIENCE);
    // Another request in the meantime: one that did not wait would have been answered by then.
    expect((await call(`/api/chargers/${id}`)).status).toBe(200);
    expect(answered).not.toHaveBeenCalled();
    provider.isAnswering = true;
    expect((await unpairing).status).toBe(204);
  });

  it('that the provider did not hear of is told once, however often it is asked for', async () => {
    const id = await registered();
    providersAnswer(() => new Response('{}', { status: 503 }));
    for (const generation of [1, 1, 2, 3]) await tellEnded(id, generation, true);
    const { calls } = providersAnswer(() => Response.json({}));
    expect(await station(id).isUnpairingTold('jedlix', true)).toBe(true);
    expect(toJedlix(calls)).toEqual(['unpair']);
  });

  it('that does not reach the station leaves the pairing there, to be ended again', async () => {
    const { calls } = providersAnswer(() => Response.json({}));
    vi.spyOn(console, 'error').mockReturnValue();
    const id = await registered();
    await pair(id);
    const unreachable = { learnPairing: () => Promise.reject(new Error('the object was reset')) };
    const CHARGING_STATION = { getByName: () => unreachable };
    const request = requestTo(`/api/chargers/${id}/pairings/jedlix`, { method: 'DELETE' });
    expect((await createApp().fetch(request, { ...env, CHARGING_STATION })).status).toBe(500);
    expect(await pairingsOf(id)).toMatchObject([{ status: 'paired' }]);
    expect((await unpair(id)).status).toBe(204);
    expect(await pairingsOf(id)).toEqual([]);
    expect(toJedlix(calls)).toEqual(['pair', 'unpair']);
  });

  it('that died after the station heard of it is finished by its repeat, and told once', async () => {
    const { calls } = providersAnswer(() => Response.json({}));
    const id = await registered();
    await pair(id);
    const [pairing] = await pairingsOf(id);
    if (pairing === undefined) throw new Error('the charger was not paired');
    await tellEnded(id, pairing.generation, true);
    await sweep(env, Date.now());
    expect(await pairingsOf(id)).toMatchObject([{ status: 'paired' }]);
    expect((await unpair(id)).status).toBe(204);
    expect(await pairingsOf(id)).toEqual([]);
    expect(toJedlix(calls)).toEqual(['pair', 'unpair']);
    expect(await entriesOf(id)).toMatchObject([{ kind: 'paired' }, { kind: 'unpaired' }]);
  });

  it('that comes late leaves a pairing alone that was made since', async () => {
    const id = await registered();
    await verify(await issuedAt(id));
    await verify(await issuedAt(id), { at: T0 + 1 });
    await tellEnded(id, 1);
    await endPairing(env.DB, { chargePointId: id, provider: 'jedlix', generation: 1 }, T0 + 2);
    expect(await listPairings(env.DB, id, T0)).toMatchObject([{ status: 'paired', generation: 2 }]);
    expect(await entriesOf(id)).toMatchObject([{ kind: 'paired' }, { kind: 'paired' }]);
  });

  it('that comes late leaves a pairing alone that the station heard of first, and took for the old one', async () => {
    const id = await registered();
    await verify(await issuedAt(id));
    await tellPaired(id, 2);
    await tellEnded(id, 1, true);
    const made = [{ kind: 'paired' }, { kind: 'paired' }];
    expect(await entriesOf(id)).toMatchObject(made);
    await tellEnded(id, 2);
    expect(await entriesOf(id)).toMatchObject([...made, { kind: 'unpaired' }]);
  });

  it.each([true, false])(
    'that overtakes the news of its pairing ends it all the same (is the provider told: %j)',
    async (isTold) => {
      providersAnswer(() => Response.json({}));
      const id = await registered();
      await tellEnded(id, 1, isTold);
      const before = await entriesOf(id);
      await tellPaired(id, 1);
      expect(await entriesOf(id)).toEqual(before);
      await tellPaired(id, 2);
      expect((await entriesOf(id)).at(-1)).toMatchObject({ kind: 'paired' });
    },
  );

  it('is not undone by the sweep, which finds the pairing in the registry still', async () => {
    providersAnswer(() => Response.json({}));
    const id = await registered();
    await verify(await issuedAt(id));
    await tellEnded(id, 1);
    await sweep(env, T0 + MINUTE);
    expect(await entriesOf(id)).toMatchObject([{ kind: 'paired' }, { kind: 'unpaired' }]);
  });

  it('comes too for a pairing that is made while its charger is being removed', async () => {
    const { calls } = providersAnswer(() => Response.json({}));
    const id = await registered();
    const code = await issuedAt(id, Date.now());
    const batch = env.DB.batch.bind(env.DB);
    const late = vi.spyOn(env.DB, 'batch').mockImplementationOnce(async (statements: D1PreparedStatement[]) => {
      expect(await verify(code, { at: Date.now() })).toBe(id);
      return batch(statements);
    });
    expect((await call(`/api/chargers/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(late).toHaveBeenCalledTimes(2);
    expect(toJedlix(calls)).toEqual(['unpair']);
    expect(await pairingsOf(id)).toEqual([]);
    expect(await entriesOf(id)).toMatchObject([
      { kind: 'deregistered' },
      { kind: 'paired' },
      { kind: 'unpaired' },
      { kind: 'deregistered' },
    ]);
  });

  it('is not undone by a repeat of what made the pairing, whichever way that was', async () => {
    providersAnswer(() => Response.json({}));
    const [byTheirs, byOurs] = [await registered(), await registered()];
    const code = await issuedAt(byOurs);
    const again = async (now: number) => {
      expect(await pairCharger(contextAt(now), await chargerOf(byTheirs), JEDLIX)).toMatchObject({ ok: true });
      expect(await verify(code, { at: now })).toBe(byOurs);
    };
    await again(T0);
    for (const id of [byTheirs, byOurs]) await tellEnded(id, 1);
    await again(T0 + 2);
    for (const id of [byTheirs, byOurs]) {
      expect(await entriesOf(id)).toMatchObject([{ kind: 'paired' }, { kind: 'unpaired' }]);
    }
  });

  it('while the same provider is asked about another code leaves the charger unpaired, and the provider knows', async () => {
    const id = await registered();
    providersAnswer(() => Response.json({}));
    await pair(id);
    const { provider, calls, isAsked } = slowProvider();
    const again = pair(id, { provider: 'jedlix', code: '654321' });
    await isAsked();
    expect((await unpair(id)).status).toBe(204);
    provider.isAnswering = true;
    await expectProblem(await again, 409, 'pairing-in-progress');
    expect(await pairingsOf(id)).toEqual([]);
    await vi.waitUntil(() => toJedlix(calls).length === 3, PATIENCE);
    expect(toJedlix(calls)).toEqual(['pair', 'unpair', 'unpair']);
  });
});

describe('a code of ours that is verified while a code of the app is asked about', () => {
  it('pairs, whatever becomes of the other', async () => {
    const { provider, calls, isAsked } = slowProvider();
    provider.status = 503;
    const id = await registered();
    const asking = pair(id);
    await isAsked();
    const code = await issuedAt(id, Date.now());
    expect(await verify(code, { at: Date.now() + 1 })).toBe(id);
    provider.isAnswering = true;
    await expectProblem(await asking, 503, 'provider-unavailable');
    expect(await pairingsOf(id)).toMatchObject([{ provider: 'jedlix', status: 'paired' }]);
    expect(await entriesOf(id)).toMatchObject([{ kind: 'paired', origin: 'code-from-us' }]);
    expect(toJedlix(calls)).toEqual(['pair']);
  });
});
