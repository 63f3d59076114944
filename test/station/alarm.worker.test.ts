/** The alarm of a real station: within ten minutes of the oldest thing owed, and never for nothing while events come. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  accepted,
  answer,
  drained,
  paired,
  received,
  ring,
  say,
  standInProviders,
  stub,
  told,
  travel,
  until,
} from './world.ts';

const MINUTE = 60_000;

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const alarmOf = async (id: string) =>
  (await runInDurableObject(stub(id), (_, state) => state.storage.getAlarm())) ?? Number.NaN;

/** Delivers a start, then a reading a minute for twenty minutes; gives the alarms there were, each within ten minutes. */
async function minutely(id: string): Promise<number[]> {
  await received(id, { frame: say.start(0), response: accepted(7) });
  const alarms: number[] = [];
  for (let minute = 1; minute <= 20; minute += 1) {
    await drained(id);
    travel(MINUTE);
    expect(await alarmOf(id)).toBeGreaterThan(Date.now());
    await received(id, { frame: say.meter(minute, 7, minute * 100) });
    const alarm = await alarmOf(id);
    expect(alarm).toBeLessThanOrEqual(Date.now() + 10 * MINUTE);
    alarms.push(alarm);
  }
  return alarms;
}

describe('a station that delivers an event a minute', () => {
  test('has an alarm within ten minutes of each, which is set every fifth time and does not ring', async () => {
    const id = await paired('stekker');
    const alarms = await minutely(id);
    expect(new Set(alarms).size).toBeLessThanOrEqual(5);
  });

  test('is quiet once nothing comes any more: its alarm rings once, and then not before there is something to forget', async () => {
    const id = await paired('stekker');
    await minutely(id);
    await drained(id);
    travel(10 * MINUTE);
    await ring(id);
    expect(await alarmOf(id)).toBeGreaterThan(Date.now() + 6 * 24 * 60 * MINUTE);
  });
});

describe('a station that owes something', () => {
  test('is woken within ten minutes of the oldest, however many come after it', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503, { 'retry-after': '3600' });
    const startedAt = Date.now();
    await received(id, { frame: say.start(0), response: accepted(7) });
    await until(1, () => told('stekker', world.calls, id));
    for (let minute = 2; minute < 10; minute += 2) {
      travel(2 * MINUTE);
      await received(id, { frame: say.meter(minute, 7, minute * 100) });
      if (minute === 4) await evictDurableObject(stub(id));
      expect(await alarmOf(id)).toBeLessThan(startedAt + 10.5 * MINUTE);
    }
  });
});

describe('a station with a session whose car has left', () => {
  test('is woken to end it in time, although events are delivered', async () => {
    const id = await paired('stekker');
    await received(id, { frame: say.start(0), response: accepted(7) });
    await received(id, { frame: say.status(1, 'Available') });
    await drained(id);
    travel(58 * MINUTE);
    await received(id, { frame: say.status(2, 'Available', 2) });
    await drained(id);
    expect(await alarmOf(id)).toBeLessThan(Date.now() + 3 * MINUTE);
  });
});
