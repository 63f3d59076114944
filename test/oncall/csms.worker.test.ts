/** What goes wrong at the CSMS, at chargers and in our settings: what is told of it, and how it is over. */
import { createExecutionContext, env } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { noteUnknown } from '../../src/storage/unknown-chargers.ts';
import { sweep } from '../../src/sweep.ts';
import { call, chargerBody, freshId, requestTo } from '../http/client.ts';
import { charging, profile16, stekkerSets, timelineOf as entriesOf } from '../profiles/chargers.ts';
import type { Host } from '../outside.ts';
import { PATIENCE } from '../patience.ts';
import { ADMIN_TOKEN } from '../settings.ts';
import { answer, drained, paired, post, received, say } from '../station/world.ts';
import { admin, alerts, morning, night, timelineOf } from './world.ts';

let on: ReturnType<typeof night>;
beforeEach(() => {
  on = night();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await morning();
});

type Unknown = { unknownChargers: { identity: string; events: number }[] };
const unknown = async () => (await admin('/api/unknown-chargers?limit=500')).json<Unknown>();
const available = () => ({ frame: say.status(0, 'Available') });

describe('a charger is not registered', () => {
  it.each([1, 3])(
    'at %i charger(s): told within a minute, once a day, and over when it is registered',
    async (size) => {
      const ids = Array.from({ length: size }, freshId);
      for (const id of ids) {
        const { status, body } = await post(id, [available()]);
        expect([status, body]).toMatchObject([202, { received: 0, ignoredReasons: { 'charger-unknown': 1 } }]);
      }
      await vi.waitFor(async () => expect((await unknown()).unknownChargers).toHaveLength(size), PATIENCE);
      await on.watch();
      await on.watch();
      const byName = (a: string, b: string) => a.localeCompare(b);
      expect((await alerts()).map(({ subject }) => subject).toSorted(byName)).toEqual(ids.toSorted(byName));
      expect(on.fleetTold().map(({ type }) => type)).toEqual(ids.map(() => 'charger.unknown'));
      expect(on.lines('charger.unknown')).toHaveLength(size);
      const requests = on.lines('http.request').filter((line) => 'scsp.unknown_chargers' in line);
      expect(requests.flatMap((line) => line['scsp.unknown_chargers'])).toEqual(ids);
      for (const id of ids) {
        await call(`/api/chargers/${id}`, { method: 'PUT', json: chargerBody(id) });
        await received(id, available());
      }
    },
  );

  it('at 300 chargers: all are listed, and twenty are told of in a minute', async () => {
    // One webhook notes at most fifty.
    for (let part = 0; part < 6; part += 1) {
      const identities = Array.from({ length: 50 }, (_, index) => `cp-${part}-${index}`);
      await noteUnknown(env.DB, new Map(identities.map((identity) => [identity, 1])), Date.now());
    }
    expect((await unknown()).unknownChargers).toHaveLength(300);
    await on.watch();
    expect(await alerts()).toHaveLength(20);
    await on.watch();
    expect(await alerts()).toHaveLength(40);
  });
});

describe('the CSMS sends garbage', () => {
  it('that is no JSON: 400, and the request is one line', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await call('/webhooks/ocpp', { body: '{"frame": [2, "1"', method: 'POST', headers });
    expect([response.status, await response.json()]).toMatchObject([400, { reason: 'body-not-json' }]);
    expect(on.lines('http.request')).toMatchObject([{ 'http.response.status_code': 400 }]);
    expect(await alerts()).toEqual([]);
  });

  it.each([1, 3])('among events of %i charger(s): the rest is taken, and the timeline shows it', async (size) => {
    for (let index = 0; index < size; index += 1) {
      const id = await paired('stekker');
      const { status, body } = await post(id, [{ frame: [2, 'x', 'StatusNotification', 7] }, available()]);
      expect([status, body]).toMatchObject([202, { received: 1, rejected: [{ index: 0 }] }]);
      await drained(id);
      expect(await timelineOf(id)).toContain('"kind":"refused"');
      await received(id, { frame: say.status(1, 'Preparing') });
      await drained(id);
    }
    expect(on.lines('http.request').some((line) => line['scsp.rejected'] === 1)).toBe(true);
    await on.watch();
    expect(await alerts()).toEqual([]);
  });
});

/** The CSMS takes notifications, and answers commands so. */
const commandsAnswer = (says: Host): void => {
  on.csms.answers.csms = (outside) => (outside.path === '/commands' ? says(outside) : answer(200)(outside));
};
const verdict = (status: string): Host => answer(200, {}, JSON.stringify({ status }));

describe.each([1, 3])('with %i charger(s) charging', (size) => {
  let ids: string[];
  beforeEach(async () => {
    ids = [];
    for (let index = 0; index < size; index += 1) ids.push(await charging());
  });

  it('a charger refuses a profile: its provider, the CSMS and the timeline are told; the next may be taken', async () => {
    commandsAnswer(verdict('Rejected'));
    for (const id of ids) {
      expect(await (await stekkerSets(id)).json()).toEqual({ status: 'Rejected' });
      await vi.waitFor(() => expect(on.csms.told(id).map(({ type }) => type)).toContain('profile.rejected'), PATIENCE);
      expect(await entriesOf(id, 'charging-profile')).toMatchObject([{ outcome: 'Rejected' }]);
    }
    const line = { level: 'warn', 'scsp.provider': 'stekker', 'scsp.status': 'Rejected' };
    expect(on.lines('profile.rejected')).toMatchObject(ids.map(() => line));
    await on.watch();
    expect(await alerts()).toEqual([]);
    commandsAnswer(verdict('Accepted'));
    for (const id of ids) expect(await (await stekkerSets(id)).json()).toEqual({ status: 'Accepted' });
  });

  it('the command endpoint is down: each request says why; the next one works when it is back', async () => {
    commandsAnswer(answer(500));
    for (const id of ids) {
      expect((await stekkerSets(id)).status).toBe(502);
      expect(await entriesOf(id, 'charging-profile')).toMatchObject([{ outcome: 'failed' }]);
    }
    const sent = on.lines('command.sent').filter((line) => line['scsp.message'] === 'SetChargingProfile');
    expect(sent).toMatchObject(ids.map(() => ({ level: 'warn', 'scsp.reason': 'http-500' })));
    await on.watch();
    expect(await alerts()).toEqual([]);
    commandsAnswer(verdict('Accepted'));
    for (const id of ids) expect(await (await stekkerSets(id, profile16())).json()).toEqual({ status: 'Accepted' });
  });
});

describe('a provider is half configured', () => {
  const half = { STEKKER_TOKEN: '' };
  const seen = async (path: string) => {
    const request = requestTo(path, { token: ADMIN_TOKEN });
    const response = await createApp().fetch(request, { ...env, ...half }, createExecutionContext());
    return { status: response.status, text: await response.text() };
  };

  it('an alert and /readyz name the setting, never its value; over when it is set', async () => {
    await sweep({ ...env, ...half }, Date.now());
    const detail = { settings: ['STEKKER_TOKEN'] };
    expect(await alerts()).toMatchObject([{ type: 'provider.half-configured', subject: 'stekker', detail }]);
    expect(on.lines('provider.half-configured')).toMatchObject([
      { level: 'error', 'scsp.provider': 'stekker', 'scsp.settings': ['STEKKER_TOKEN'] },
    ]);
    expect(on.fleetTold()).toEqual([]);
    const ready = await seen('/readyz');
    expect(ready.status).toBe(503);
    expect(ready.text).toContain('STEKKER_TOKEN');
    expect((await seen('/api/providers')).text).toContain('"state":"half-configured"');
    await on.watch();
    expect(await alerts()).toEqual([]);
  });
});
