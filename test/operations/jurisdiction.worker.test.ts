/** The jurisdiction of a deployment: recorded once, then used whatever the setting says. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { locate, locatedIn } from '../../src/storage/jurisdiction.ts';
import { ADMIN_TOKEN, CSMS_TOKEN } from '../settings.ts';

const recorded = async () => (await env.DB.prepare('SELECT value FROM deployment').all()).results;
const record = (value: string) => env.DB.prepare("INSERT INTO deployment VALUES ('jurisdiction', ?)").bind(value).run();

/** Each environment stands for an isolate of its own. */
const isolate = (changes: object = {}): Env => ({ ...env, ...changes });

beforeEach(async () => {
  await env.DB.prepare('DELETE FROM deployment').run();
  await env.CACHE.delete('deployment:jurisdiction');
});

async function readyz(changes: object) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const response = await createApp().fetch(new Request('https://scsp.test/readyz', { headers }), isolate(changes));
  const { checks }: { checks: { name: string; ok: boolean; detail: string }[] } = await response.json();
  return checks.find(({ name }) => name === 'jurisdiction');
}

describe('the jurisdiction', () => {
  it('is recorded at the first request, and never again', async () => {
    await locate(isolate(), 'none');
    expect(await recorded()).toEqual([{ value: 'none' }]);
    await env.CACHE.delete('deployment:jurisdiction');
    await locate(isolate(), 'eu');
    expect(await recorded()).toEqual([{ value: 'none' }]);
  });

  it.each(['eu', 'fedramp'] as const)('is %s where the setting says so at first', async (wanted) => {
    // Local workerd knows no jurisdictions and says so, which shows that the namespaces were asked for one.
    await expect(locate(isolate(), wanted)).rejects.toThrow(/[Jj]urisdiction/);
    expect(await recorded()).toEqual([{ value: wanted }]);
  });

  it('that is recorded is used whatever the setting says, for both kinds of objects', async () => {
    const asked: string[] = [];
    const namespaceOf = (name: string) => ({ jurisdiction: (each: string) => asked.push(`${name} ${each}`) });
    const CHARGING_STATION = namespaceOf('station');
    const PROVIDER_BREAKER = namespaceOf('breaker');
    await record('eu');
    await locate(isolate({ CHARGING_STATION, PROVIDER_BREAKER }), 'fedramp');
    expect(asked).toEqual(['station eu', 'breaker eu']);
  });

  it('is known from its copy while the database is down', async () => {
    await locate(isolate(), 'none');
    const DB = {
      prepare: () => {
        throw new Error('D1 is down');
      },
    };
    expect(await locate(isolate({ DB }), 'none')).toMatchObject({ DB });
    await env.CACHE.delete('deployment:jurisdiction');
    await expect(locate(isolate({ DB }), 'none')).rejects.toThrow('D1 is down');
  });

  it('stops nothing but what calls objects when neither can be read', async () => {
    const down = () => {
      throw new Error('down');
    };
    const broken = isolate({ DB: { prepare: down }, CACHE: { get: async () => down() } });
    const app = createApp();
    const headers = { authorization: `Bearer ${CSMS_TOKEN}` };
    expect((await app.fetch(new Request('https://scsp.test/healthz'), broken)).status).toBe(200);
    expect(
      (await app.fetch(new Request('https://scsp.test/api/chargers/cp', { headers }), broken)).status,
    ).toBeGreaterThanOrEqual(500);
  });

  it('that differs from the setting is said by /readyz', async () => {
    await record('eu');
    expect(await readyz({ DATA_JURISDICTION: 'eu' })).toMatchObject({ ok: true });
    expect(await readyz({})).toMatchObject({ ok: false, detail: expect.stringContaining('began with eu') });
  });

  it('of an object is that of its own id', () => {
    expect(locatedIn(env, undefined)).toBe(env);
  });
});
