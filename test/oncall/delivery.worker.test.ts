/** A provider fails: what the engineer on call is told, where the cause stands, and how it is over. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Host } from '../outside.ts';
import { answer, drained, paired, travel } from '../station/world.ts';
import {
  admin,
  alerts,
  isReady,
  later,
  morning,
  night,
  noted,
  notedOf,
  THREE_HUNDRED,
  owing,
  statusOf,
  timelineOf,
  type ProviderName,
} from './world.ts';

/** The longest that a lane waits by itself, and the alarm after it. */
const NEXT_TRY_MS = 601_000;
const TWO_HOURS_MS = 2 * 3_600_000;

const hangs: Host = (_, signal) =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('nobody waits'))));
const unreachable: Host = () => Promise.reject(new Error('connection refused'));

type Fault = {
  readonly fault: string;
  readonly provider: ProviderName;
  /** Who fails, and how. */
  readonly at: 'stekker' | 'jedlix' | 'jedlixToken';
  readonly says: Host;
  readonly reason: string;
};

const DELAYS: readonly Fault[] = [
  { fault: 'a provider answers 503', provider: 'stekker', at: 'stekker', says: answer(503), reason: 'http-503' },
  { fault: 'a provider answers 429', provider: 'stekker', at: 'stekker', says: answer(429), reason: 'http-429' },
  { fault: 'a provider does not answer in time', provider: 'stekker', at: 'stekker', says: hangs, reason: 'timeout' },
  { fault: 'a provider cannot be reached', provider: 'stekker', at: 'stekker', says: unreachable, reason: 'network' },
  {
    fault: 'Jedlix’s token server is down',
    provider: 'jedlix',
    at: 'jedlixToken',
    says: answer(503),
    reason: 'http-503',
  },
];
const REFUSALS: readonly Fault[] = [
  { fault: 'a provider answers 401', provider: 'stekker', at: 'stekker', says: answer(401), reason: 'http-401' },
  { fault: 'a provider answers 403', provider: 'jedlix', at: 'jedlix', says: answer(403), reason: 'http-403' },
  {
    fault: 'Jedlix’s token server refuses us',
    provider: 'jedlix',
    at: 'jedlixToken',
    says: answer(401),
    reason: 'credential',
  },
];

let on: ReturnType<typeof night>;
let nights = 0;
beforeEach(() => {
  on = night();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await morning();
});

/** So many chargers owe a message that cannot be delivered. Tokens of earlier tests have expired. */
async function failing(size: number, { provider, at, says }: Fault): Promise<string[]> {
  nights += 1;
  travel(nights * TWO_HOURS_MS);
  on.csms.answers[at] = says;
  const ids = await owing(provider, size);
  await on.failed(ids, 1);
  return ids;
}

const wellAgain = (at: Fault['at']) =>
  at === 'jedlixToken' ? () => Response.json({ access_token: 'token-2', expires_in: 3600 }) : answer(200);

async function expectStanding({ provider, reason }: Fault, ids: readonly string[]): Promise<void> {
  const size = ids.length;
  const lastError = { reason, at: expect.stringMatching(/Z$/) };
  expect(await statusOf(provider)).toMatchObject({ state: 'on', backlog: size, chargersWaiting: size, lastError });
  for (const id of ids) expect(await timelineOf(id)).toContain(`"reason":"${reason}"`);
  expect(await isReady(`provider-${provider}`)).toBe(true);
}

describe.each(DELAYS)('$fault', (fault) => {
  const { provider, at, reason } = fault;

  it.each([1, 3])('at %i charger(s): told after ten minutes, and over by itself', async (size) => {
    const ids = await failing(size, fault);
    await later(ids, 400_000);
    await noted(provider, size);
    await on.watch();
    expect(await alerts()).toEqual([]);
    await expectStanding(fault, ids);

    travel(300_000);
    await on.watch();
    await on.watch();
    expect(await alerts()).toMatchObject([
      { type: 'delivery.delayed', subject: provider, detail: { chargers: size, lastReason: reason } },
    ]);
    expect(on.lines('delivery.delayed')).toMatchObject([
      { level: 'error', 'scsp.provider': provider, 'scsp.chargers': size, 'scsp.last_reason': reason },
    ]);

    on.csms.answers[at] = wellAgain(at);
    await later(ids, NEXT_TRY_MS);
    for (const id of ids) await drained(id);
    await noted(provider, 0);
    await on.watch();
    expect(await alerts()).toEqual([]);
    expect(on.fleetTold().map(({ type }) => type)).toEqual(['delivery.delayed', 'delivery.recovered']);
  });

  it('at 300 chargers: one alert, one line, one notification', async () => {
    await notedOf(THREE_HUNDRED, { provider, reason, ageMs: 700_000 });
    await on.watch();
    await on.watch();
    const detail = { chargers: 300, lastReason: reason };
    expect(await alerts()).toMatchObject([{ type: 'delivery.delayed', subject: provider, detail }]);
    expect(on.lines('delivery.delayed')).toMatchObject([{ level: 'error', 'scsp.chargers': 300 }]);
    expect(on.fleetTold()).toMatchObject([{ type: 'delivery.delayed', data: { provider, ...detail } }]);
    expect(await statusOf(provider)).toMatchObject({ chargersWaiting: 300, lastError: { reason } });
  });
});

describe.each(REFUSALS)('$fault', (fault) => {
  const { provider, at, reason } = fault;

  it.each([1, 3])('at %i charger(s): told at the second refusal, and over by one call', async (size) => {
    const ids = await failing(size, fault);
    await later(ids, 2000);
    await on.failed(ids, 2);
    await noted(provider, size);
    await on.watch();
    await on.watch();
    const told = { type: 'provider.credentials-refused', subject: provider, detail: { lastReason: reason } };
    expect(await alerts()).toMatchObject([told]);
    expect(on.lines(told.type)).toMatchObject([
      { level: 'error', 'scsp.provider': provider, 'scsp.last_reason': reason },
    ]);
    await expectStanding(fault, ids);

    on.csms.answers[at] = wellAgain(at);
    const retried = await admin(`/api/providers/${provider}/retry`, 'POST');
    expect(await retried.json()).toEqual({ stations: size, remaining: 0 });
    for (const id of ids) await drained(id);
    await noted(provider, 0);
    await on.watch();
    expect(await alerts()).toEqual([]);
    expect(on.fleetTold().map(({ type }) => type)).toEqual(['provider.credentials-refused', 'provider.recovered']);
  });

  it('at 300 chargers: one alert, one line, one notification', async () => {
    await notedOf(THREE_HUNDRED, { provider, reason, ageMs: 60_000 });
    await on.watch();
    await on.watch();
    expect(await alerts()).toMatchObject([{ type: 'provider.credentials-refused', subject: provider }]);
    expect(on.lines('provider.credentials-refused')).toHaveLength(1);
    expect(on.fleetTold()).toMatchObject([{ type: 'provider.credentials-refused', data: { provider } }]);
  });
});

it('two calls hasten 300 chargers', async () => {
  const ids = await Promise.all(Array.from({ length: 300 }, () => paired('stekker')));
  await notedOf(ids, { provider: 'stekker', reason: 'http-401', ageMs: 60_000 });
  const retry = async () => (await admin('/api/providers/stekker/retry', 'POST')).json();
  expect(await retry()).toEqual({ stations: 200, remaining: 100 });
  // These chargers owe nothing, so the test forgets what it noted of those that were told.
  await env.DB.exec(
    'DELETE FROM troubled_lanes WHERE charge_point_id IN (SELECT charge_point_id FROM troubled_lanes LIMIT 200)',
  );
  expect(await retry()).toEqual({ stations: 100, remaining: 0 });
});

it('the check tells a token server that is down from an API that is', async () => {
  on.csms.answers.jedlixToken = answer(503);
  const checked = await admin('/api/providers/jedlix/check', 'POST');
  expect(await checked.json()).toMatchObject({ ok: false, steps: [{ name: 'token', ok: false }] });
});
