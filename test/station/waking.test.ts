/** The station's alarm: armed for the earliest thing to do, pushed back only when there is none, re-armed when it was lost. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Waking } from '../../src/station/waking.ts';

const T0 = Date.parse('2026-03-31T12:00:00Z');
const MINUTE = 60_000;

/** The alarm as the platform keeps it; `sets` is every time it was set, which is what costs. */
class FakeStorage {
  alarm: number | null = null;
  readonly sets: number[] = [];

  async getAlarm(): Promise<number | null> {
    return this.alarm;
  }

  async setAlarm(at: number): Promise<void> {
    this.alarm = at;
    this.sets.push(at);
  }
}

let storage: FakeStorage;
let waking: Waking;
beforeEach(() => {
  storage = new FakeStorage();
  waking = newLife();
});

const newLife = () => new Waking(storage as unknown as DurableObjectStorage, (work) => void work);

describe('the alarm', () => {
  test('is set for the earliest thing to do, and not again for what comes later', () => {
    waking.at(T0 + 10 * MINUTE, T0);
    waking.at(T0 + 20 * MINUTE, T0);
    waking.at(T0 + MINUTE, T0);
    waking.at(T0 + MINUTE, T0);
    expect(storage.sets).toEqual([T0 + 10 * MINUTE, T0 + MINUTE]);
  });

  test('is set anew once it rang', () => {
    waking.at(T0 + MINUTE, T0);
    waking.rang();
    waking.at(T0 + 20 * MINUTE, T0 + MINUTE);
    expect(storage.alarm).toBe(T0 + 20 * MINUTE);
  });

  test('rests for half a minute when what it rang for failed, and is due still', () => {
    waking.at(T0, T0);
    waking.rang();
    waking.failed(T0);
    waking.at(T0, T0);
    waking.at(T0 + 1000, T0);
    waking.at(T0 + MINUTE, T0);
    expect(storage.sets).toEqual([T0, T0 + MINUTE / 2]);
  });

  test('of an earlier life is not pushed back', async () => {
    waking.at(T0 + MINUTE, T0);
    waking = newLife();
    await waking.learn();
    waking.at(T0 + 10 * MINUTE, T0);
    expect(storage.sets).toEqual([T0 + MINUTE]);
  });

  test('that is a little late may still come; one long overdue is lost, and set again', async () => {
    waking.at(T0, T0);
    waking.at(T0 + 10 * MINUTE, T0 + MINUTE / 2);
    expect(storage.sets).toEqual([T0]);
    waking.at(T0 + 10 * MINUTE, T0 + 2 * MINUTE);
    expect(storage.sets).toEqual([T0, T0 + 10 * MINUTE]);
    waking = newLife();
    await waking.learn();
    waking.at(T0 + 90 * MINUTE, T0 + 60 * MINUTE);
    expect(storage.alarm).toBe(T0 + 90 * MINUTE);
  });

  test('that would ring for nothing is pushed back when it comes soon, and only then: each time is a row written', () => {
    waking.at(T0 + 10 * MINUTE, T0);
    for (let minute = 1; minute <= 20; minute += 1) waking.notBefore(T0 + (minute + 10) * MINUTE, T0 + minute * MINUTE);
    expect(storage.sets.map((at) => (at - T0) / MINUTE)).toEqual([10, 15, 20, 25, 30]);
  });

  test('is set by the earliest thing to do even when nothing else is, and set again when it was lost', () => {
    waking.notBefore(T0 + 10 * MINUTE, T0);
    waking.notBefore(T0 + MINUTE, T0);
    expect(storage.sets).toEqual([T0 + 10 * MINUTE, T0 + MINUTE]);
    waking.notBefore(T0 + 60 * MINUTE, T0 + 30 * MINUTE);
    expect(storage.alarm).toBe(T0 + 60 * MINUTE);
  });
});
