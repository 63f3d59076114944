/** What the Worker says of itself: that it answers, and whether it can do its work. */
import { env, exports } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createApp } from '../../src/app.ts';
import { sweep } from '../../src/sweep.ts';
import { ADMIN_TOKEN, CSMS_TOKEN, OTHER_ADMIN_TOKEN } from '../settings.ts';

const Readiness = z.strictObject({
  ready: z.boolean(),
  checks: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
});

async function readyz(changes: object = {}, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const request = new Request('https://scsp.test/readyz', { headers });
  const response = await createApp().fetch(request, { ...env, ...changes });
  return { status: response.status, ...Readiness.parse(await response.json()) };
}

const failed = ({ checks }: z.infer<typeof Readiness>) => checks.filter(({ ok }) => !ok).map(({ name }) => name);

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('/healthz', () => {
  it('answers without credentials', async () => {
    const response = await exports.default.fetch('https://scsp.test/healthz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok', version: '0.2.0' });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('/readyz', () => {
  it('is ready when settings, migrations, cron and providers are', async () => {
    const { status, ready, checks } = await readyz();
    expect({ status, ready, failed: checks.filter(({ ok }) => !ok) }).toEqual({ status: 200, ready: true, failed: [] });
    expect(checks.map(({ name }) => name)).toEqual([
      'settings',
      'migrations',
      'cron',
      'jurisdiction',
      'evse-uids',
      'provider-stekker',
      'provider-jedlix',
    ]);
  });

  it.each([
    ['a provider is half configured', { STEKKER_TOKEN: '' }, 'provider-stekker', 'STEKKER_TOKEN'],
    ['a list of tokens has no entry', { JEDLIX_INBOUND_TOKENS: ' , ' }, 'provider-jedlix', 'JEDLIX_INBOUND_TOKENS'],
    ['a list of ours has no entry', { CSMS_TOKENS: ',' }, 'settings', 'CSMS_TOKENS'],
    ['a number is none', { PROVIDER_TIMEOUT_MS: 'soon' }, 'settings', 'PROVIDER_TIMEOUT_MS'],
    ['nobody could call us', { CSMS_TOKENS: '', CSMS_WEBHOOK_SECRETS: '' }, 'settings', 'CSMS_TOKENS'],
    ['codes could not be stored', { PAIRING_CODE_PEPPER: '' }, 'settings', 'PAIRING_CODE_PEPPER'],
    ['commands have no address', { CSMS_COMMAND_URL: '' }, 'settings', 'CSMS_COMMAND_URL'],
  ])('is not when %s, and names the setting to the operator alone', async (_, changes, check, setting) => {
    const open = await readyz(changes);
    expect({ status: open.status, failed: failed(open) }).toEqual({ status: 503, failed: [check] });
    expect(JSON.stringify(open)).not.toContain(setting);
    expect(JSON.stringify(await readyz(changes, CSMS_TOKEN))).not.toContain(setting);
    const told = await readyz(changes, ADMIN_TOKEN);
    expect(told.checks.find(({ name }) => name === check)?.detail).toContain(setting);
  });

  it('tells any of the admin tokens', async () => {
    const told = await readyz({ ADMIN_TOKEN: `${ADMIN_TOKEN}, ${OTHER_ADMIN_TOKEN}` }, OTHER_ADMIN_TOKEN);
    expect(told.checks.every(({ detail }) => detail !== undefined)).toBe(true);
  });

  it('is not when the cron trigger stopped, and is again when it runs', async () => {
    const hence = Date.now() + 16 * 60_000;
    vi.useFakeTimers({ toFake: ['Date'], now: hence });
    expect(failed(await readyz())).toEqual(['cron']);
    await sweep(env, hence);
    expect(failed(await readyz())).toEqual([]);
    vi.setSystemTime(hence + 16 * 60_000);
    expect(failed(await readyz())).toEqual(['cron']);
  });

  it('is not when D1 cannot be read or a migration is missing', async () => {
    const unreachable = {
      prepare: () => {
        throw new Error('D1 is down');
      },
    };
    expect(failed(await readyz({ DB: unreachable }))).toContain('migrations');
    const newest = await env.DB.prepare('SELECT name FROM d1_migrations ORDER BY name DESC LIMIT 1').first<string>(
      'name',
    );
    await env.DB.prepare('DELETE FROM d1_migrations WHERE name = ?1').bind(newest).run();
    const told = await readyz({}, ADMIN_TOKEN);
    expect(failed(told)).toEqual(['migrations']);
    expect(told.checks.find(({ name }) => name === 'migrations')?.detail).toContain(`Needed: ${newest}`);
  });
});

describe('the log of the cron trigger', () => {
  it('names bad settings and half-configured providers, never a value', async () => {
    const lines = vi.spyOn(console, 'error');
    const bad = { STEKKER_TOKEN: '', PROVIDER_TIMEOUT_MS: 'soon' };
    await sweep({ ...env, ...bad }, Date.now());
    const logged = lines.mock.calls.map(([line]) => String(line)).join('\n');
    expect(logged).toContain('"scsp.provider":"stekker","scsp.settings":["STEKKER_TOKEN"]');
    expect(logged).toContain('"scsp.settings":["PROVIDER_TIMEOUT_MS"]');
    expect(logged).not.toContain('soon');
  });
});
