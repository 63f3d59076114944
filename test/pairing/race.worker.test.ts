import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { codeShape, GUESSES_PER_HIT } from '../../src/pairing/code.ts';
import { findSituation, storeCode } from '../../src/pairing/stored-codes.ts';
import { call, freshId, registered, requestTo } from '../http/client.ts';
import { JEDLIX_HOST, JEDLIX_TOKEN, STEKKER_HOST } from '../settings.ts';
import { entriesOf, issuedAt, MINUTE, providersAnswer, T0 } from './world.ts';

const AT_ONCE = 50;

beforeEach(() => {
  vi.spyOn(console, 'info').mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const atOnce = <T>(work: (n: number) => Promise<T>) => Promise.all(Array.from({ length: AT_ONCE }, (_, n) => work(n)));
const pair = (id: string, provider: string) =>
  call(`/api/chargers/${id}/pairings`, { json: { provider, code: 'PEN4E' } });
const verify = (code: string) => call('/v1/cpo/ocpp2.0.1/pair', { json: { code }, token: JEDLIX_TOKEN });
const pairingsOf = async (id: string) => {
  const { pairings } = await (await call(`/api/chargers/${id}/pairings`)).json<{ pairings: unknown[] }>();
  return pairings;
};
/** The providers that the charger's station was told of, in order. */
const toldOf = async (id: string) => (await entriesOf(id)).filter((entry) => Object(entry).kind === 'paired');

/** A provider that answers once each of so many requests (`came` counts one) has come to it, or was answered without it. */
function answersLast(requests: number) {
  const state = { open: requests };
  const { calls } = providersAnswer(async () => {
    state.open -= 1;
    while (state.open > 0) await scheduler.wait(2);
    return Response.json({});
  });
  const came = (request: Promise<Response>) =>
    request.finally(() => {
      state.open -= 1;
    });
  return { calls, came };
}

describe('many at once', () => {
  it('that verify one code get the same charger, and make one pairing', async () => {
    const { calls } = providersAnswer(() => Response.json({}));
    const id = await registered();
    const code = await issuedAt(id, Date.now());
    const answers = await atOnce(() => verify(code));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const bodies = new Set(await Promise.all(answers.map((answer) => answer.text())));
    expect([...bodies]).toEqual([expect.stringContaining(id)]);
    expect(await pairingsOf(id)).toMatchObject([{ provider: 'jedlix', status: 'paired' }]);
    expect(await toldOf(id)).toHaveLength(1);
    expect(calls).toEqual([]);
  });

  it('that pair one charger with two providers leave one pairing, and only its provider was asked', async () => {
    const { calls, came } = answersLast(AT_ONCE);
    const id = await registered();
    const answers = await atOnce((n) => came(pair(id, n % 2 === 0 ? 'stekker' : 'jedlix')));
    const [pairing, ...others] = await pairingsOf(id);
    expect(pairing).toMatchObject({ status: 'paired' });
    expect(others).toEqual([]);
    const winner: string = Object(pairing).provider;
    const bodies = await Promise.all(answers.map((answer) => answer.json<{ provider?: string; reason?: string }>()));
    const paired = bodies.flatMap(({ provider }) => (provider === undefined ? [] : [provider]));
    expect(new Set(paired)).toEqual(new Set([winner]));
    const refusals = new Set(bodies.flatMap(({ reason }) => (reason === undefined ? [] : [reason])));
    expect([...refusals].toSorted()).toEqual(['charger-already-paired', 'pairing-in-progress']);
    const [loserHost] = [STEKKER_HOST, JEDLIX_HOST].filter((host) => !host.startsWith(winner));
    expect(calls.filter(({ host }) => host === loserHost)).toEqual([]);
    expect(await toldOf(id)).toMatchObject([{ provider: winner }]);
  });

  it('of which some verify our code and some bring another provider’s leave one pairing', async () => {
    const { came } = answersLast(AT_ONCE);
    const id = await registered();
    const code = await issuedAt(id, Date.now());
    const answers = await atOnce((n) => came(n % 2 === 0 ? pair(id, 'stekker') : verify(code)));
    const pairings = await pairingsOf(id);
    expect(pairings).toHaveLength(1);
    const isJedlix = Object(pairings[0]).provider === 'jedlix';
    const verified = answers.filter((_, n) => n % 2 === 1).map(({ status }) => status);
    expect(new Set(verified)).toEqual(new Set([isJedlix ? 200 : 409]));
    expect(await toldOf(id)).toHaveLength(1);
  });

  it('pair two providers with one charger where the operator allows it', async () => {
    const { calls } = answersLast(2);
    const id = await registered();
    const shared = { ...env, ONE_PROVIDER_PER_CHARGER: 'false' };
    const answers = await Promise.all(
      ['stekker', 'jedlix'].map(async (provider) =>
        createApp().fetch(
          requestTo(`/api/chargers/${id}/pairings`, { json: { provider, code: '1' } }),
          shared,
          createExecutionContext(),
        ),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(await pairingsOf(id)).toMatchObject([{ provider: 'jedlix' }, { provider: 'stekker' }]);
    expect(calls.filter(({ path }) => path.endsWith('unpair'))).toEqual([]);
  });

  it('that issue codes do not make guessing easier than it may be', async () => {
    providersAnswer(() => Response.json({}));
    const ids = await Promise.all(Array.from({ length: AT_ONCE }, () => registered()));
    const codes = await Promise.all(ids.map((id) => issuedAt(id)));
    const { live } = await findSituation(env.DB, { provider: 'jedlix', chargePointId: '' }, T0);
    const digits = (length: number) => codes.filter((code) => code.length === length && /^\d+$/.test(code)).length;
    expect(live).toBeGreaterThanOrEqual(AT_ONCE);
    for (const length of [8, 9]) expect(digits(length) / 10 ** length).toBeLessThanOrEqual(1 / GUESSES_PER_HIT);
    expect(digits(8) + digits(9)).toBeLessThanOrEqual(10);
    expect(codes.filter((code) => code.length === 8)).toHaveLength(AT_ONCE - digits(9));
  });

  it('cannot store one code more than the shape allows', async () => {
    const now = T0 + 90 * 24 * 60 * MINUTE;
    const { live } = await findSituation(env.DB, { provider: 'stekker', chargePointId: '' }, now);
    const { maxLive } = codeShape(live + 1, 'auto');
    const ids = await Promise.all(Array.from({ length: AT_ONCE }, () => registered()));
    const code = (chargePointId: string) => ({
      codeHash: freshId(),
      provider: 'stekker',
      chargePointId,
      target: { format: 'ocpp' } as const,
      createdAt: now,
      expiresAt: now + MINUTE,
    });
    const stored = await Promise.all(ids.map((id) => storeCode(env.DB, code(id), maxLive)));
    expect(stored.filter((isStored) => isStored)).toHaveLength(maxLive);
  });
});
