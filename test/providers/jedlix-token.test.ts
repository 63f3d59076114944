/** Jedlix's OAuth token and the calls that need it: shared through KV, renewed once, and never a reason to lose a message. */
import type { DeliveryIo } from '../../src/recipient.ts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { send } from '../../src/providers/jedlix/client.ts';
import { readSettings } from '../../src/providers/jedlix/settings.ts';
import { classifyByHttp } from '../../src/http-outcome.ts';
import { JEDLIX_TOKEN_HOST, SETTINGS } from '../settings.ts';

const NOW = Date.parse('2026-03-31T12:00:00Z');
const MESSAGE = { name: 'TransactionEvent', method: 'POST', path: '/v1/x', body: { a: 1 } } as const;

/** KV as far as the client uses it. */
class FakeKv {
  readonly stored = new Map<string, { readonly value: string; readonly ttlS: number }>();
  isBroken = false;
  reads = 0;

  async get(key: string): Promise<string | null> {
    this.reads += 1;
    if (this.isBroken) throw new Error('KV is down');
    return this.stored.get(key)?.value ?? null;
  }

  async put(key: string, value: string, { expirationTtl }: { expirationTtl: number }): Promise<void> {
    if (this.isBroken) throw new Error('429 Too Many Requests');
    this.stored.set(key, { value, ttlS: expirationTtl });
  }
}

type Answer = () => Response;
let kv: FakeKv;
/** What the token server and Jedlix answer, in order; the last one stays. */
let tokens: Answer[];
let answers: Answer[];
let calls: { readonly url: string; readonly headers: Headers; readonly body: string }[];

const token =
  (name: string, expiresIn: unknown = 3600) =>
  () =>
    Response.json({ access_token: name, token_type: 'Bearer', expires_in: expiresIn });
const status = (code: number) => () => new Response('{}', { status: code });

beforeEach(() => {
  kv = new FakeKv();
  tokens = [token('token-1')];
  answers = [status(200)];
  calls = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    calls.push({ url: request.url, headers: request.headers, body: await request.text() });
    const queue = request.url.includes(JEDLIX_TOKEN_HOST) ? tokens : answers;
    const answer = queue.length > 1 ? queue.shift() : queue[0];
    if (answer === undefined) throw new Error('nobody answers');
    return answer();
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** What an isolate reads once: another call of this is another isolate, or one whose secret was rotated. */
function settingsOf(secret: string = SETTINGS.JEDLIX_CLIENT_SECRET) {
  const settings = readSettings({ ...SETTINGS, JEDLIX_CLIENT_SECRET: secret });
  if (!settings.ok || settings.value === undefined) throw new Error('Jedlix is not configured by the test settings');
  return settings.value;
}

function post({ now = NOW, settings = settingsOf(), traceparent = '00-1-2-01' } = {}) {
  const io: DeliveryIo = { cache: kv as unknown as KVNamespace, timeoutMs: 1000, now, traceparent };
  return send(MESSAGE, settings, io);
}

const tokenCalls = () => calls.filter(({ url }) => url.includes(JEDLIX_TOKEN_HOST));
const apiCalls = () => calls.filter(({ url }) => !url.includes(JEDLIX_TOKEN_HOST));
const bearers = () => apiCalls().map(({ headers }) => headers.get('authorization'));

describe('a call', () => {
  test('carries the token, the API key and the trace, as JSON', async () => {
    expect(await post()).toMatchObject({ kind: 'answer', status: 200 });
    const [call] = apiCalls();
    expect(call?.url).toBe(`${SETTINGS.JEDLIX_BASE_URL}/v1/x`);
    expect(call?.body).toBe('{"a":1}');
    expect(Object.fromEntries(call?.headers ?? [])).toMatchObject({
      authorization: 'Bearer token-1',
      apikey: SETTINGS.JEDLIX_API_KEY,
      'content-type': 'application/json',
      traceparent: '00-1-2-01',
    });
  });

  test('asks for a token by client credentials', async () => {
    await post();
    expect(Object.fromEntries(new URLSearchParams(tokenCalls()[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: SETTINGS.JEDLIX_CLIENT_ID,
      client_secret: SETTINGS.JEDLIX_CLIENT_SECRET,
      audience: SETTINGS.JEDLIX_AUDIENCE,
    });
  });
});

describe('a token', () => {
  test('is used again until a minute before it expires, then fetched anew', async () => {
    tokens = [token('token-1'), token('token-2')];
    await post();
    await post({ now: NOW + 3_539_000 });
    await post({ now: NOW + 3_541_000 });
    expect(bearers()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
    expect([...kv.stored.values()].map(({ ttlS }) => ttlS)).toEqual([3600]);
  });

  test('is kept in memory: KV is read once, and again when the token is over or refused', async () => {
    const settings = settingsOf();
    tokens = [token('token-1'), token('token-2'), token('token-3')];
    for (let call = 0; call < 5; call += 1) await post({ settings });
    expect(kv.reads).toBe(1);
    await post({ settings, now: NOW + 3_541_000 });
    expect(kv.reads).toBe(2);
    answers = [status(401), status(200)];
    await post({ settings, now: NOW + 3_541_000 });
    expect(kv.reads).toBe(3);
    await post({ settings, now: NOW + 3_541_000 });
    expect(kv.reads).toBe(3);
    expect(bearers().slice(-4)).toEqual(['Bearer token-2', 'Bearer token-2', 'Bearer token-3', 'Bearer token-3']);
  });

  test('that another isolate put into KV is taken into memory', async () => {
    await post();
    const settings = settingsOf();
    await post({ settings });
    await post({ settings });
    expect(tokenCalls()).toHaveLength(1);
    expect(kv.reads).toBe(2);
  });

  test('that lives only seconds is used for half its life, and kept as long as KV must', async () => {
    tokens = [token('token-1', 30), token('token-2', '30')];
    await post();
    await post({ now: NOW + 14_000 });
    await post({ now: NOW + 16_000 });
    expect(bearers()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
    expect([...kv.stored.values()].map(({ ttlS }) => ttlS)).toEqual([60]);
  });

  test.each([401, 403])('that is refused with %i is renewed once, within the same attempt', async (code) => {
    await post();
    tokens = [token('token-2')];
    answers = [status(code), status(200)];
    expect(await post()).toMatchObject({ status: 200 });
    expect(bearers()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
    answers = [status(code)];
    const refused = await post();
    expect(refused).toMatchObject({ kind: 'answer', status: code });
    expect(classifyByHttp(refused, NOW)).toEqual({ kind: 'deferred', reason: `http-${code}` });
    expect(tokenCalls()).toHaveLength(3);
  });

  test('of other credentials is not shared, and no secret stands in KV', async () => {
    await post();
    await post({ settings: settingsOf('rotated-secret') });
    expect(tokenCalls()).toHaveLength(2);
    expect([...kv.stored.keys()].join(' ')).not.toMatch(/secret/);
  });

  test('is fetched when KV cannot be read or written, and when it holds something else', async () => {
    kv.isBroken = true;
    expect(await post()).toMatchObject({ status: 200 });
    kv.isBroken = false;
    await post();
    const [key = ''] = kv.stored.keys();
    kv.stored.set(key, { value: 'no json', ttlS: 60 });
    expect(await post()).toMatchObject({ status: 200 });
    expect(tokenCalls()).toHaveLength(3);
  });
});

describe('a token server', () => {
  test.each([500, 503, 429, 408, 425])('that answers %i defers the message', async (code) => {
    tokens = [() => new Response('', { status: code, headers: { 'retry-after': '9' } })];
    const outcome = classifyByHttp(await post(), NOW);
    expect(outcome).toEqual({ kind: 'deferred', reason: `http-${code}`, retryAfterMs: 9000 });
    expect(apiCalls()).toEqual([]);
  });

  test('that is down defers the message', async () => {
    tokens = [];
    expect(classifyByHttp(await post(), NOW)).toEqual({ kind: 'deferred', reason: 'network' });
  });

  test.each([400, 401, 403])('that refuses the client with %i defers the message as "credential"', async (code) => {
    tokens = [status(code)];
    const exchanged = await post();
    expect(exchanged).toEqual({ kind: 'no-answer', cause: 'credential', detail: `token-server-http-${code}` });
    expect(classifyByHttp(exchanged, NOW)).toEqual({ kind: 'deferred', reason: 'credential' });
  });

  test.each([
    ['no JSON', () => new Response('<html>')],
    ['no token', () => Response.json({ token_type: 'Bearer' })],
    ['a redirect', () => new Response(null, { status: 302 })],
  ])('that answers with %s defers the message, and its answer is kept nowhere', async (_, answer) => {
    tokens = [answer];
    expect(await post()).toMatchObject({ kind: 'answer', status: 502, body: '' });
    expect(kv.stored.size).toBe(0);
  });
});
