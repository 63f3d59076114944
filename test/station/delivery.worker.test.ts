/** Delivery by a station in the real runtime: order, evictions, holding, parking, freshness and expiry. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findLetters } from '../../src/operations/letters.ts';
import { sweep } from '../../src/sweep.ts';
import { PATIENCE } from '../patience.ts';
import {
  accepted,
  answer,
  backlogOf,
  crash,
  drained,
  gate,
  paired,
  received,
  ring,
  rowsOf,
  say,
  say201,
  sentTo,
  session,
  standInProviders,
  stub,
  told,
  travel,
  until,
  WHOLE_SESSION,
} from './world.ts';

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const stekkerGot = (id: string) => told('stekker', world.calls, id);
const jedlixGot = (id: string) => told('jedlix', world.calls, id);
const lettersOf = async (chargePointId: string) =>
  (await findLetters(env, { chargePointId }, { after: '', limit: 10 })).letters;
const alarmOf = (id: string) => runInDurableObject(stub(id), (_, state) => state.storage.getAlarm());

/** The provider's next answers, then 200. */
function answersInTurn(...statuses: number[]) {
  return (...args: Parameters<ReturnType<typeof answer>>) => answer(statuses.shift() ?? 200)(...args);
}

describe('order', () => {
  test('is kept while the provider is down and when it comes back', async () => {
    world.answers.stekker = answer(503);
    const id = await paired('stekker');
    for (const event of session(7)) await received(id, event);
    await until(1, () => stekkerGot(id));
    await evictDurableObject(stub(id));
    world.answers.stekker = answersInTurn(503, 200, 429);
    for (let round = 0; (await backlogOf(id)) > 0 && round < 10; round += 1) {
      travel(60 * SECOND);
      await ring(id);
      await until(round + 2, () => stekkerGot(id));
    }
    await drained(id);
    const got = stekkerGot(id);
    expect(got.filter((each, place) => got.indexOf(each) === place)).toEqual(WHOLE_SESSION);
    expect(got.length).toBeGreaterThan(WHOLE_SESSION.length);
  });

  test('is kept by one charger for each provider, and neither provider nor another charger waits for it', async () => {
    const [slow, other] = [await paired('stekker', 'jedlix'), await paired('stekker')];
    world.answers.stekker = (outside) => answer(outside.body.includes(slow) ? 503 : 200)(outside);
    for (const event of session(7)) await received(slow, event);
    for (const event of session(8)) await received(other, event);
    await until(4, () => jedlixGot(slow));
    await drained(other);
    expect(jedlixGot(slow)).toEqual(['Started 0', 'Updated 1', 'Updated 2', 'Ended 3']);
    expect(stekkerGot(other)).toEqual(WHOLE_SESSION);
    expect(new Set(stekkerGot(slow))).toEqual(new Set(['StartTransaction 1000']));
  });

  test('has one request in flight, and each event leaves as soon as the one before is answered', async () => {
    const id = await paired('stekker');
    const { state, host } = gate();
    world.answers.stekker = host;
    await received(id, ...session(7));
    for (let sent = 1; sent <= 4; sent += 1) {
      await until(sent, () => stekkerGot(id));
      expect(stekkerGot(id)).toEqual(WHOLE_SESSION.slice(0, sent));
      state.allowed = sent;
    }
    await drained(id);
  });
});

describe('a provider that is slow', () => {
  test('lets nothing stand as owed to the other one that was sent to it before what is settled', async () => {
    const id = await paired('stekker', 'jedlix');
    const { state, host } = gate();
    world.answers.jedlix = host;
    await received(id, ...session(7));
    await until(4, () => stekkerGot(id));
    const owed = () => rowsOf(id, "SELECT owed FROM log WHERE deliverables <> '[]'");
    const toJedlixOnly = Array.from({ length: 4 }, () => ({ owed: '|jedlix|' }));
    await vi.waitFor(async () => expect(await owed()).toEqual(toJedlixOnly), PATIENCE);
    state.allowed = Number.POSITIVE_INFINITY;
    await drained(id);
  });
});

describe('an eviction', () => {
  test('in the middle of a backlog loses nothing and changes no order', async () => {
    const id = await paired('stekker', 'jedlix');
    world.answers.stekker = answer(503);
    world.answers.jedlix = answer(503);
    await received(id, ...session(7));
    await until(1, () => [...stekkerGot(id), ...jedlixGot(id)]);
    await evictDurableObject(stub(id));
    world.answers.stekker = answer(200);
    world.answers.jedlix = answer(200);
    travel(60 * SECOND);
    await stub(id).nudge();
    await drained(id);
    expect(stekkerGot(id).slice(-4)).toEqual(WHOLE_SESSION);
    expect(jedlixGot(id).slice(-4)).toEqual(['Started 0', 'Updated 1', 'Updated 2', 'Ended 3']);
  });

  test('that is a crash with a request in flight sends it again, under the same seqNo', async () => {
    const id = await paired('jedlix');
    world.answers.jedlix = gate().host;
    await received(id, { frame: say.start(0), response: accepted(7) });
    await until(1, () => jedlixGot(id));
    await crash(id);
    world.answers.jedlix = answer(200);
    await received(id, { frame: say.meter(1, 7, 1500) });
    await drained(id);
    expect(jedlixGot(id)).toEqual(['Started 0', 'Started 0', 'Updated 1']);
  });

  test('between a request and its reply, which come by two webhooks, does not part them', async () => {
    const id = await paired('stekker', 'jedlix');
    const start = say.start(0);
    await received(id, { frame: start }, { frame: say.meter(1, 7, 1500) });
    await evictDurableObject(stub(id));
    expect(jedlixGot(id)).toEqual([]);
    await received(id, { frame: [3, start[1], accepted(7)], direction: 'csms' });
    await drained(id);
    expect(stekkerGot(id)).toEqual(WHOLE_SESSION.slice(0, 2));
    expect(sentTo('stekker', world.calls, id)[0]).toMatchObject({ response: { transactionId: 7 } });
    expect(jedlixGot(id)).toEqual(['Started 0', 'Updated 1']);
  });
});

describe('a station that owes something', () => {
  test('is woken within ten minutes, also when its alarm was lost and it starts anew', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503, { 'retry-after': '3600' });
    await received(id, { frame: say.status(0, 'Available') });
    await until(1, () => stekkerGot(id));
    await runInDurableObject(stub(id), (_, state) => state.storage.deleteAlarm());
    await evictDurableObject(stub(id));
    await stub(id).steering();
    await vi.waitFor(async () => expect(await alarmOf(id)).toBeLessThanOrEqual(Date.now() + 600 * SECOND), PATIENCE);
  });

  test('is woken by the cron sweep when its alarm never came, and is not looked at again once it owes nothing', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(500);
    await received(id, { frame: say.status(0, 'Available') });
    for (let failures = 1; failures <= 3; failures += 1) {
      await until(failures, () => stekkerGot(id));
      await vi.waitFor(
        async () => expect(await rowsOf(id, 'SELECT attempts FROM lanes')).toEqual([{ attempts: failures }]),
        PATIENCE,
      );
      travel(10 * SECOND);
      if (failures < 3) await ring(id);
    }
    const troubled = () => env.DB.prepare('SELECT * FROM troubled_lanes WHERE charge_point_id = ?').bind(id).first();
    await vi.waitFor(async () => expect(await troubled()).toMatchObject({ provider: 'stekker' }), PATIENCE);
    await runInDurableObject(stub(id), (_, state) => state.storage.deleteAlarm());
    world.answers.stekker = answer(200);
    travel(700 * SECOND);
    await sweep(env, Date.now());
    await drained(id);
    await vi.waitFor(async () => expect(await troubled()).toBeNull(), PATIENCE);
    expect(await rowsOf(id, 'SELECT * FROM lanes')).toEqual([]);
  });

  test('no more is forgotten as troubled by the sweep, whatever was noted of it', async () => {
    const id = await paired('stekker');
    await env.DB.prepare('INSERT INTO troubled_lanes (charge_point_id, provider, since) VALUES (?, ?, ?)')
      .bind(id, 'stekker', Date.now() - DAY)
      .run();
    await sweep(env, Date.now());
    expect(await env.DB.prepare('SELECT 1 FROM troubled_lanes WHERE charge_point_id = ?').bind(id).first()).toBeNull();
  });
});

describe('a message that cannot be delivered', () => {
  test('because it is refused is parked with the answer, and those behind it are delivered', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answersInTurn(200, 422);
    await received(id, ...session(7));
    await drained(id);
    expect(stekkerGot(id)).toEqual(WHOLE_SESSION);
    const [letter, ...others] = await lettersOf(id);
    expect(others).toEqual([]);
    expect(letter?.record).toMatchObject({ provider: 'stekker', reason: 'http-422', attempts: 1 });
    expect(letter?.record.answer).toMatchObject({ kind: 'answer', status: 422 });
    expect(letter?.record.deliverables).toMatchObject([{ message: { name: 'MeterValues', method: 'POST' } }]);
  });

  test('because the provider knows the charger no more (410) is parked, and an error is logged', async () => {
    const lines = vi.spyOn(console, 'error');
    const id = await paired('stekker');
    world.answers.stekker = answer(410);
    await received(id, { frame: say.status(0, 'Available') });
    await drained(id);
    const parked = lines.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(parked.filter((line) => line['scsp.charge_point_id'] === id)).toEqual([
      expect.objectContaining({ level: 'error', event: 'delivery.parked', 'scsp.reason': 'http-410' }),
    ]);
  });

  test('for three days is parked as expired with the last answer, and newer ones are delivered', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503, { 'retry-after': '60' }, '{"why":"maintenance"}');
    await received(id, { frame: say.start(0), response: accepted(7) });
    await until(1, () => stekkerGot(id));
    await vi.waitFor(
      async () => expect(await rowsOf(id, 'SELECT attempts FROM lanes')).toEqual([{ attempts: 1 }]),
      PATIENCE,
    );
    await evictDurableObject(stub(id));
    travel(3 * DAY + SECOND);
    world.answers.stekker = answer(200);
    await received(id, { frame: say.meter(1, 7, 1500) });
    await drained(id);
    expect(stekkerGot(id)).toEqual(['StartTransaction 1000', 'MeterValues 1500']);
    const letters = await lettersOf(id);
    expect(letters.map(({ record }) => record)).toMatchObject([
      { reason: 'expired', attempts: 1, answer: { status: 503, body: '{"why":"maintenance"}' } },
    ]);
  });
});

describe('while a lane holds', () => {
  test('only the newest status of each connector is sent, and every event of sessions', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503);
    await received(id, { frame: say.status(0, 'Preparing') });
    await until(1, () => stekkerGot(id));
    await received(id, { frame: say.status(1, 'Unavailable', 2) }, { frame: say.status(2, 'Faulted') }, ...session(7));
    await received(id, { frame: say.status(4, 'Finishing') }, { frame: say.status(5, 'Available') });
    const before = stekkerGot(id).length;
    world.answers.stekker = answer(200);
    travel(60 * SECOND);
    await ring(id);
    await drained(id);
    const after = stekkerGot(id).slice(before);
    expect(after).toEqual(['StatusNotification Unavailable', ...WHOLE_SESSION, 'StatusNotification Available']);
    expect(await rowsOf(id, "SELECT seq FROM log WHERE deliveries LIKE '%superseded%'")).toHaveLength(3);
  });

  test('a status that comes later but is older replaces nothing, and is no news', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503);
    await received(id, { frame: say.status(10, 'Available') });
    await until(1, () => stekkerGot(id));
    await received(id, { frame: say.status(5, 'Faulted') });
    world.answers.stekker = answer(200);
    travel(60 * SECOND);
    await ring(id);
    await drained(id);
    expect(stekkerGot(id)).toEqual(['StatusNotification Available', 'StatusNotification Available']);
  });

  test('a status that came while a session ran is sent, whatever came after it', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503);
    await received(id, { frame: say.start(0), response: accepted(7) }, { frame: say.status(1, 'Unavailable') });
    await until(1, () => stekkerGot(id));
    await received(id, { frame: say.status(2, 'Reserved') }, { frame: say.status(2, 'Available', 2) });
    await received(id, { frame: say.stop(3, 7, 2500) }, { frame: say.status(4, 'Unavailable') });
    await received(id, { frame: say.status(5, 'Available') });
    world.answers.stekker = answer(200);
    travel(60 * SECOND);
    await ring(id);
    await drained(id);
    expect(stekkerGot(id).slice(1)).toEqual([
      'StartTransaction 1000',
      'StatusNotification Unavailable',
      'StatusNotification Reserved',
      'StatusNotification Available',
      'StopTransaction 2500',
      'StatusNotification Available',
    ]);
  });

  test('a status that came while a session of OCPP 2.0.1 ran is sent, whatever came after it', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503);
    await received(id, say201.transaction(0, 'Started', 0), say201.status(1, 'Unavailable'));
    await until(1, () => stekkerGot(id));
    await received(id, say201.status(2, 'Reserved'), say201.status(2, 'Available', 2));
    await received(id, say201.transaction(3, 'Ended', 1), say201.status(4, 'Unavailable'));
    await received(id, say201.status(5, 'Faulted'));
    world.answers.stekker = answer(200);
    travel(60 * SECOND);
    await ring(id);
    await drained(id);
    expect(stekkerGot(id).slice(1)).toEqual([
      'StartTransaction 1000',
      'StatusNotification Unavailable',
      'StatusNotification Reserved',
      'StatusNotification Available',
      'StopTransaction 2500',
      // Stekker is told by a status that the session's end has freed the connector.
      'StatusNotification Available',
      'StatusNotification Faulted',
    ]);
  });
});
