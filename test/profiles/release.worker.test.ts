import { afterEach, describe, expect, it, vi } from 'vitest';
import { call } from '../http/client.ts';
import { ADMIN_TOKEN } from '../settings.ts';
import {
  eventually,
  alarmOf,
  charging,
  csmsAnswers,
  pass,
  profile16,
  reads,
  ring,
  stekkerSets,
  timelineOf,
  type Period,
} from './chargers.ts';

/** PROFILE_RELEASE_AFTER_S of the Worker under test. */
const AFTER_S = 900;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const held = (periods: readonly Period[], unit: 'W' | 'A' = 'W') =>
  profile16({ periods, unit, startSchedule: new Date().toISOString() });
const at = (limit: number): readonly Period[] => [{ startPeriod: 0, limit }];

/** Time passes, and the alarm rings. Gives the clears that were sent so far. */
async function after(seconds: number, id: string) {
  pass(seconds);
  await ring(id);
  return timelineOf(id, 'charging-profile-cleared');
}

const READING = [{ value: '1500' }];

/** Stekker takes nothing from now on, and the charger owes it a reading. */
async function failsToTake(id: string, answers: ReturnType<typeof csmsAnswers>): Promise<void> {
  answers.stekkerSays(() => new Response(null, { status: 503 }));
  await reads(id, 17, READING);
}
const cleared = (id: string) => timelineOf(id, 'charging-profile-cleared');

describe('a provider that takes nothing any more', () => {
  it.each([
    [0, 'W'],
    [1400, 'W'],
    [6, 'A'],
  ] as const)(
    'and holds a car at %i %s has its profile cleared after the setting; the log says so',
    async (limit, unit) => {
      const csms = csmsAnswers();
      const warn = vi.spyOn(console, 'warn');
      const id = await charging();
      await stekkerSets(id, held(at(limit), unit));
      await failsToTake(id, csms);
      expect(await after(AFTER_S - 10, id)).toEqual([]);
      await after(11, id);
      await eventually(() => cleared(id)).toMatchObject([{ why: 'provider-gone' }]);
      expect(csms.commands().map(({ action }) => action)).toEqual(['SetChargingProfile', 'ClearChargingProfile']);
      expect(warn.mock.calls.flat().join('\n')).toContain('"event":"profile.released"');
    },
  );

  it.each([
    [1401, 'W'],
    [6.1, 'A'],
  ] as const)('while the car may take %d %s keeps its profile', async (limit, unit) => {
    const csms = csmsAnswers();
    const id = await charging();
    await stekkerSets(id, held(at(limit), unit));
    await failsToTake(id, csms);
    expect(await after(10 * AFTER_S, id)).toEqual([]);
  });

  it('is measured from its failure, and the car’s wait from the first profile that held it down', async () => {
    const csms = csmsAnswers();
    const id = await charging();
    await failsToTake(id, csms);
    await stekkerSets(id, held(at(0)));
    pass(600);
    await stekkerSets(id, held(at(1000)));
    expect(await after(200, id)).toEqual([]);
    await after(101, id);
    await eventually(() => cleared(id)).toHaveLength(1);
  });

  it('has its profile cleared when its plan holds the car down only later', async () => {
    const csms = csmsAnswers();
    const id = await charging();
    const later = [
      { startPeriod: 0, limit: 7000 },
      { startPeriod: 3600, limit: 0 },
    ];
    await stekkerSets(id, held(later));
    await failsToTake(id, csms);
    expect(await after(3600 + AFTER_S - 60, id)).toEqual([]);
    await after(61, id);
    await eventually(() => cleared(id)).toHaveLength(1);
  });

  it('is there again when it takes something', async () => {
    const csms = csmsAnswers();
    const id = await charging();
    await stekkerSets(id, held(at(0)));
    await failsToTake(id, csms);
    expect(await after(AFTER_S - 60, id)).toEqual([]);
    csms.stekkerSays(() => Response.json({}));
    await after(30, id);
    expect(await after(AFTER_S + 1, id)).toEqual([]);
  });

  it('but only because an operator paused it, is not gone', async () => {
    csmsAnswers();
    const id = await charging();
    await stekkerSets(id, held(at(0)));
    const order = (path: string) => call(`/api/providers/stekker/${path}`, { method: 'POST', token: ADMIN_TOKEN });
    await order('pause');
    await reads(id, 17, READING);
    expect(await after(2 * AFTER_S, id)).toEqual([]);
    await order('resume');
  });
});

describe('a provider that is only silent', () => {
  const DAY_S = 24 * 3600;

  it('keeps a plan that rises again, and one that has an end', async () => {
    csmsAnswers();
    const id = await charging();
    await stekkerSets(id, held([...at(0), { startPeriod: 3 * DAY_S, limit: 7000 }]));
    expect(await after(2 * DAY_S, id)).toEqual([]);
  });

  it('loses a plan that stays at 0 without an end after a day without a word', async () => {
    csmsAnswers();
    const id = await charging();
    await stekkerSets(id, held(at(0)));
    pass(DAY_S / 2);
    await stekkerSets(id, held(at(0)));
    expect(await alarmOf(id)).toBeLessThanOrEqual(Date.now() + DAY_S * 1000);
    expect(await after(DAY_S - 10, id)).toEqual([]);
    await after(11, id);
    await eventually(() => cleared(id)).toMatchObject([{ why: 'provider-silent' }]);
  });
});
