/** Which events are the same one again, as a CSMS sees it: by their webhook's answers. */
import { runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import bootTwice from '../fixtures/field/01-boot-status-same-id.json';
import { nameOf } from '../../src/station/journal/repeats/names.ts';
import { call, nativeEvent, registered } from '../http/client.ts';
import { at, drained, jsonIn, paired, received, rowsOf, say, sentTo, standInProviders, stub, travel } from './world.ts';

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const post = async (json: unknown): Promise<unknown> => (await call('/webhooks/ocpp', { json })).json();
const DAY_MS = 24 * 60 * 60_000;
const NEWS = { received: 1, duplicates: 0 };
const REPEAT = { received: 0, duplicates: 1 };

const status = (payload: object, messageId = '1000002') => [
  2,
  messageId,
  'StatusNotification',
  { connectorId: 1, status: 'Available', errorCode: 'NoError', ...payload },
];

/** The events of a field report by their webhooks; texts like `@+60` are seconds after noon. */
function webhooksOf(report: { events: readonly object[] }, chargePointId: string): object[][] {
  const text = JSON.stringify(report.events).replaceAll(/"@\+(\d+)"/g, (_, second) => `"${at(Number(second) / 60)}"`);
  const events: { post: number }[] = JSON.parse(text);
  return Object.values(Object.groupBy(events, (event) => event.post)).map((group = []) =>
    group.map((event) => ({ ...event, chargePointId })),
  );
}

describe('a frame that does not say when it was said', () => {
  test('is news after a reboot, when message ids begin anew', async () => {
    const id = await paired('stekker');
    let last: unknown;
    for (const webhook of webhooksOf(bootTwice, id)) last = await post(webhook);
    expect(last).toMatchObject({ duplicates: 0 });
    await drained(id);
    expect(sentTo('stekker', world.calls, id).at(-1)).toMatchObject({ event: { params: { status: 'Available' } } });
  });

  test.each([
    ['without a timestamp', {}],
    ['of 1970', { timestamp: '1970-01-01T00:01:10.932Z' }],
    ['of a clock that is years ahead', { timestamp: '2036-02-07T06:28:15Z' }],
  ])('%s is the same only if it was seen at the same time', async (_, payload) => {
    const id = await registered();
    const seen = (minute: number) => nativeEvent(id, { frame: status(payload), timestamp: at(minute) });
    expect(await post(seen(0))).toMatchObject(NEWS);
    expect(await post(seen(0))).toMatchObject(REPEAT);
    expect(await post(seen(1))).toMatchObject(NEWS);
  });

  test('nor when it was seen, is the same for ten minutes', async () => {
    const id = await registered();
    const event = nativeEvent(id, { frame: status({}), timestamp: undefined });
    expect(await post(event)).toMatchObject(NEWS);
    travel(9 * 60_000);
    expect(await post(event)).toMatchObject(REPEAT);
    travel(2 * 60_000);
    expect(await post(event)).toMatchObject(NEWS);
  });
});

describe('a frame that says when it was said', () => {
  test('is the same whatever the order of its keys, at any depth, and whenever it was seen', async () => {
    const id = await registered();
    const meter = (sample: object) => [
      2,
      'm-1',
      'MeterValues',
      { connectorId: 1, transactionId: 7, meterValue: [{ timestamp: at(0), sampledValue: [sample] }] },
    ];
    const event = nativeEvent(id, { frame: meter({ value: '1', unit: 'Wh' }), timestamp: at(0) });
    expect(await post(event)).toMatchObject(NEWS);
    const again = nativeEvent(id, { frame: meter({ unit: 'Wh', value: '1' }), timestamp: at(1) });
    expect(await post(again)).toMatchObject(REPEAT);
    expect(await post(nativeEvent(id, { frame: meter({ unit: 'Wh', value: '2' }) }))).toMatchObject(NEWS);
  });

  test('is known by the name that the release before gave it', async () => {
    const id = await paired('stekker');
    const [, messageId, action, payload] = say.status(0, 'Available');
    const old = nameOf(`frame|cs|${JSON.stringify({ type: 'call', messageId, action, payload })}`);
    await runInDurableObject(stub(id), (_, state) => {
      state.storage.sql.exec(
        'INSERT INTO repeats (day, slot, size, keys) VALUES (?, ?, 1, ?)',
        Math.floor(Date.now() / DAY_MS),
        '',
        `${old} `,
      );
    });
    expect(await post(nativeEvent(id, { frame: [2, messageId, action, payload] }))).toMatchObject(REPEAT);
    await received(id, { frame: say.status(1, 'Charging') });
  });
});

describe('an event that comes again after days, as a backfill posts it', () => {
  test.each([
    ['with a time of its own', { timestamp: at(0) }],
    ['without one', {}],
  ])('%s is the same for as long as the journal is kept', async (_, payload) => {
    const id = await registered();
    const event = (minute: number, messageId: string) =>
      nativeEvent(id, { frame: status(payload, messageId), timestamp: at(minute) });
    expect(await post(event(0, 'm-0'))).toMatchObject(NEWS);
    for (let day = 1; day <= 6; day += 1) {
      travel(DAY_MS);
      for (let minute = 0; minute < 130; minute += 1) await post(event(day * 24 * 60 + minute, `m-${day}-${minute}`));
    }
    expect(await post(event(0, 'm-0'))).toMatchObject(REPEAT);
  });
});

describe('an event of a time of which nothing is remembered', () => {
  const old = (id: string, minute: number, messageId: string) =>
    nativeEvent(id, { frame: status({ timestamp: at(minute) }, messageId), timestamp: at(minute) });
  const thirtyDaysOn = () => {
    for (let day = 0; day < 30; day += 1) travel(DAY_MS);
  };

  test('is refused when it may have been delivered and forgotten', async () => {
    const id = await registered();
    expect(await post(old(id, 0, 'm-0'))).toMatchObject(NEWS);
    thirtyDaysOn();
    expect(await post(old(id, 30 * 24 * 60, 'm-1'))).toMatchObject(NEWS);
    await runInDurableObject(stub(id), (station) => station.alarm());
    expect(await post(old(id, 0, 'm-0'))).toMatchObject({ status: 400, reason: 'event-too-old' });
    const [entry] = await rowsOf(id, 'SELECT entry FROM log ORDER BY seq DESC LIMIT 1');
    expect(jsonIn(entry, 'entry')).toMatchObject({ kind: 'refused', reason: 'event-too-old' });
  });

  test('is taken by a charger that has forgotten nothing', async () => {
    thirtyDaysOn();
    const id = await registered();
    expect(await post(old(id, 0, 'm-0'))).toMatchObject(NEWS);
  });
});

describe('an answer that does not say who sent it', () => {
  test('is the CSMS’s when a start of the station waits for it', async () => {
    const id = await paired('stekker');
    const frame = say.start(0);
    const unsaid = { direction: undefined, timestamp: at(0) };
    expect(await post(nativeEvent(id, { ...unsaid, frame }))).toMatchObject(NEWS);
    const answer = [3, frame[1], { transactionId: 7, idTagInfo: { status: 'Accepted' } }];
    expect(await post(nativeEvent(id, { ...unsaid, frame: answer }))).toMatchObject(NEWS);
    await drained(id);
    expect(sentTo('stekker', world.calls, id)).toMatchObject([{ event: { method: 'StartTransaction' } }]);
  });

  test('is of no interest when it can only be the station’s', async () => {
    const id = await registered();
    const frame = [3, 'r-1', { status: 'Accepted' }];
    expect(await post(nativeEvent(id, { direction: undefined, frame }))).toMatchObject({
      ignored: 1,
      ignoredReasons: { 'no-interest': 1, 'charger-unknown': 0 },
    });
  });
});
