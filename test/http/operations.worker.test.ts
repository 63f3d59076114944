/** What the engineer on call sees and does: timeline, parked messages, replay, pausing, status. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sweep } from '../../src/sweep.ts';
import { PATIENCE } from '../patience.ts';
import { ADMIN_TOKEN, CSMS_TOKEN, JEDLIX_TOKEN } from '../settings.ts';
import {
  accepted,
  answer,
  at,
  backlogOf,
  drained,
  ID_TAG,
  paired,
  post,
  received,
  ring,
  say,
  sentTo,
  session,
  standInProviders,
  stub,
  told,
  travel,
  until,
  WHOLE_SESSION,
} from '../station/world.ts';
import { parked } from '../station/letters.ts';
import { call, expectProblem, freshId, registered } from './client.ts';

const MASKED_TAG = `***${ID_TAG.slice(-3)}`;

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const stekkerGot = (id: string) => told('stekker', world.calls, id);
const admin = (path: string, options: Parameters<typeof call>[1] = {}) =>
  call(path, { token: ADMIN_TOKEN, ...options });
const read = async (path: string) => {
  const response = await admin(path);
  expect(response.status).toBe(200);
  return JSON.parse(await response.text());
};
const order = async (path: string, json: unknown = {}) => {
  const response = await admin(path, { method: 'POST', json });
  return { status: response.status, body: JSON.parse(await response.text()) };
};
const lettersOf = (id: string, more = '') => read(`/api/dead-letters?chargePointId=${id}${more}`);
const replayAll = (json: unknown) => order('/api/dead-letters/replay', json);

describe.each([
  ['GET', '/api/chargers/x/timeline'],
  ['GET', '/api/dead-letters'],
  ['POST', '/api/dead-letters/replay'],
  ['POST', '/api/dead-letters/some-id/replay'],
  ['GET', '/api/alerts'],
  ['GET', '/api/providers'],
  ['POST', '/api/providers/stekker/retry'],
  ['POST', '/api/providers/stekker/pause'],
  ['POST', '/api/providers/stekker/resume'],
])('%s %s', (method, path) => {
  it.each([
    ['no token', null],
    ['a token of the CSMS', CSMS_TOKEN],
    ['a token of a provider', JEDLIX_TOKEN],
  ])('is closed to %s', async (_, token) => {
    const body = method === 'POST' ? { json: {} } : {};
    await expectProblem(await call(path, { method, token, ...body }), 401, 'unauthorized');
  });
});

describe('the timeline', () => {
  it('shows what came in, whom it was for, and what became of each, newest first', async () => {
    const id = await paired('stekker');
    const { requestId } = await post(id, [{ frame: say.status(0, 'Available') }]);
    await received(id, ...session(7));
    await drained(id);
    const { timeline, cursor } = await read(`/api/chargers/${id}/timeline`);
    expect(cursor).toBeUndefined();
    expect(
      timeline.map(
        (item: { entry: { kind: string; frame?: { action: string } } }) => item.entry.frame?.action ?? item.entry.kind,
      ),
    ).toEqual(['StopTransaction', 'MeterValues', 'MeterValues', 'StartTransaction', 'StatusNotification', 'paired']);
    expect(timeline.at(-2)).toMatchObject({
      requestId,
      owed: [],
      events: [{ event: { kind: 'connector-status-changed' }, to: { stekker: 0 } }],
      deliveries: { stekker: { outcome: 'delivered', attempts: 1 } },
      attempts: [],
    });
  });

  it('shows each failed attempt with its answer, in which id tokens are masked too', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503, {}, `{"busy with":"${ID_TAG}"}`);
    await received(id, { frame: say.start(0), response: accepted(7) });
    await until(1, () => stekkerGot(id));
    world.answers.stekker = answer(200);
    travel(10_000);
    await ring(id);
    await drained(id);
    const masked = await read(`/api/chargers/${id}/timeline?limit=1`);
    expect(JSON.stringify(masked)).not.toContain(ID_TAG);
    expect(masked.timeline[0]).toMatchObject({
      entry: { frame: { payload: { idTag: MASKED_TAG } } },
      deliveries: { stekker: { attempts: 2 } },
      attempts: [
        {
          provider: 'stekker',
          name: 'StartTransaction',
          exchange: { status: 503, body: `{"busy with":"${MASKED_TAG}"}` },
          outcome: { kind: 'deferred', reason: 'http-503' },
        },
      ],
    });
    const plain = await read(`/api/chargers/${id}/timeline?limit=1&idTokens=plain`);
    expect(plain.timeline[0]).toMatchObject({
      entry: { frame: { payload: { idTag: ID_TAG } } },
      attempts: [{ exchange: { body: `{"busy with":"${MASKED_TAG}"}` } }],
    });
  });

  it('shows when each delivery ended, after how many requests, and why one was parked', async () => {
    const id = await paired('stekker', 'jedlix');
    world.answers.stekker = answer(503);
    world.answers.jedlix = answer(400);
    await received(id, { frame: say.start(0), response: accepted(7) });
    const newest = async () => (await read(`/api/chargers/${id}/timeline?limit=1`)).timeline[0];
    await vi.waitFor(async () => {
      expect(await newest()).toMatchObject({ owed: ['stekker'], attempts: [{}, {}] });
    }, PATIENCE);
    const failedAt = Date.now();
    world.answers.stekker = answer(200);
    travel(10_000);
    await ring(id);
    await drained(id);
    const { deliveries } = await newest();
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(deliveries).toEqual({
      jedlix: { outcome: 'parked', reason: 'http-400', at: instant, attempts: 1 },
      stekker: { outcome: 'delivered', at: instant, attempts: 2 },
    });
    expect(Date.parse(deliveries.jedlix.at)).toBeLessThanOrEqual(failedAt);
    expect(Date.parse(deliveries.stekker.at)).toBeGreaterThanOrEqual(failedAt + 10_000);
  });

  it('is read page by page without gap or repeat', async () => {
    const id = await registered();
    await received(id, ...Array.from({ length: 7 }, (_, minute) => ({ frame: say.status(minute, 'Charging') })));
    const seqs: number[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const page: { timeline: { seq: number }[]; cursor?: string } = await read(
        `/api/chargers/${id}/timeline?limit=3&cursor=${cursor}`,
      );
      seqs.push(...page.timeline.map(({ seq }) => seq));
      ({ cursor } = page);
    }
    expect(seqs).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  it.each(['limit=0', 'limit=501', 'limit=x', 'cursor=%25%25', 'cursor=eHg'])('refuses ?%s', async (query) => {
    const id = await registered();
    await expectProblem(await admin(`/api/chargers/${id}/timeline?${query}`), 400, 'cursor-invalid');
  });

  it('of a charger that nobody registered is unknown', async () => {
    await expectProblem(await admin(`/api/chargers/${freshId()}/timeline`), 404, 'charger-unknown');
  });
});

describe('parked messages', () => {
  /** A charger whose whole session was refused. */
  async function refused(status: number, ...providers: string[]): Promise<string> {
    const id = await paired(...providers);
    world.answers.stekker = answer(status, {}, `{"echo":"${ID_TAG}"}`);
    world.answers.jedlix = answer(status);
    await received(id, ...session(7));
    await drained(id);
    world.answers.stekker = answer(200);
    world.answers.jedlix = answer(200);
    return id;
  }

  it('are listed with reason, last answer and payload, in which id tokens are masked unless asked for', async () => {
    const id = await refused(422, 'stekker');
    const { deadLetters } = await lettersOf(id);
    expect(deadLetters).toHaveLength(4);
    expect(deadLetters[0]).toMatchObject({
      provider: 'stekker',
      chargePointId: id,
      reason: 'http-422',
      attempts: 1,
      receivedAt: expect.stringMatching(/Z$/),
      parkedAt: expect.stringMatching(/Z$/),
      lastAnswer: { status: 422, body: `{"echo":"${MASKED_TAG}"}` },
      payload: [{ name: 'StartTransaction', body: { event: { params: { idTag: MASKED_TAG } } } }],
    });
    expect(JSON.stringify(deadLetters)).not.toContain(ID_TAG);
    expect(JSON.stringify(await lettersOf(id, '&idTokens=plain'))).toContain(`"idTag":"${ID_TAG}"`);
  });

  it('are found by provider, charger and reason, and read page by page in the order they had', async () => {
    const id = await refused(422, 'stekker', 'jedlix');
    expect((await lettersOf(id, '&provider=jedlix')).deadLetters).toHaveLength(4);
    expect((await lettersOf(id, '&provider=jedlix&reason=http-422')).deadLetters).toHaveLength(4);
    expect((await lettersOf(id, '&reason=expired')).deadLetters).toEqual([]);
    const first = await lettersOf(id, '&provider=stekker&limit=3');
    const rest = await lettersOf(id, `&provider=stekker&limit=3&cursor=${first.cursor}`);
    const names = [...first.deadLetters, ...rest.deadLetters].map(({ payload }) => payload[0].name);
    expect(names).toEqual(['StartTransaction', 'MeterValues', 'MeterValues', 'StopTransaction']);
    expect(rest.cursor).toBeUndefined();
  });

  it('are replayed one by one, once, behind what is owed', async () => {
    const id = await refused(422, 'stekker');
    const [letter] = (await lettersOf(id)).deadLetters;
    const path = `/api/dead-letters/${encodeURIComponent(letter.deliveryId)}/replay`;
    expect(await order(path)).toEqual({ status: 202, body: { replayed: 1 } });
    await drained(id);
    expect(stekkerGot(id)).toEqual([...WHOLE_SESSION, 'StartTransaction 1000']);
    expect((await lettersOf(id)).deadLetters).toHaveLength(3);
    await expectProblem(await admin(path, { method: 'POST' }), 404, 'dead-letter-unknown');
  });

  it('are replayed by filter in the order each charger had, and to the provider that refused them alone', async () => {
    const ids = [await refused(422, 'stekker', 'jedlix'), await refused(422, 'stekker')];
    const jedlixBefore = world.calls.filter(({ path }) => path.includes('TransactionEvent')).length;
    expect(await replayAll({ provider: 'stekker', reason: 'http-422' })).toMatchObject({ status: 202 });
    for (const id of ids) {
      await drained(id);
      expect(stekkerGot(id)).toEqual([...WHOLE_SESSION, ...WHOLE_SESSION]);
      expect((await lettersOf(id, '&provider=stekker')).deadLetters).toEqual([]);
    }
    expect(world.calls.filter(({ path }) => path.includes('TransactionEvent'))).toHaveLength(jedlixBefore);
    expect((await lettersOf(ids[0] ?? '', '&provider=jedlix')).deadLetters).toHaveLength(4);
  });

  it('of one charger keep their order however many they are', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(422);
    const minutes = Array.from({ length: 105 }, (_, place) => place / 2);
    await received(id, ...minutes.map((minute) => ({ frame: say.status(minute, 'Charging') })));
    await drained(id);
    world.answers.stekker = answer(200);
    expect(await replayAll({ chargePointId: id })).toMatchObject({ body: { replayed: 105 } });
    await drained(id);
    const times = sentTo('stekker', world.calls, id).map(({ event }) => event.params.timestamp);
    expect(times).toEqual([...minutes, ...minutes].map((minute) => at(minute)));
  });

  it('that are refused again are parked again, once for each replay', async () => {
    const id = await refused(422, 'stekker');
    world.answers.stekker = answer(409);
    expect(await replayAll({ chargePointId: id })).toMatchObject({ body: { replayed: 4 } });
    await drained(id);
    const { deadLetters } = await lettersOf(id);
    expect(deadLetters.map(({ reason }: { reason: string }) => reason)).toEqual(Array(4).fill('http-409'));
    expect(stekkerGot(id)).toHaveLength(8);
  });

  it('that are parked after the request began wait for the next one', async () => {
    const id = await registered();
    await parked(id, {}, Date.now() + 60_000);
    expect(await replayAll({ chargePointId: id })).toMatchObject({ body: { replayed: 0 } });
    expect((await lettersOf(id)).deadLetters).toHaveLength(1);
  });

  it('stay parked when a charger is known no more, and are never lost', async () => {
    const id = freshId();
    const deliverables = [{ message: { name: 'X', method: 'POST', path: '/', body: {} }, to: { stekker: 0 } }] as const;
    await parked(id, { deliverables });
    expect(await replayAll({ chargePointId: id })).toEqual({ status: 202, body: { replayed: 0 } });
    expect((await lettersOf(id)).deadLetters).toHaveLength(1);
  });

  it('of a station whose storage was lost replace none of those before', async () => {
    const id = freshId();
    for (const receivedAt of [1, 1, 2]) await parked(id, { receivedAt });
    expect((await lettersOf(id)).deadLetters).toHaveLength(2);
  });

  it('are not replayed at all by a filter that is misspelt', async () => {
    for (const json of [{ chargepointId: 'x' }, { provider: 7 }, []]) {
      const response = await admin('/api/dead-letters/replay', { json });
      await expectProblem(response, 400, 'envelope-invalid');
    }
  });

  it('are forgotten by the cron sweep after seven days', async () => {
    const id = await refused(422, 'stekker');
    travel(6 * 86_400_000);
    await sweep(env, Date.now());
    expect((await lettersOf(id)).deadLetters).toHaveLength(4);
    travel(2 * 86_400_000);
    await sweep(env, Date.now());
    expect((await lettersOf(id)).deadLetters).toEqual([]);
  });
});

describe('a pause', () => {
  it('holds one provider’s deliveries, takes everything, loses nothing, and ends in order', async () => {
    const id = await paired('stekker', 'jedlix');
    expect(await order('/api/providers/stekker/pause')).toMatchObject({ status: 200, body: { paused: true } });
    await received(id, ...session(7));
    await until(4, () => told('jedlix', world.calls, id));
    expect(stekkerGot(id)).toEqual([]);
    await vi.waitFor(async () => {
      const [stekker] = (await read('/api/providers')).providers;
      expect(stekker).toMatchObject({ provider: 'stekker', paused: true });
      expect(stekker.backlog).toBeGreaterThanOrEqual(4);
      expect(stekker.oldestUndeliveredAgeSeconds).toBeGreaterThanOrEqual(0);
    }, PATIENCE);
    expect(await order('/api/providers/stekker/resume')).toMatchObject({ status: 200, body: { paused: false } });
    await drained(id);
    expect(stekkerGot(id)).toEqual(WHOLE_SESSION);
  });

  it('also holds for a charger that is paired while it lasts', async () => {
    await order('/api/providers/stekker/pause');
    const id = await paired('stekker');
    await received(id, { frame: say.status(0, 'Available') });
    expect(await backlogOf(id)).toBe(1);
    await order('/api/providers/stekker/resume');
    await drained(id);
    expect(stekkerGot(id)).toEqual(['StatusNotification Available']);
  });

  it.each([
    ['unpaired', '/pairings/stekker'],
    ['removed', ''],
  ])('that ends after a charger was %s lets at once go what it owes', async (_, path) => {
    const id = await paired('stekker');
    await order('/api/providers/stekker/pause');
    await received(id, { frame: say.status(0, 'Available') });
    expect((await call(`/api/chargers/${id}${path}`, { method: 'DELETE' })).status).toBe(204);
    expect(await backlogOf(id)).toBeGreaterThan(0);
    await order('/api/providers/stekker/resume');
    await drained(id);
    expect(stekkerGot(id)).toEqual(['StatusNotification Available']);
  });

  it('that a station did not hear of is told by the cron sweep', async () => {
    const id = await paired('stekker');
    await env.DB.prepare("INSERT INTO paused_providers VALUES ('stekker', 0)").run();
    await sweep(env, Date.now());
    await received(id, { frame: say.status(0, 'Available') });
    expect(await backlogOf(id)).toBe(1);
    await env.DB.prepare('DELETE FROM paused_providers').run();
    await sweep(env, Date.now());
    await drained(id);
  });

  it('of a provider that does not exist is refused', async () => {
    const response = await admin('/api/providers/acme/pause', { method: 'POST' });
    await expectProblem(response, 400, 'provider-unknown');
  });
});

describe('the status of the providers', () => {
  it('counts what was delivered, parked and tried again, and says what is owed since when', async () => {
    const id = await paired('jedlix');
    const [, before] = (await read('/api/providers')).providers;
    const statuses = [503, 200, 400];
    world.answers.jedlix = (outside) => answer(statuses.shift() ?? 200)(outside);
    await received(id, ...session(7));
    await until(1, () => told('jedlix', world.calls, id));
    travel(10_000);
    await ring(id);
    await drained(id);
    await stub(id).hold('jedlix', true);
    await env.DB.prepare("INSERT INTO paused_providers VALUES ('jedlix', 0)").run();
    travel(3_600_000);
    await received(id, { frame: say.start(9), response: accepted(8) });
    const status = async () => (await read('/api/providers')).providers[1];
    await vi.waitFor(async () => expect((await status()).delivered).toBe(before.delivered + 3), PATIENCE);
    await vi.waitFor(async () => expect((await status()).backlog).toBe(before.backlog + 1), PATIENCE);
    travel(90_000);
    const jedlix = await status();
    await env.DB.prepare('DELETE FROM paused_providers').run();
    expect(jedlix).toMatchObject({
      provider: 'jedlix',
      state: 'on',
      breaker: 'closed',
      chargersWaiting: before.chargersWaiting + 1,
      rejected: before.rejected + 1,
      retried: before.retried + 1,
      countsUntil: expect.stringMatching(/:00:00\.000Z$/),
    });
    expect(jedlix.oldestUndeliveredAgeSeconds).toBeGreaterThanOrEqual(90);
  });
});
