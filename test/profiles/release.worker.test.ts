import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  eventually,
  alarmOf,
  charging,
  csmsAnswers,
  pass,
  profile16,
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

/** Stations fail at the provider, one after the other, until its breaker opens. */
async function opensBreaker(provider: string): Promise<void> {
  const breaker = env.PROVIDER_BREAKER.getByName(provider);
  for (let failures = 0; failures < 100 && (await breaker.mode()) !== 'open'; failures += 1) {
    await breaker.report(`station-${failures % 10}`, false);
  }
  expect(await breaker.mode()).toBe('open');
}

describe('a provider that falls silent', () => {
  it.each([
    [0, 'W'],
    [1400, 'W'],
    [6, 'A'],
  ] as const)(
    'while it holds a car at %i %s has its profile cleared after the setting, and the log says so',
    async (limit, unit) => {
      const { commands } = csmsAnswers();
      const warn = vi.spyOn(console, 'warn');
      const id = await charging();
      await stekkerSets(id, held(at(limit), unit));
      expect(await alarmOf(id)).toBeLessThanOrEqual(Date.now() + AFTER_S * 1000);
      expect(await after(AFTER_S - 10, id)).toEqual([]);
      await after(11, id);
      await eventually(() => timelineOf(id, 'charging-profile-cleared')).toMatchObject([{ why: 'provider-silent' }]);
      expect(commands().map(({ action }) => action)).toEqual(['SetChargingProfile', 'ClearChargingProfile']);
      expect(warn.mock.calls.flat().join('\n')).toContain('"event":"profile.released"');
    },
  );

  it.each([
    [1401, 'W'],
    [6.1, 'A'],
  ] as const)('while the car may take %d %s keeps its profile', async (limit, unit) => {
    csmsAnswers();
    const id = await charging();
    await stekkerSets(id, held(at(limit), unit));
    expect(await after(10 * AFTER_S, id)).toEqual([]);
  });

  it('is measured from its newest profile, and the car’s wait from the first that held it down', async () => {
    csmsAnswers();
    const id = await charging();
    await stekkerSets(id, held(at(0)));
    pass(600);
    await stekkerSets(id, held(at(1000)));
    expect(await after(600, id)).toEqual([]);
    await after(301, id);
    await eventually(() => timelineOf(id, 'charging-profile-cleared')).toHaveLength(1);
  });

  it('is waited for again when it lets the car go in between', async () => {
    csmsAnswers();
    const id = await charging();
    await stekkerSets(id, held(at(0)));
    pass(600);
    await stekkerSets(
      id,
      held([
        { startPeriod: 0, limit: 0 },
        { startPeriod: 600, limit: 7000 },
        { startPeriod: 700, limit: 0 },
      ]),
    );
    expect(await after(800, id)).toEqual([]);
    expect(await after(700, id)).toEqual([]);
    await after(101, id);
    await eventually(() => timelineOf(id, 'charging-profile-cleared')).toHaveLength(1);
  });

  it('is woken for when its plan holds the car down only later', async () => {
    csmsAnswers();
    const id = await charging();
    await stekkerSets(
      id,
      held([
        { startPeriod: 0, limit: 7000 },
        { startPeriod: 3600, limit: 0 },
      ]),
    );
    const alarm = (await alarmOf(id)) ?? 0;
    expect(Math.round((alarm - Date.now()) / 1000)).toBeLessThanOrEqual(3600 + AFTER_S);
    await after(3600 + AFTER_S + 1, id);
    await eventually(() => timelineOf(id, 'charging-profile-cleared')).toHaveLength(1);
  });
});

describe('a provider whose breaker is open', () => {
  it('has its profile cleared although it still sends some: it plans without what its sessions do', async () => {
    csmsAnswers();
    const id = await charging();
    await stekkerSets(id, held(at(0)));
    pass(AFTER_S - 60);
    await stekkerSets(id, held(at(0)));
    expect(await after(61, id)).toEqual([]);
    await opensBreaker('stekker');
    await after(61, id);
    await eventually(() => timelineOf(id, 'charging-profile-cleared')).toMatchObject([
      { why: 'provider-breaker-open' },
    ]);
  });
});
