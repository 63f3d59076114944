/** Every route with every kind of credential, and every route that takes a body at its bounds. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Caller, Operation } from '../../reference/operation.ts';
import { OPERATIONS } from '../../reference/operations/index.ts';
import { call, registered } from '../http/client.ts';
import { standInProviders } from '../station/world.ts';
import { ADMIN_TOKEN, CSMS_TOKEN, JEDLIX_TOKEN, OTHER_CSMS_TOKEN, STEKKER_KEY } from '../settings.ts';

let chargePointId = '';
beforeEach(async () => {
  standInProviders();
  chargePointId = await registered();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
/** Credentials by name: as headers, and whom they are of. */
const CREDENTIALS: Readonly<Record<string, { readonly headers: Record<string, string>; readonly of?: Holder }>> = {
  none: { headers: {} },
  'an empty token': { headers: bearer('') },
  'a wrong token': { headers: bearer(`${CSMS_TOKEN}x`) },
  'a comma': { headers: bearer(',') },
  'the CSMS’s token': { headers: bearer(CSMS_TOKEN), of: 'csms' },
  'the CSMS’s other token': { headers: { authorization: `Token ${OTHER_CSMS_TOKEN}` }, of: 'csms' },
  'both tokens of the CSMS as one': { headers: bearer(`${CSMS_TOKEN}, ${OTHER_CSMS_TOKEN}`) },
  'the operator’s token': { headers: bearer(ADMIN_TOKEN), of: 'admin' },
  'Jedlix’s token': { headers: bearer(JEDLIX_TOKEN), of: 'jedlix' },
  'Stekker’s key as a token': { headers: bearer(STEKKER_KEY) },
  'Stekker’s key': { headers: { secret: STEKKER_KEY }, of: 'stekker' },
  'the CSMS’s token as a key': { headers: { secret: CSMS_TOKEN } },
  'the operator’s token as a cookie': { headers: { cookie: `session=${ADMIN_TOKEN}; __Host-session=${ADMIN_TOKEN}` } },
};
type Holder = 'csms' | 'admin' | 'jedlix' | 'stekker';
const OPENS: Readonly<Record<Exclude<Caller, 'everyone'>, readonly Holder[]>> = {
  csms: ['csms', 'admin'],
  admin: ['admin'],
  jedlix: ['jedlix'],
  stekker: ['stekker'],
  webhook: ['csms'],
};

const PARTS: Readonly<Record<string, () => string>> = {
  chargePointId: () => chargePointId,
  uid: () => chargePointId,
  csms: () => 'ocpp',
  protocol: () => 'ocpp2.0.1',
  provider: () => 'stekker',
  token: () => 'no-token-of-ours',
};
const pathOf = ({ path }: Operation) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARTS[name]?.() ?? '00000000-0000-4000-8000-000000000000');

const nameOf = ({ method, path }: Operation) => `${method} ${path}`;
const GUARDED = OPERATIONS.filter(({ caller }) => caller !== 'everyone');

describe('is opened by the credentials of its callers, and by no other', () => {
  test.each(GUARDED.map((operation) => [nameOf(operation), operation] as const))('%s', async (_, operation) => {
    const { caller, method, body } = operation;
    const opened: string[] = [];
    for (const [name, { headers }] of Object.entries(CREDENTIALS)) {
      const json = body === undefined ? {} : { json: {} };
      const response = await call(pathOf(operation), { method, token: null, headers, ...json });
      const text = await response.text();
      for (const secret of [CSMS_TOKEN, ADMIN_TOKEN, JEDLIX_TOKEN, STEKKER_KEY]) expect(text).not.toContain(secret);
      expect(response.status).toBeLessThan(500);
      if (response.status !== 401) opened.push(name);
    }
    const holders = caller === 'everyone' ? [] : OPENS[caller];
    const expected = Object.entries(CREDENTIALS).filter(([, { of }]) => of !== undefined && holders.includes(of));
    expect(opened).toEqual(expected.map(([name]) => name));
  });
});

describe('refuses a body at its bounds', () => {
  const TOKENS = { csms: CSMS_TOKEN, admin: ADMIN_TOKEN, jedlix: JEDLIX_TOKEN, webhook: CSMS_TOKEN, everyone: null };
  // A callback's token is looked at before its body.
  const taking = OPERATIONS.filter(({ body, path }) => body !== undefined && !path.startsWith('/callbacks/'));

  test.each(taking.map((operation) => [nameOf(operation), operation] as const))('%s', async (_, operation) => {
    const { caller, method } = operation;
    const token = caller === 'stekker' ? null : TOKENS[caller];
    const secret = caller === 'stekker' ? { secret: STEKKER_KEY } : {};
    const path = pathOf(operation).replace('no-token-of-ours', CSMS_TOKEN);
    const post = async (body: string) => {
      const headers = { 'content-type': 'application/json', ...secret };
      const response = await call(path, { method, token, headers, body });
      return { status: response.status, text: await response.text() };
    };
    expect(await post(`{"a":"${'é'.repeat(600_000)}"}`)).toMatchObject({ status: caller === 'jedlix' ? 400 : 413 });
    expect((await post(`{"a":${'['.repeat(70)}${']'.repeat(70)}}`)).status).toBe(400);
    expect((await post('{"a":')).status).toBe(400);
    expect((await post(String.raw`{"__proto__":{"x":1},"constructor":{"prototype":1}}`)).status).toBe(400);
  });
});
