/** POST /api/providers/{provider}/check: what the operator is told of a provider, and that nothing is changed there. */
import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { standIn } from '../outside.ts';
import { ADMIN_TOKEN, JEDLIX_HOST, JEDLIX_TOKEN_HOST, SETTINGS, STEKKER_HOST } from '../settings.ts';
import { call, expectProblem, requestTo } from './client.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const check = (provider: string) => call(`/api/providers/${provider}/check`, { method: 'POST', token: ADMIN_TOKEN });
const status = (code: number) => () => Response.json({}, { status: code });
const broken = () => Promise.reject(new Error('connection refused'));
const token = () => Response.json({ access_token: 'secret-token', expires_in: 3600 });

/** The answer in a few words: each step's name, "!" before those that failed. */
async function steps(response: Response): Promise<string> {
  const body: { ok: boolean; steps: { name: string; ok: boolean; detail: string }[] } = await response.json();
  expect(body.ok).toBe(body.steps.every(({ ok }) => ok));
  for (const { detail } of body.steps) expect(detail).toMatch(/^[A-Z].+\.$/);
  expect(JSON.stringify(body)).not.toMatch(/for-tests|secret-token/);
  return body.steps.map(({ name, ok }) => (ok ? name : `!${name}`)).join(' ');
}

describe('Jedlix', () => {
  it.each([
    ['a right answer of its API', token, status(404), 'token host credentials'],
    ['a refused API key', token, status(401), 'token host !credentials'],
    ['an API that fails', token, status(503), 'token !host'],
    ['an API that is not there', token, broken, 'token !host'],
    ['refused client credentials', status(401), status(404), '!token'],
    ['a token server that is not there', broken, status(404), '!token'],
  ])('is told apart by %s', async (_, tokenServer, api, expected) => {
    const { calls } = standIn({ [JEDLIX_TOKEN_HOST]: tokenServer, [JEDLIX_HOST]: api });
    const response = await check('jedlix');
    expect(response.status).toBe(200);
    expect(await steps(response)).toBe(expected);
    const paths = calls.map(({ path }) => path).filter((path) => path !== '/oauth/token');
    expect(new Set(paths).size).toBeLessThanOrEqual(1);
    expect(paths.every((path) => path === '/v1/scsp/chargingstations/scsp%20edge%20check/unpair')).toBe(true);
  });
});

describe('Stekker', () => {
  it.each([
    ['no refusal', status(404), 'host credentials'],
    ['a refused token', status(401), 'host !credentials'],
    ['a host that fails', status(500), '!host'],
    ['a host that is not there', broken, '!host'],
  ])('is told apart by %s', async (_, api, expected) => {
    const { calls } = standIn({ [STEKKER_HOST]: api });
    expect(await steps(await check('stekker'))).toBe(expected);
    expect(calls.map(({ method }) => method)).toEqual(['GET']);
  });

  it('says what could not be checked', async () => {
    standIn({ [STEKKER_HOST]: status(405) });
    expect(await (await check('stekker')).text()).toContain('could not be checked');
  });
});

it('refuses a provider that is unknown, off or half configured', async () => {
  await expectProblem(await check('tibber'), 400, 'provider-unknown');
  const off = Object.fromEntries(
    Object.keys(SETTINGS)
      .filter((name) => name.startsWith('JEDLIX_'))
      .map((name) => [name, '']),
  );
  const checkWith = (changes: object) =>
    createApp().fetch(
      requestTo('/api/providers/jedlix/check', { method: 'POST', token: ADMIN_TOKEN }),
      { ...env, ...changes },
      createExecutionContext(),
    );
  await expectProblem(await checkWith(off), 404, 'provider-off');
  await expectProblem(await checkWith({ JEDLIX_API_KEY: '' }), 503, 'provider-half-configured');
});
