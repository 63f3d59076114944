/** The console's sign-in, the assets and the reference, as a browser gets them. */
import { exports } from 'cloudflare:workers';
import { createExecutionContext, env } from 'cloudflare:test';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import worker from '../../src/index.ts';
import { standIn } from '../outside.ts';
import { ADMIN_TOKEN, CSMS_TOKEN } from '../settings.ts';
import { call, expectProblem, registered, requestTo } from './client.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const SIGN_IN = '/console/session';
const signIn = (token: string) => call(SIGN_IN, { token: null, json: { token } });
const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';
const session = async () => cookieOf(await signIn(ADMIN_TOKEN));
const withCookie = (cookie: string, headers: Record<string, string> = {}) => ({
  token: null,
  headers: { cookie, ...headers },
});
/** The same Worker with other settings. */
const under = (settings: Record<string, unknown>, path: string, options: Parameters<typeof requestTo>[1]) =>
  worker.fetch(
    requestTo(path, options) as Parameters<typeof worker.fetch>[0],
    { ...env, ...settings },
    createExecutionContext(),
  );

describe('signing in', () => {
  it('gives a cookie that scripts cannot read and other sites cannot send', async () => {
    const response = await signIn(ADMIN_TOKEN);
    expect([response.status, await response.json()]).toEqual([200, { by: 'console' }]);
    expect(response.headers.get('set-cookie')).toMatch(
      /^__Host-scsp-session=\d{13}\.[0-9a-f]{64}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  it.each([['wrong'], [CSMS_TOKEN], [`${ADMIN_TOKEN} `]])('with %s is refused', async (token) => {
    const response = await signIn(token);
    expect(response.headers.get('set-cookie')).toBeNull();
    await expectProblem(response, 401, 'unauthorized');
    expect(await (await call(SIGN_IN, { token: null })).json()).toEqual({ by: null });
  });

  it.each([[{}], [{ token: 1 }], [{ token: '' }], [[]], [null]])('with the body %j is refused', async (json) => {
    await expectProblem(await call(SIGN_IN, { token: null, json }), 400, 'envelope-invalid');
  });

  it('opens what the admin token opens, and says who is signed in', async () => {
    const cookie = await session();
    expect(await (await call(SIGN_IN, withCookie(cookie))).json()).toEqual({ by: 'console' });
    expect((await call('/api/providers', withCookie(cookie))).status).toBe(200);
    expect((await call('/api/chargers', withCookie(cookie))).status).toBe(200);
    const ready = await (await call('/readyz', withCookie(cookie))).json<{ checks: { detail?: string }[] }>();
    expect(ready.checks.some(({ detail }) => detail !== undefined)).toBe(true);
  });

  it('ends after twelve hours, when the token is taken away, and by signing out', async () => {
    const cookie = await session();
    await expectProblem(
      await under({ ADMIN_TOKEN: 'another' }, '/api/providers', withCookie(cookie)),
      401,
      'unauthorized',
    );
    expect((await under({ ADMIN_TOKEN: `another,${ADMIN_TOKEN}` }, '/api/providers', withCookie(cookie))).status).toBe(
      200,
    );
    const out = await call(SIGN_IN, { ...withCookie(cookie), method: 'DELETE' });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 12 * 3_600_000 + 1000 });
    await expectProblem(await call('/api/providers', withCookie(cookie)), 401, 'unauthorized');
  });

  it('cannot be made up, or made longer', async () => {
    const [name, value = ''] = (await session()).split('=');
    const [, mac] = value.split('.');
    const forged = [`${Date.now() + 10 ** 12}.${mac}`, `${value}0`, `x${value}`, '', `${Date.now() + 1000}.`, 'a.b'];
    for (const each of forged)
      await expectProblem(await call('/api/providers', withCookie(`${name}=${each}`)), 401, 'unauthorized');
  });
});

describe('a browser that is signed in', () => {
  it('writes only with the header of the console', async () => {
    const [cookie, id] = [await session(), await registered()];
    const path = `/api/chargers/${id}`;
    await expectProblem(await call(path, { ...withCookie(cookie), method: 'DELETE' }), 403, 'console-header-missing');
    const answer = await call(path, { ...withCookie(cookie, { 'x-scsp-console': '1' }), method: 'DELETE' });
    expect(answer.status).toBe(204);
  });

  it('is judged by its token alone when it presents one', async () => {
    const cookie = await session();
    await expectProblem(await call('/api/providers', { token: CSMS_TOKEN, headers: { cookie } }), 401, 'unauthorized');
    await expectProblem(await call('/api/chargers', { token: 'wrong', headers: { cookie } }), 401, 'unauthorized');
  });

  it('does not reach the routes of providers and webhooks', async () => {
    const cookie = await session();
    const headers = { cookie, 'x-scsp-console': '1' };
    for (const path of ['/webhooks/ocpp', '/v1/cpo/ocpp1.6/pair', '/stekker/chargers/x/set-charging-profile'])
      expect((await call(path, { token: null, headers, json: {} })).status).toBe(401);
  });

  it('is told when an answer has not changed', async () => {
    const cookie = await session();
    const first = await call('/api/alerts', withCookie(cookie));
    const etag = first.headers.get('etag') ?? '';
    expect(etag).not.toBe('');
    const again = await call('/api/alerts', withCookie(cookie, { 'if-none-match': etag }));
    expect([again.status, await again.text()]).toEqual([304, '']);
  });
});

describe('behind Cloudflare Access', () => {
  const SETTINGS = { ACCESS_TEAM_DOMAIN: 'cpo', ACCESS_AUD: 'application' };
  const ORIGIN = 'https://cpo.cloudflareaccess.com';
  let keys: { publicKey: CryptoKey; privateKey: CryptoKey };
  let other: { privateKey: CryptoKey };
  beforeAll(async () => {
    keys = await generateKeyPair('RS256', { extractable: true });
    other = await generateKeyPair('RS256');
  });

  const assertion = (changes: { iss?: string; aud?: string; exp?: string } = {}) =>
    new SignJWT({ email: 'ada@cpo.example' })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(changes.iss ?? ORIGIN)
      .setAudience(changes.aud ?? 'application')
      .setExpirationTime(changes.exp ?? '1h');
  /** Access hands out its keys; gives how often it was asked. */
  async function access() {
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256' };
    return standIn({ 'cpo.cloudflareaccess.com': () => Response.json({ keys: [jwk] }) });
  }
  const ask = (jwt: string, path = '/api/alerts', more: Record<string, string> = {}, method = 'GET') =>
    under(SETTINGS, path, { method, token: null, headers: { 'cf-access-jwt-assertion': jwt, ...more } });

  it('while its keys cannot be fetched, nobody is let in', async () => {
    standIn({ 'cpo.cloudflareaccess.com': () => new Response(null, { status: 500 }) });
    const jwt = await assertion().sign(keys.privateKey);
    await expectProblem(await ask(jwt), 401, 'unauthorized');
  });

  it('the verified identity is the operator, and its writes need the header', async () => {
    await access();
    const jwt = await assertion().sign(keys.privateKey);
    expect(await (await ask(jwt, SIGN_IN)).json()).toEqual({ by: 'ada@cpo.example' });
    expect((await ask(jwt, '/api/providers')).status).toBe(200);
    await expectProblem(await ask(jwt, '/api/providers/stekker/retry', {}, 'POST'), 403, 'console-header-missing');
    expect((await ask(jwt, '/api/providers/stekker/retry', { 'x-scsp-console': '1' }, 'POST')).status).toBe(202);
  });

  it('nobody else is', async () => {
    await access();
    const claims = { email: 'eve@cpo.example', iss: ORIGIN, aud: 'application', exp: 4_000_000_000 };
    const publicKey = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)));
    const forged = [
      await assertion({ aud: 'another' }).sign(keys.privateKey),
      await assertion({ iss: 'https://eve.cloudflareaccess.com' }).sign(keys.privateKey),
      await assertion({ exp: '-1h' }).sign(keys.privateKey),
      await assertion().sign(other.privateKey),
      new UnsecuredJWT(claims).encode(),
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(publicKey),
      'not.a.jwt',
      '',
    ];
    for (const jwt of forged) await expectProblem(await ask(jwt), 401, 'unauthorized');
  });

  it('without its settings an assertion counts for nothing', async () => {
    await access();
    const headers = { 'cf-access-jwt-assertion': await assertion().sign(keys.privateKey) };
    await expectProblem(await call('/api/providers', { token: null, headers }), 401, 'unauthorized');
  });
});

describe('what is served to browsers', () => {
  const get = (path: string) => exports.default.fetch(new Request(`https://scsp.test${path}`));

  it('the page of the console at each of its paths, with a strict policy', async () => {
    for (const path of ['/console', '/console/', '/console/chargers/CP-1/timeline', '/console/a.b']) {
      const response = await get(path);
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining('text/html'),
      ]);
      expect(response.headers.get('content-security-policy')).toBe(
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
      );
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(await response.text()).toContain('<div id="app">');
    }
  });

  it('its files, which never change', async () => {
    const html = await (await get('/console')).text();
    const [, script = ''] = /src="([^"]+)"/.exec(html) ?? [];
    const response = await get(script);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('javascript');
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    await expectProblem(await get('/console/gone-ABCDEFGH.js'), 404, 'not-found');
  });

  it('the reference, and a page that shows it without any other host', async () => {
    const reference = await (await get('/openapi.json')).json<{ openapi: string; paths: object }>();
    expect(reference.openapi).toMatch(/^3\.1/);
    expect(Object.keys(reference.paths)).toContain('/webhooks/{csms}');
    const page = await get('/docs');
    expect(await page.text()).toContain('spec-url="/openapi.json"');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const script = await get('/docs/redoc.js');
    expect(script.status).toBe(200);
    expect(await script.text()).not.toMatch(/https:\/\/cdn\./);
  });
});
