/** What a station takes, and whom it owes it to: atomicity, duplicates, pairing in mid-session, and what it knows of its charger. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pause as pauseProvider } from '../../src/operations/pausing.ts';
import { Ledger } from '../../src/station/journal/ledger.ts';
import type { IndexedIncoming } from '../../src/station/station-rpc.ts';
import { call, chargerBody, registered } from '../http/client.ts';
import { PATIENCE } from '../patience.ts';
import {
  accepted,
  answer,
  at,
  backlogOf,
  drained,
  ENDED,
  freshId,
  jsonIn,
  paired,
  PAIRED,
  pairWith,
  post,
  received,
  ring,
  rowsOf,
  say,
  sentTo,
  session,
  standInProviders,
  stub,
  told,
  travel,
  until,
  WHOLE_SESSION,
} from './world.ts';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const stekkerGot = (id: string) => told('stekker', world.calls, id);
const jedlixGot = (id: string) => told('jedlix', world.calls, id);
const logOf = (id: string) => rowsOf(id, 'SELECT seq, entry, owed FROM log ORDER BY seq');

/** Events as the HTTP edge hands them over. */
const incoming = (...frames: (readonly [number, string, ...unknown[]])[]): IndexedIncoming[] =>
  frames.map(([, messageId, action, payload], index) => ({
    index,
    incoming: {
      kind: 'message',
      message: {
        protocol: 'ocpp1.6',
        direction: 'cs',
        seenAt: at(0),
        frame: { type: 'call', messageId, action: String(action), payload: Object(payload) },
      },
    },
  }));

describe('a webhook', () => {
  test('becomes one row for each event, numbered without gaps, whatever was forgotten before', async () => {
    const id = await paired('stekker');
    await received(id, ...session(7));
    await drained(id);
    expect((await logOf(id)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    travel(8 * DAY);
    await evictDurableObject(stub(id));
    await received(id, { frame: say.status(4, 'Available'), timestamp: new Date(Date.now()).toISOString() });
    await drained(id);
    await stub(id).nudge();
    await vi.waitFor(async () => expect((await logOf(id)).map(({ seq }) => seq)).toEqual([1, 5, 6]), PATIENCE);
  });

  test('of which one event fails stores nothing, and everything again when it is repeated', async () => {
    const id = await paired('stekker');
    const context = { requestId: crypto.randomUUID(), webhookId: 'webhook-1' };
    const events = incoming(say.start(0), say.status(1, 'Charging'), say.meter(2, 7, 1500));
    await runInDurableObject(stub(id), (_, state) => {
      const ledger = new Ledger(state.storage);
      const before = { book: ledger.book, rows: state.storage.sql.exec('SELECT * FROM log').toArray() };
      const append = ledger.store.append.bind(ledger.store);
      const failing = vi.spyOn(ledger.store, 'append').mockImplementation((row) => {
        if (row.seq === 3) throw new Error('the disk is full');
        append(row);
      });
      expect(() => ledger.take(events, context, Date.now())).toThrow('the disk is full');
      expect(ledger.book).toBe(before.book);
      expect(state.storage.sql.exec('SELECT * FROM log').toArray()).toEqual(before.rows);
      failing.mockRestore();
      const kinds = ledger.take(events, context, Date.now()).map(({ kind }) => kind);
      expect(kinds).toEqual(['received', 'received', 'received']);
      const seqs = state.storage.sql.exec('SELECT seq FROM log ORDER BY seq').toArray();
      expect(seqs).toEqual([1, 2, 3, 4].map((seq) => ({ seq })));
      expect(ledger.book).toEqual(new Ledger(state.storage).book);
    });
  });

  test('is known again for at least 24 hours, by its webhook-id with its body and by its frames', async () => {
    const id = await paired('stekker');
    const headers = { 'webhook-id': crypto.randomUUID() };
    const [first, second] = [{ frame: say.status(0, 'Available') }, { frame: say.status(3, 'Preparing') }];
    const connection = () =>
      call('/webhooks/ocpp', { json: { chargePointId: id, connection: 'connected', timestamp: at(0) }, headers });
    await post(id, [first], headers);
    await connection();
    for (let batch = 0; batch < 3; batch += 1) {
      await received(id, ...Array.from({ length: 100 }, () => ({ frame: say.status(batch, 'Charging') })));
      await drained(id);
      travel(8 * HOUR - 60_000);
      await evictDurableObject(stub(id));
    }
    expect(await (await connection()).json()).toMatchObject({ received: 0, duplicates: 1 });
    expect((await post(id, [first], headers)).body).toMatchObject({ received: 0, duplicates: 1 });
    expect((await post(id, [first])).body).toMatchObject({ received: 0, duplicates: 1 });
    expect((await post(id, [second], headers)).body).toMatchObject({ received: 1, duplicates: 0 });
    await drained(id);
    expect(stekkerGot(id)).toHaveLength(302);
  });

  test('forgets those names in time: they stand in a bounded number of rows', async () => {
    const id = await registered();
    for (let day = 0; day < 12; day += 1) {
      const timestamp = new Date(Date.now()).toISOString();
      await received(id, ...Array.from({ length: 300 }, () => ({ frame: say.status(day, 'Charging'), timestamp })));
      await ring(id);
      travel(2 * DAY);
    }
    // Four or five of the twelve webhooks came within the seven days: 300 names are one row of 128, and 16 beside it.
    expect((await rowsOf(id, 'SELECT slot FROM repeats')).length).toBeLessThanOrEqual(5 * 17);
  });

  test('of a charger that nobody registered leaves no trace', async () => {
    const id = freshId();
    expect((await post(id, [{ frame: say.status(0, 'Available') }])).body).toMatchObject({ received: 0, ignored: 1 });
    const traces = await runInDurableObject(stub(id), async (_, state) => ({
      tables: state.storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
        .toArray(),
      alarm: await state.storage.getAlarm(),
    }));
    expect(traces).toEqual({ tables: [], alarm: null });
  });

  test('with a message too large to be stored is refused for that message alone', async () => {
    const id = await registered();
    const huge = say.status(0, 'Available');
    const [type, messageId, action] = huge;
    const frame = [type, messageId, action, { ...Object(huge[3]), info: 'x'.repeat(200_000) }] as const;
    const { body } = await post(id, [{ frame }, { frame: say.status(1, 'Charging') }]);
    expect(body).toMatchObject({ received: 1, rejected: [{ index: 0, reason: 'frame-invalid' }] });
  });
});

describe('a station that does not know its charger', () => {
  test('learns it from the registry, with its pairings', async () => {
    const id = await paired('stekker', 'jedlix');
    await received(id, { frame: say.start(0), response: accepted(7) });
    await drained(id);
    await runInDurableObject(stub(id), (_, state) => {
      state.storage.sql.exec("DELETE FROM facts WHERE name = 'registration'");
    });
    await evictDurableObject(stub(id));
    await received(id, { frame: say.meter(1, 7, 1500) });
    await drained(id);
    expect(stekkerGot(id)).toEqual(WHOLE_SESSION.slice(0, 2));
    expect(jedlixGot(id)).toEqual(['Started 0', 'Updated 1']);
  });

  test('learns it although nobody ever told it, and also that its provider is paused', async () => {
    const source = await paired('stekker');
    const id = freshId();
    await env.DB.batch([
      env.DB.prepare(
        `INSERT INTO chargers SELECT ?1, ?1, json_set(record, '$.chargePointId', ?1), 0, 0 FROM chargers WHERE charge_point_id = ?2`,
      ).bind(id, source),
      env.DB.prepare(
        `INSERT INTO pairings (charge_point_id, provider, generation, last_generation, status, format, claimed_at)
         VALUES (?, 'stekker', 1, 1, 'paired', 'ocpp', 0)`,
      ).bind(id),
      env.DB.prepare("INSERT INTO paused_providers VALUES ('stekker', 0)"),
    ]);
    await received(id, { frame: say.status(0, 'Available') });
    expect(await backlogOf(id)).toBe(1);
    expect(stekkerGot(id)).toEqual([]);
    await env.DB.prepare('DELETE FROM paused_providers').run();
    await stub(id).nudge();
    await drained(id);
    expect(stekkerGot(id)).toEqual(['StatusNotification Available']);
  });
});

describe('pairing in mid-session', () => {
  test('tells the provider of the start with its true time, then the latest, then goes on without a gap', async () => {
    const id = await registered();
    await received(id, { frame: say.start(0), response: accepted(7) });
    for (const minute of [1, 2, 3]) await received(id, { frame: say.meter(minute, 7, 1000 + minute * 500) });
    await pairWith(id, 'jedlix');
    await pairWith(id, 'stekker');
    await received(id, { frame: say.meter(4, 7, 3000) }, { frame: say.stop(5, 7, 3500) });
    await drained(id);
    expect(jedlixGot(id)).toEqual(['Started 0', 'Updated 1', 'Updated 2', 'Ended 3']);
    const [started, latest] = sentTo('jedlix', world.calls, id);
    expect(started).toMatchObject({ timestamp: at(0), transactionInfo: { transactionId: '7' } });
    expect(latest).toMatchObject({ timestamp: at(3), meterValue: [{ sampledValue: [{ value: 2500 }] }] });
    const [start] = sentTo('stekker', world.calls, id);
    expect(start).toMatchObject({ event: { method: 'StartTransaction', params: { timestamp: at(0) } } });
    expect(stekkerGot(id).filter((each) => !each.startsWith('Status'))).toEqual([
      'StartTransaction 1000',
      'MeterValues 2500',
      'MeterValues 3000',
      'StopTransaction 3500',
    ]);
  });

  test('is once, however often the station is told', async () => {
    const id = await registered();
    await received(id, { frame: say.start(0), response: accepted(7) });
    await pairWith(id, 'jedlix');
    await stub(id).learnPairing('jedlix', PAIRED);
    await drained(id);
    expect(jedlixGot(id)).toEqual(['Started 0']);
  });
});

describe('the end of a pairing', () => {
  test('stops later events, and the earlier ones are still delivered', async () => {
    const id = await paired('stekker', 'jedlix');
    world.answers.stekker = answer(503);
    await received(id, ...session(7).slice(0, 2));
    await until(1, () => stekkerGot(id));
    await stub(id).learnPairing('stekker', ENDED);
    await received(id, ...session(7).slice(2));
    world.answers.stekker = answer(200);
    travel(60_000);
    await stub(id).nudge();
    await drained(id);
    expect([...new Set(stekkerGot(id))]).toEqual(WHOLE_SESSION.slice(0, 2));
    expect(jedlixGot(id)).toEqual(['Started 0', 'Updated 1', 'Updated 2', 'Ended 3']);
  });

  test('by the removal of the charger takes nothing more, delivers what was taken, and keeps no session', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503);
    await received(id, ...session(7).slice(0, 2));
    await until(1, () => stekkerGot(id));
    expect((await call(`/api/chargers/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await post(id, session(7).slice(2))).body).toMatchObject({ received: 0, ignored: 2 });
    world.answers.stekker = answer(200);
    travel(60_000);
    await stub(id).nudge();
    await drained(id);
    expect([...new Set(stekkerGot(id))]).toEqual(WHOLE_SESSION.slice(0, 2));
    const [newest] = await rowsOf(id, 'SELECT entry, book FROM log ORDER BY seq DESC LIMIT 1');
    expect(jsonIn(newest, 'entry')).toEqual({ kind: 'deregistered' });
    expect(jsonIn(newest, 'book')).toMatchObject({ running: [], ended: [] });
  });
});

describe('changed details of a charger', () => {
  const put = async (id: string, changes: Record<string, unknown>) => {
    const response = await call(`/api/chargers/${id}`, { method: 'PUT', json: chargerBody(id, changes) });
    expect(response.status).toBe(200);
  };

  test('are put to a provider that was told other ones, once and without a pairing code, in their place', async () => {
    const id = await paired('stekker', 'jedlix');
    await received(id, { frame: say.status(0, 'Available') });
    await put(id, { name: 'New name' });
    await put(id, { name: 'New name' });
    await received(id, { frame: say.status(1, 'Preparing') });
    await drained(id);
    expect(stekkerGot(id)).toEqual([
      'StatusNotification Available',
      'ChargePointDetailsNotification',
      'StatusNotification Preparing',
    ]);
    const [details] = sentTo('stekker', world.calls, id).filter(({ event }) => typeof event === 'string');
    expect(details).toMatchObject({ name: 'New name' });
    expect(details).not.toHaveProperty('pairingCode');
    const puts = world.calls.filter(({ method, body }) => method === 'PUT' && body.includes(id));
    expect(puts).toHaveLength(1);
    expect(jedlixGot(id)).toEqual([]);
  });

  test('that the provider never sees are not sent', async () => {
    const id = await paired('stekker');
    const [evse] = chargerBody(id)['evses'] as Record<string, unknown>[];
    await put(id, { evses: [{ ...evse, uid: '9999', capabilities: ['RESERVABLE'] }] });
    expect(await backlogOf(id)).toBe(0);
    expect(stekkerGot(id)).toEqual([]);
  });
});

describe('what is old', () => {
  test('is forgotten after seven days, but never what is owed, and never the newest row: the book is in it', async () => {
    const id = await paired('stekker', 'jedlix');
    world.answers.stekker = answer(503, { 'retry-after': '3600' });
    await received(id, { frame: say.start(0), response: accepted(7) });
    await until(1, () => stekkerGot(id));
    await pauseProvider(env, 'stekker', true, Date.now());
    await stub(id).learnPairing('stekker', ENDED);
    await received(id, { frame: say.meter(1, 7, 1500) }, { frame: say.meter(2, 7, 1600) });
    await until(3, () => jedlixGot(id));
    await vi.waitFor(async () => expect(await backlogOf(id)).toBe(1), PATIENCE);
    travel(7 * DAY + HOUR);
    await evictDurableObject(stub(id));
    await stub(id).nudge();
    const seen = () => rowsOf(id, "SELECT owed, book FROM log WHERE entry LIKE '%message%' ORDER BY seq");
    await vi.waitFor(async () => expect(await seen()).toHaveLength(2), PATIENCE);
    const [owed, newest] = await seen();
    expect(owed).toMatchObject({ owed: '|stekker|' });
    expect(jsonIn(newest, 'book')).toMatchObject({ running: [{ stationId: '7', nextSequence: 3 }] });
    expect(await rowsOf(id, 'SELECT provider FROM attempts')).toEqual([{ provider: 'stekker' }]);
    await received(id, { frame: say.stop(3, 7, 2500) });
    await until(4, () => jedlixGot(id));
    expect(jedlixGot(id)).toEqual(['Started 0', 'Updated 1', 'Updated 2', 'Ended 3']);
    await pauseProvider(env, 'stekker', false, Date.now());
  });
});
