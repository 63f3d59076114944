import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { pairCharger } from '../../src/pairing/pair.ts';
import { findCharger } from '../../src/storage/chargers.ts';
import { claimPairing, completePairing } from '../../src/pairing/claims.ts';
import { listPairings } from '../../src/pairing/pairings.ts';
import { call, expectProblem, registered, uidOf } from '../http/client.ts';
import { JEDLIX_HOST } from '../settings.ts';
import { PATIENCE } from '../patience.ts';
import { contextAt, entriesOf, MINUTE, providersAnswer, T0 } from './world.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const JEDLIX = { provider: 'jedlix', code: '123456', format: 'ocpp' } as const;

/** Pairs at a moment of choice; gives "paired" or the reason of the refusal. */
async function pairAt(id: string, at: number, request: Partial<typeof JEDLIX> | { readonly code: string } = {}) {
  const charger = await findCharger(env.DB, id);
  if (charger === undefined) throw new Error('no such charger');
  const paired = await pairCharger(contextAt(at), charger, { ...JEDLIX, ...request });
  return paired.ok ? paired.value.status : paired.error.reason;
}

const pathsTo = (calls: readonly { readonly host: string; readonly path: string }[]) =>
  calls.filter(({ host }) => host === JEDLIX_HOST).map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
const answering = (status: number) => providersAnswer(() => new Response('{}', { status }));

/** What another request does when it finds a claim that has run out. */
async function pairWithRival(chargePointId: string, now: number): Promise<void> {
  const rival = { chargePointId, provider: 'stekker', target: { format: 'ocpp' }, isExclusive: true, now } as const;
  const audit = { by: 'csms', caller: 'test', requestId: 'test', origin: 'code-from-provider' } as const;
  await claimPairing(env.DB, rival);
  await completePairing(env.DB, { ...rival, generation: 1, codeHash: undefined, audit });
}

describe('a repeat after an answer that got lost', () => {
  it.each([404, 409])('is paired when the provider says %i to the code that it took', async (status) => {
    const id = await registered();
    answering(200);
    expect(await pairAt(id, T0)).toBe('paired');
    answering(status);
    expect(await pairAt(id, T0 + 10 * MINUTE, { code: ' 12-34 56' })).toBe('paired');
    expect(await listPairings(env.DB, id, T0)).toMatchObject([{ status: 'paired', pairedAt: T0 }]);
  });

  it('is refused as the provider says after ten minutes, and the pairing stays', async () => {
    const id = await registered();
    answering(200);
    await pairAt(id, T0);
    answering(404);
    expect(await pairAt(id, T0 + 10 * MINUTE + 1)).toBe('pairing-code-incorrect');
    expect(await listPairings(env.DB, id, T0)).toMatchObject([{ status: 'paired', pairedAt: T0 }]);
  });

  it('is refused as the provider says with another code, and the pairing stays', async () => {
    const id = await registered();
    answering(200);
    await pairAt(id, T0);
    answering(409);
    expect(await pairAt(id, T0 + MINUTE, { code: '654321' })).toBe('charger-already-paired');
    expect(await listPairings(env.DB, id, T0)).toMatchObject([{ status: 'paired', pairedAt: T0 }]);
  });

  it('leaves the pairing alone when the provider is down', async () => {
    const id = await registered();
    answering(200);
    await pairAt(id, T0);
    const { calls } = answering(503);
    expect(await pairAt(id, T0 + MINUTE)).toBe('provider-unavailable');
    expect(pathsTo(calls)).toEqual(['pair']);
    expect(await listPairings(env.DB, id, T0)).toMatchObject([{ status: 'paired' }]);
    expect(await entriesOf(id)).toMatchObject([{ kind: 'paired' }]);
  });
});

describe('a provider whose answer got lost', () => {
  it('is told that there is no pairing, before it is asked again', async () => {
    const id = await registered();
    const lost = providersAnswer(({ path }) => {
      if (path.endsWith('/pair')) throw new Error('the connection broke');
      return new Response('{}', { status: 404 });
    });
    expect(await pairAt(id, T0)).toBe('provider-unavailable');
    expect(await listPairings(env.DB, id, T0)).toEqual([]);
    await vi.waitUntil(() => pathsTo(lost.calls).includes('unpair'), PATIENCE);
    const { calls } = answering(200);
    expect(await pairAt(id, T0 + MINUTE)).toBe('paired');
    expect(pathsTo(calls)).toEqual(['pair']);
  });

  it('is not asked while it cannot be told', async () => {
    const id = await registered();
    answering(503);
    expect(await pairAt(id, T0)).toBe('provider-unavailable');
    const { calls } = answering(503);
    expect(await pairAt(id, T0 + MINUTE)).toBe('provider-unavailable');
    expect(pathsTo(calls)).toEqual(['unpair']);
    expect(await listPairings(env.DB, id, T0)).toEqual([]);
  });

  it('is told too when our own request died, and its claim is taken over', async () => {
    const id = await registered();
    const claim = { chargePointId: id, provider: 'jedlix', target: { format: 'ocpp' }, isExclusive: true } as const;
    await claimPairing(env.DB, { ...claim, now: T0 });
    const { calls } = answering(200);
    expect(await pairAt(id, T0 + MINUTE)).toBe('pairing-in-progress');
    expect(await pairAt(id, T0 + 2 * MINUTE)).toBe('paired');
    expect(pathsTo(calls)).toEqual(['unpair', 'pair']);
  });

  it('is told of the EVSE that the request was about which died, not of what is paired now', async () => {
    const id = await registered();
    const target = { format: 'ocpi', evseUid: uidOf(id) } as const;
    await claimPairing(env.DB, { chargePointId: id, provider: 'jedlix', target, isExclusive: true, now: T0 });
    const { calls } = answering(200);
    expect(await pairAt(id, T0 + 2 * MINUTE)).toBe('paired');
    const paths = calls.filter(({ host }) => host === JEDLIX_HOST).map(({ path }) => path);
    expect(paths).toEqual([`/v1/scsp/evse/${uidOf(id)}/unpair`, '/v1/scsp/ocpp2.0.1/pair']);
  });

  it('is told when the charger was given to another meanwhile', async () => {
    const id = await registered();
    const { calls } = providersAnswer(async ({ path }) => {
      if (path.endsWith('/pair')) await pairWithRival(id, T0 + 2 * MINUTE);
      return Response.json({});
    });
    expect(await pairAt(id, T0)).toBe('charger-already-paired');
    expect(await listPairings(env.DB, id, T0)).toMatchObject([{ provider: 'stekker', status: 'paired' }]);
    await vi.waitUntil(() => pathsTo(calls).includes('unpair'), PATIENCE);
  });

  it('is told when the charger was removed meanwhile', async () => {
    const id = await registered();
    const jedlix = { isAnswering: false };
    const { calls } = providersAnswer(async ({ path }) => {
      while (path.endsWith('/pair') && !jedlix.isAnswering) await scheduler.wait(5);
      return Response.json({});
    });
    const pairing = call(`/api/chargers/${id}/pairings`, { json: { provider: 'jedlix', code: '123456' } });
    await vi.waitUntil(() => pathsTo(calls).includes('pair'), PATIENCE);
    expect((await call(`/api/chargers/${id}`, { method: 'DELETE' })).status).toBe(204);
    jedlix.isAnswering = true;
    await expectProblem(await pairing, 404, 'charger-unknown');
    await vi.waitUntil(() => pathsTo(calls).includes('unpair'), PATIENCE);
  });
});
