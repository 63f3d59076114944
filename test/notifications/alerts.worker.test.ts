/** What is known of a provider in trouble without asking any station: alerts, the log, notifications, the list of providers. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sweep, watchEveryMinute } from '../../src/sweep.ts';
import { call } from '../http/client.ts';
import { PATIENCE } from '../patience.ts';
import { ADMIN_TOKEN, CSMS_HOST } from '../settings.ts';
import { answer, drained, paired, received, ring, say, session, travel } from '../station/world.ts';
import { standInCsms } from './world.ts';

type Alert = { type: string; subject: string; since: string; detail: Record<string, unknown> };

let csms: ReturnType<typeof standInCsms>;
let log: { level: string; event: string; 'scsp.charge_point_id'?: string }[];
beforeEach(() => {
  csms = standInCsms();
  log = [];
  for (const level of ['info', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((line) => void log.push(JSON.parse(String(line))));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await env.DB.exec('DELETE FROM troubled_lanes; DELETE FROM alerts; DELETE FROM notices; DELETE FROM dead_letters;');
});

const admin = (path: string, method = 'GET') => call(path, { token: ADMIN_TOKEN, method });
const alerts = async () => (await (await admin('/api/alerts')).json<{ alerts: Alert[] }>()).alerts;
const watch = async () => {
  await watchEveryMinute(env, Date.now());
  expect(lines('sweep.fault')).toEqual([]);
};
const stekker = async () => {
  const { providers } = await (await admin('/api/providers')).json<{ providers: Record<string, unknown>[] }>();
  return providers.find(({ provider }) => provider === 'stekker');
};
/** Attempts at this provider that failed. */
const failures = (ids: readonly string[]) =>
  log.filter(
    (line) =>
      line.event === 'delivery.attempt' && line.level === 'warn' && ids.includes(line['scsp.charge_point_id'] ?? ''),
  );
const lines = (event: string) => log.filter((line) => line.event === event);
const fleetTold = () =>
  csms.calls
    .filter(({ host, body }) => host === CSMS_HOST && !body.includes('"chargePointId"'))
    .map(({ body }) => JSON.parse(body));
const noted = (count: number) =>
  vi.waitFor(async () => {
    const row = await env.DB.prepare("SELECT count(*) AS n FROM troubled_lanes WHERE provider = 'stekker'").first();
    expect(row).toEqual({ n: count });
  }, PATIENCE);

/** So many chargers, each owing one status that the provider answered like this until now. */
async function fleet(size: number, status: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < size; index += 1) ids.push(await paired('stekker'));
  csms.answers.stekker = answer(status);
  for (const id of ids) await received(id, { frame: say.status(0, 'Charging') });
  return ids;
}

/** Every charger tries again, after so long. */
async function tryAgain(ids: readonly string[], ms: number): Promise<void> {
  travel(ms);
  for (const id of ids) await ring(id);
}

describe.each([1, 3])('with %i chargers', (size) => {
  it('refused credentials are known after the second refusal, and over when they are right', async () => {
    const ids = await fleet(size, 401);
    await vi.waitFor(() => expect(failures(ids)).toHaveLength(size), PATIENCE);
    await watch();
    expect(await alerts()).toEqual([]);
    await tryAgain(ids, 2000);
    await noted(size);
    await watch();
    await watch();
    const detail = { lastReason: 'http-401' };
    expect(await alerts()).toEqual([
      { type: 'provider.credentials-refused', subject: 'stekker', since: expect.any(String), detail },
    ]);
    expect(lines('provider.credentials-refused')).toMatchObject([{ level: 'error', 'scsp.last_reason': 'http-401' }]);
    expect(fleetTold()).toMatchObject([
      { type: 'provider.credentials-refused', data: { provider: 'stekker', ...detail } },
    ]);
    csms.answers.stekker = answer(200);
    const retried = await admin('/api/providers/stekker/retry', 'POST');
    expect({ status: retried.status, body: await retried.json() }).toEqual({
      status: 202,
      body: { stations: size, remaining: 0 },
    });
    for (const id of ids) await drained(id);
    await noted(0);
    await watch();
    expect(await alerts()).toEqual([]);
    expect(fleetTold().map(({ type }) => type)).toEqual(['provider.credentials-refused', 'provider.recovered']);
  });

  it('a delay is known when the oldest event is older than the setting, and over when it was delivered', async () => {
    const ids = await fleet(size, 503);
    await vi.waitFor(() => expect(failures(ids)).toHaveLength(size), PATIENCE);
    await tryAgain(ids, 400_000);
    await noted(size);
    await watch();
    expect(await alerts()).toEqual([]);
    expect(await stekker()).toMatchObject({
      backlog: size,
      chargersWaiting: size,
      lastError: { reason: 'http-503', at: expect.stringMatching(/Z$/) },
    });
    travel(601_000);
    await watch();
    await watch();
    const [alert, ...more] = await alerts();
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ type: 'delivery.delayed', subject: 'stekker' });
    expect(alert?.detail).toMatchObject({ chargers: size, lastReason: 'http-503' });
    expect(alert?.detail['oldestAgeS']).toBeGreaterThan(600);
    expect(lines('delivery.delayed')).toMatchObject([{ level: 'error', 'scsp.chargers': size }]);
    csms.answers.stekker = answer(200);
    await tryAgain(ids, 601_000);
    for (const id of ids) await drained(id);
    await noted(0);
    await watch();
    expect(await alerts()).toEqual([]);
    expect(fleetTold().map(({ type }) => type)).toEqual(['delivery.delayed', 'delivery.recovered']);
    expect(await stekker()).toMatchObject({ backlog: 0, oldestUndeliveredAgeSeconds: null });
  });
});

it('while all is well nothing is noted, opened or told', async () => {
  const id = await paired('stekker');
  await received(id, ...session(7));
  await drained(id);
  await watch();
  expect(await alerts()).toEqual([]);
  expect(await env.DB.prepare('SELECT * FROM troubled_lanes').all()).toMatchObject({ results: [] });
  expect(fleetTold()).toEqual([]);
});

it('a parked message is an alert until none is parked any more', async () => {
  const id = await paired('stekker');
  csms.answers.stekker = answer(400);
  await received(id, { frame: say.status(0, 'Charging') });
  await vi.waitFor(async () => expect(await alerts()).toMatchObject([{ type: 'delivery.parked' }]), PATIENCE);
  csms.answers.stekker = answer(200);
  await call('/api/dead-letters/replay', { token: ADMIN_TOKEN, json: { provider: 'stekker' } });
  await drained(id);
  await watch();
  expect(await alerts()).toEqual([]);
});

it('the CSMS is told later what it could not take, in order; what it refuses is parked and can be replayed', async () => {
  const ids = await fleet(1, 401);
  await vi.waitFor(() => expect(failures(ids)).toHaveLength(1), PATIENCE);
  await tryAgain(ids, 2000);
  await noted(1);
  csms.answers.csms = answer(503);
  await watch();
  csms.answers.csms = answer(410);
  travel(61_000);
  await watch();
  const listed = await admin('/api/dead-letters?provider=csms');
  const { deadLetters } = await listed.json<{ deadLetters: { deliveryId: string; reason: string }[] }>();
  expect(deadLetters).toMatchObject([{ reason: 'http-410', attempts: 2 }]);
  csms.answers.csms = answer(200);
  await call('/api/dead-letters/replay', { token: ADMIN_TOKEN, json: { provider: 'csms' } });
  await watch();
  expect(fleetTold().map(({ type }) => type)).toEqual(Array.from({ length: 3 }, () => 'provider.credentials-refused'));
});

it('counts how deliveries ended by the hour, once each, and says how far the counts reach', async () => {
  const id = await paired('stekker');
  await received(id, ...session(7));
  await drained(id);
  const before = await stekker();
  travel(3_600_000);
  await received(id, { frame: say.status(10, 'Available') });
  const delivered = Number(before?.['delivered']);
  await vi.waitFor(async () => expect(await stekker()).toMatchObject({ delivered: delivered + 4 }), PATIENCE);
  const { countsUntil } = (await stekker()) ?? {};
  expect(String(countsUntil)).toMatch(/:00:00\.000Z$/);
  await received(id, { frame: say.status(11, 'Preparing') });
  await drained(id);
  expect(await stekker()).toMatchObject({ delivered: delivered + 4 });
});

it('a half-configured provider is an alert that names the setting', async () => {
  await sweep({ ...env, STEKKER_TOKEN: '' } as Env, Date.now());
  expect(lines('sweep.fault')).toEqual([]);
  expect(await alerts()).toMatchObject([
    { type: 'provider.half-configured', subject: 'stekker', detail: { settings: ['STEKKER_TOKEN'] } },
  ]);
  await watch();
  expect(await alerts()).toEqual([]);
});
