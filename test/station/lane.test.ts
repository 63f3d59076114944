/** A lane: what becomes of each message, one by one. The laws that hold for all histories are in lane-laws.test.ts. */
import { describe, expect, test } from 'vitest';
import { REQUESTS_PER_RUN } from '../../src/station/delivery/lane.ts';
import { FakeWorld, MAX_AGE_MS, type Reply } from './lane-world.ts';

const ONE = { parts: 1 };
const MINUTE = 60_000;

/** A world in which the provider answers as told. */
function worldWith(...replies: Reply[]): FakeWorld {
  const world = new FakeWorld();
  world.replies = replies;
  return world;
}

const places = (world: FakeWorld) => world.endings.map(({ place, how }) => `${place} ${how}`);

describe('a delivery', () => {
  test('starts at once, and the next one only after its answer', async () => {
    const world = worldWith();
    await world.accept(ONE);
    await world.accept(ONE);
    expect(places(world)).toEqual(['1.0 delivered']);
    await world.answer();
    expect(places(world)).toEqual(['1.0 delivered', '2.0 delivered']);
    await world.answer();
    expect(world.settled.get(2)).toMatchObject({ outcome: 'delivered', attempts: 1 });
    expect(world.wakeAt).toBeUndefined();
  });

  test('of a row with several messages reads and translates the row once', async () => {
    const world = worldWith();
    await world.accept({ parts: 3 });
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 delivered', '1.1 delivered', '1.2 delivered']);
    expect({ translations: world.translations, rowReads: world.rowReads }).toEqual({ translations: 1, rowReads: 2 });
  });

  test('of a row with several messages keeps their order, and is settled once, with all its requests', async () => {
    const world = worldWith({ status: 503 });
    await world.accept({ parts: 2 });
    await world.answerAll();
    await world.pass(2000);
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 delivered', '1.1 delivered']);
    expect(world.settled.get(1)).toMatchObject({ outcome: 'delivered', attempts: 3 });
  });

  test('of a row that comes to nothing is settled as empty, without a request', async () => {
    const world = worldWith();
    await world.accept({ parts: 0 });
    expect(world.settled.get(1)).toMatchObject({ outcome: 'empty', attempts: 0 });
    expect(world.attempts).toEqual([]);
  });

  test('that is called for while the lane is about to end is not forgotten', async () => {
    const world = worldWith();
    world.onEmpty = () => {
      world.onEmpty = undefined;
      queueMicrotask(() => void world.accept(ONE));
    };
    await world.drain();
    expect(places(world)).toEqual(['1.0 delivered']);
  });

  test('goes on in a new run after so many requests, since the platform bounds one run', async () => {
    const world = worldWith();
    world.isPaused = true;
    for (let count = 0; count <= REQUESTS_PER_RUN; count += 1) await world.accept(ONE);
    world.isPaused = false;
    await world.drain();
    await world.answerAll();
    expect(world.endings).toHaveLength(REQUESTS_PER_RUN);
    expect(world.wakeAt).toBe(world.now);
    await world.pass(0);
    await world.answerAll();
    expect(world.owed.size).toBe(0);
  });
});

describe('a rejected message', () => {
  test('is parked with its answer and the lane moves on', async () => {
    const world = worldWith({ status: 400 });
    await world.accept(ONE);
    await world.accept(ONE);
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 parked', '2.0 delivered']);
    expect(world.letters).toMatchObject([{ reason: 'http-400', attempts: 1, answer: { kind: 'answer', status: 400 } }]);
    expect(world.settled.get(1)).toMatchObject({ outcome: 'parked', reason: 'http-400', attempts: 1 });
  });

  test('is replayed as the message it was, to its own provider', async () => {
    const world = worldWith({ status: 422 });
    await world.accept(ONE);
    await world.answerAll();
    expect(world.letters[0]?.deliverables).toEqual([
      { message: { name: '1.0', method: 'POST', path: '/', body: {} }, to: { acme: 0 } },
    ]);
  });

  test('leaves the row parked although its other messages are delivered, across an eviction too', async () => {
    const world = worldWith({ status: 400 }, { status: 503 });
    await world.accept({ parts: 2 });
    await world.answerAll();
    await world.evict();
    await world.pass(2000);
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 parked', '1.1 delivered']);
    expect(world.settled.get(1)).toMatchObject({ outcome: 'parked', reason: 'http-400', attempts: 3 });
  });

  test('whose parking fails is sent and parked again later, not with every event that comes', async () => {
    const world = worldWith({ status: 400 }, { status: 400 });
    world.parkings = ['throws'];
    await world.accept(ONE);
    await world.answerAll();
    expect(world.faults).toEqual(['Error: the storage is full']);
    await world.accept(ONE);
    await world.answerAll();
    expect(world.attempts).toHaveLength(1);
    expect(world.wakeAt).toBe(world.now + 30_000);
    await world.pass(30_000);
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 parked', '2.0 delivered']);
  });

  test('whose translation throws is parked with its events for its own provider only, and the lane moves on', async () => {
    const world = worldWith();
    await world.accept({ parts: 1, throws: true });
    await world.accept(ONE);
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 parked', '2.0 delivered']);
    expect(world.letters).toMatchObject([{ reason: 'translation-failed', attempts: 0 }]);
    expect(world.letters[0]?.deliverables.map(({ to }) => to)).toEqual([{ acme: 0 }]);
    expect(world.faults).toEqual(['Error: a bug in the translation']);
  });
});

describe('a deferred message', () => {
  test('makes the lane wait: nothing overtakes it', async () => {
    const world = worldWith({ status: 503 });
    await world.accept(ONE);
    await world.answerAll();
    await world.accept(ONE);
    expect(world.attempts).toHaveLength(1);
    expect(world.isIdle).toBe(true);
    await world.pass(1200);
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 delivered', '2.0 delivered']);
  });

  test('waits as long as the provider asks, in both forms, and at most an hour', async () => {
    const date = (ms: number) => new Date(Date.parse('2026-03-31T12:00:00Z') + ms).toUTCString();
    for (const [retryAfter, waitMs] of [
      ['120', 2 * MINUTE],
      [date(3 * MINUTE), 3 * MINUTE],
      ['86400', 60 * MINUTE],
      [date(-MINUTE), 800],
    ] as const) {
      const world = worldWith({ status: 429, retryAfter });
      await world.accept(ONE);
      await world.answerAll();
      const least = (world.wakeAt ?? 0) - world.now;
      expect(least).toBeGreaterThanOrEqual(waitMs);
      expect(least).toBeLessThanOrEqual(Math.max(waitMs, 1200));
    }
  });

  test('that failed before an eviction is not tried before its time after it', async () => {
    const world = worldWith({ status: 503, retryAfter: '60' });
    await world.accept(ONE);
    await world.answerAll();
    world.wakeAt = undefined;
    await world.evict();
    expect(world.attempts).toHaveLength(1);
    expect(world.wakeAt).toBe(world.now + MINUTE);
  });

  test('is parked as expired with its last answer once it is too old, and those behind it that are not are sent', async () => {
    const world = worldWith({ status: 503, retryAfter: '3600' });
    await world.accept(ONE);
    await world.answerAll();
    await world.pass(MAX_AGE_MS + 1);
    await world.accept(ONE);
    await world.answerAll();
    expect(world.letters).toMatchObject([{ seq: 1, reason: 'expired', attempts: 1 }]);
    expect(places(world)).toEqual(['1.0 parked', '2.0 delivered']);
  });

  test('whose sending throws is tried again later', async () => {
    const world = worldWith({ throws: true });
    await world.accept(ONE);
    await world.answerAll();
    expect(world.faults).toEqual(['Error: sending failed']);
    await world.pass(30_000);
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 delivered']);
  });
});

describe('failures in a row', () => {
  test('are counted for each message, across evictions, and make each wait longer', async () => {
    const down = { status: 503 };
    const world = worldWith(down, down, down, { status: 200 }, down);
    await world.accept({ parts: 2 });
    await world.answerAll();
    for (const ms of [1200, 2400, 4800]) {
      await world.evict();
      await world.pass(ms);
      await world.answerAll();
    }
    expect(world.attempts.map(({ part, attempt }) => [part, attempt])).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
      [0, 4],
      [1, 1],
    ]);
    const waits = world.waits.map(({ waitMs }) => Math.round(waitMs / 1000));
    expect(waits).toEqual([1, 2, 4, 1]);
  });
});

describe('a lane that waits', () => {
  const status = (connector: string) => ({ parts: 1, connector });

  test('sends only the newest status of a connector, and every message of a session', async () => {
    const world = worldWith({ status: 503 });
    await world.accept(status('1.1'));
    await world.answerAll();
    await world.accept(ONE);
    await world.accept(status('1.1'));
    await world.accept(status('2.1'));
    await world.accept(ONE);
    await world.accept(status('1.1'));
    await world.pass(2000);
    await world.answerAll();
    expect(places(world)).toEqual(['2.0', '4.0', '5.0', '6.0'].map((place) => `${place} delivered`));
    expect(world.settled.get(1)).toMatchObject({ outcome: 'superseded' });
    expect(world.settled.get(3)).toMatchObject({ outcome: 'superseded' });
  });

  test('sends every status as long as it does not wait', async () => {
    const world = worldWith();
    await world.accept(status('1.1'));
    await world.accept(status('1.1'));
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 delivered', '2.0 delivered']);
  });

  test('asks for a permit before each request until nothing is owed, and then never again, evicted or not', async () => {
    const world = worldWith({ status: 503 });
    await world.accept(ONE);
    await world.accept(ONE);
    expect(world.permits).toBe(0);
    await world.answerAll();
    await world.pass(2000);
    await world.answerAll();
    expect(world.permits).toBe(2);
    expect(world.reports).toEqual([true, true]);
    expect(world).toMatchObject({ recoveries: 1, place: undefined });
    await world.evict();
    await world.accept(ONE);
    await world.answerAll();
    expect(world).toMatchObject({ permits: 2, recoveries: 1 });
  });

  test('sends nothing that was settled, and nothing at all when it was paused, while it asked for a permit', async () => {
    const world = worldWith({ status: 503 });
    await world.accept(ONE);
    await world.accept(ONE);
    await world.answerAll();
    world.onPermit = () => world.owed.delete(1);
    await world.pass(2000);
    await world.answerAll();
    expect(places(world)).toEqual(['2.0 delivered']);
    const paused = worldWith({ status: 503 });
    await paused.accept(ONE);
    await paused.answerAll();
    paused.onPermit = () => Object.assign(paused, { isPaused: true });
    await paused.pass(2000);
    await paused.answerAll();
    expect(paused).toMatchObject({ permits: 1, endings: [] });
  });

  test('tells the breaker of failures from the second in a row on, and of every answer that shows the provider is up', async () => {
    const down = { status: 503 };
    const world = worldWith(down, down, { lost: 'timeout' }, { status: 400 }, down, { status: 200 });
    await world.accept(ONE);
    await world.accept(ONE);
    await world.answerAll();
    expect(world.reports).toEqual([]);
    await world.evict();
    for (let round = 0; round < 4; round += 1) {
      await world.pass(10_000);
      await world.answerAll();
    }
    expect(places(world)).toEqual(['1.0 delivered', '1.0 parked', '2.0 delivered']);
    expect(world.reports).toEqual([false, false, true, true]);
  });

  test('is in trouble after an eviction too, also when the message that failed has gone', async () => {
    const world = worldWith({ status: 503 });
    world.permitWaits = [0, 4000];
    await world.accept(ONE);
    await world.accept(ONE);
    await world.answerAll();
    await world.pass(2000);
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 delivered']);
    await world.evict();
    await world.pass(4000);
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 delivered', '2.0 delivered']);
    expect(world).toMatchObject({ permits: 3, recoveries: 1 });
  });

  test('waits no longer than an hour after its clock was set back', async () => {
    const world = worldWith({ status: 503 });
    await world.accept(ONE);
    await world.answerAll();
    world.now -= 6 * 60 * MINUTE;
    await world.evict();
    expect((world.wakeAt ?? Infinity) - world.now).toBe(60 * MINUTE);
    await world.pass(60 * MINUTE);
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 delivered']);
  });

  test('waits as long as the breaker says, and does not ask twice for a place it was given', async () => {
    const world = worldWith({ status: 503 });
    world.permitWaits = [5000];
    await world.accept(ONE);
    await world.answerAll();
    await world.pass(2000);
    expect(world.attempts).toHaveLength(1);
    await world.pass(5000);
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 delivered']);
    expect(world.permits).toBe(1);
  });
});

describe('a lane without its provider', () => {
  test('that is paused sends nothing, and everything in order once it is resumed', async () => {
    const world = worldWith();
    world.isPaused = true;
    for (const connector of ['1.1', '1.1']) await world.accept({ parts: 1, connector });
    expect(world).toMatchObject({ endings: [], isIdle: true });
    world.isPaused = false;
    await world.drain();
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 delivered', '2.0 delivered']);
  });

  test('that is switched off looks again, and parks what is too old', async () => {
    const world = worldWith();
    world.isOff = true;
    await world.accept(ONE);
    expect(world.wakeAt).toBe(world.now + 10 * MINUTE);
    await world.pass(MAX_AGE_MS + 1);
    expect(world.letters).toMatchObject([{ reason: 'expired', attempts: 0 }]);
    world.isOff = false;
    await world.accept(ONE);
    await world.answerAll();
    expect(places(world)).toEqual(['1.0 parked', '2.0 delivered']);
  });
});
