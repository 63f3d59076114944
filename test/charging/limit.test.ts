import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curtailedSince, limitAt, nextCurtailedAt, type ProfileInForce } from '../../src/charging/limit.ts';

const T0 = Date.parse('2026-03-31T12:00:00Z');
const HOUR = 3_600_000;
const iso = (at: number) => new Date(at).toISOString();

type Changes = Partial<Omit<ProfileInForce, 'profile' | 'schedule'>> & {
  readonly profile?: Partial<ProfileInForce['profile']>;
  readonly schedule?: Partial<ProfileInForce['schedule']>;
};

/** From T0: 0 W for an hour, 7,000 W for an hour, then 1,400 W. */
const inForce = ({ profile, schedule, ...rest }: Changes = {}): ProfileInForce => ({
  profile: { kind: 'Absolute', ...profile },
  schedule: {
    startSchedule: iso(T0),
    rateUnit: 'W',
    periods: [
      { startS: 0, limit: 0 },
      { startS: 3600, limit: 7000 },
      { startS: 7200, limit: 1400 },
    ],
    ...schedule,
  },
  setAt: T0,
  ...rest,
});

describe('the limit in force', () => {
  it.each([
    ['before the schedule starts', -1, undefined],
    ['at its start', 0, 0],
    ['at a period’s end', HOUR, 7000],
    ['in the last period', 9 * HOUR, 1400],
  ])('%s is that of the period', (_, after, limit) => {
    expect(limitAt(inForce(), T0 + after)).toBe(limit);
  });

  it('ends with the schedule’s duration, and with validTo', () => {
    expect(limitAt(inForce({ schedule: { durationS: 7200 } }), T0 + 2 * HOUR)).toBeUndefined();
    expect(limitAt(inForce({ profile: { validTo: iso(T0 + HOUR / 2) } }), T0 + HOUR / 2)).toBeUndefined();
  });

  it('begins with validFrom', () => {
    const later = inForce({ profile: { validFrom: iso(T0 + HOUR / 2) } });
    expect([limitAt(later, T0), limitAt(later, T0 + HOUR / 2)]).toEqual([undefined, 0]);
  });

  it('counts from the moment it was set when the schedule has no start', () => {
    const profile = inForce({ schedule: { startSchedule: undefined }, setAt: T0 + HOUR });
    expect([limitAt(profile, T0), limitAt(profile, T0 + HOUR), limitAt(profile, T0 + 2 * HOUR)]).toEqual([
      undefined,
      0,
      7000,
    ]);
  });

  it('counts from the session’s start when it is relative', () => {
    const profile = inForce({ profile: { kind: 'Relative' }, sessionStartedAt: T0 - HOUR });
    expect(limitAt(profile, T0)).toBe(7000);
  });

  it.each([
    ['Daily', 24 * HOUR],
    ['Weekly', 7 * 24 * HOUR],
  ] as const)('recurs %s, and not before its start', (recurrencyKind, cycle) => {
    const profile = inForce({ profile: { kind: 'Recurring', recurrencyKind } });
    expect(limitAt(profile, T0 + 3 * cycle + HOUR)).toBe(7000);
    expect(limitAt(profile, T0 + 3 * cycle - 1)).toBe(1400);
    expect(limitAt(profile, T0 - cycle + HOUR)).toBeUndefined();
  });

  it('of any schedule is the one of the last period that has begun', () => {
    const periods = fc
      .uniqueArray(fc.integer({ min: 1, max: 10_000 }), { maxLength: 20 })
      .map((starts) => [0, ...starts.toSorted((a, b) => a - b)].map((startS, index) => ({ startS, limit: index })));
    fc.assert(
      fc.property(periods, fc.integer({ min: 0, max: 12_000 }), (all, afterS) => {
        const expected = all.findLast(({ startS }) => startS <= afterS)?.limit;
        expect(limitAt(inForce({ schedule: { periods: all } }), T0 + afterS * 1000)).toBe(expected);
      }),
    );
  });
});

describe('a car is held down', () => {
  it('since the period began that holds it, or since the profile was set', () => {
    expect(curtailedSince(inForce(), T0 + HOUR / 2)).toBe(T0);
    expect(curtailedSince(inForce({ setAt: T0 + 600_000 }), T0 + HOUR / 2)).toBe(T0 + 600_000);
    expect(curtailedSince(inForce(), T0 + 3 * HOUR)).toBe(T0 + 2 * HOUR);
  });

  it('not while it may charge, nor without a limit', () => {
    expect(curtailedSince(inForce(), T0 + HOUR)).toBeUndefined();
    expect(curtailedSince(inForce(), T0 - 1)).toBeUndefined();
  });

  it('across periods without a break', () => {
    const periods = [
      { startS: 0, limit: 7000 },
      { startS: 60, limit: 1000 },
      { startS: 120, limit: 0 },
    ];
    expect(curtailedSince(inForce({ schedule: { periods } }), T0 + HOUR)).toBe(T0 + 60_000);
  });

  it('since the profiles before, when they held it down already', () => {
    const profile = inForce({ setAt: T0 + 600_000 });
    expect(curtailedSince(profile, T0 + HOUR / 2, T0 - HOUR)).toBe(T0 - HOUR);
    expect(curtailedSince(profile, T0 + 3 * HOUR, T0 - HOUR)).toBe(T0 + 2 * HOUR);
  });

  it.each([
    ['W', 1400, true],
    ['W', 1400.1, false],
    ['A', 6, true],
    ['A', 6.1, false],
    ['A', -10, true],
  ] as const)('in %s by %d: %s', (rateUnit, limit, isHeld) => {
    const profile = inForce({ schedule: { rateUnit, periods: [{ startS: 0, limit }] } });
    expect(curtailedSince(profile, T0) !== undefined).toBe(isHeld);
  });

  it('next when the first such period begins', () => {
    expect(nextCurtailedAt(inForce(), T0 + HOUR)).toBe(T0 + 2 * HOUR);
    expect(nextCurtailedAt(inForce(), T0 + 3 * HOUR)).toBeUndefined();
  });
});
