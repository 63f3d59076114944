/** What a charger is sent for a profile: for every profile and every charger, never more than was asked. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schemaErrors } from '../../sandbox/ocpp-schema.ts';
import { planFor, type Capability } from '../../src/charging/charger-plan.ts';
import type { ChargingProfile, ChargingSchedule, SchedulePeriod } from '../../src/charging/charging-profile.ts';
import type { PowerType } from '../../src/charging/charger.ts';
import { spansFrom } from '../../src/charging/limit.ts';
import { inUnit } from '../../src/charging/plan-unit.ts';
import { supplyOf, type Supply } from '../../src/charging/supply.ts';
import { PROFILE_MESSAGES } from '../../src/ocpp/profile-messages.ts';

const NOW = Date.parse('2026-03-31T12:00:00Z');
const MOMENT = { now: NOW, setAt: NOW, sessionStartedAt: NOW - 3_600_000 };
const THREE = supplyOf({ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 });
const ONE = supplyOf({ connectorId: '1', powerType: 'AC_1_PHASE', maxVoltage: 230, maxAmperage: 32 });
const BASE: Capability = { supplies: [THREE], minAmperage: 6, belowMinimum: 'as-asked' };

const profileOf = (rateUnit: 'W' | 'A', periods: readonly SchedulePeriod[], more: Partial<ChargingSchedule> = {}) =>
  ({
    id: 1,
    stackLevel: 0,
    purpose: 'TxProfile',
    kind: 'Absolute',
    schedules: [{ startSchedule: '2026-03-31T12:00:00Z', ...more, rateUnit, periods }],
  }) satisfies ChargingProfile;

/** The first period that a charger of these capabilities is sent for one limit. */
function sent(rateUnit: 'W' | 'A', limit: number, capability: Partial<Capability>, numberPhases?: number) {
  const period = { startS: 0, limit, ...(numberPhases !== undefined && { numberPhases }) };
  const [schedule] = planFor(profileOf(rateUnit, [period]), { ...BASE, ...capability }, MOMENT).profile.schedules;
  return { unit: schedule?.rateUnit, ...schedule?.periods[0] };
}

describe('a charger that takes A only', () => {
  const A = { rateUnit: 'A' } as const;
  it('gets the power divided by all the phases it may have, rounded down to a tenth', () => {
    expect(sent('W', 3680, A)).toEqual({ unit: 'A', startS: 0, limit: 5.3 });
    expect(sent('W', 11_040, A)).toEqual({ unit: 'A', startS: 0, limit: 16 });
  });
  it('gets 16 A for 3,680 W once the car is known to use one phase, and is told so', () => {
    expect(sent('W', 3680, { ...A, phases: 1 })).toEqual({ unit: 'A', startS: 0, limit: 16, numberPhases: 1 });
  });
  it('gets what one phase makes of it when it has one phase, or the profile is for one', () => {
    expect(sent('W', 3680, { ...A, supplies: [ONE] })).toMatchObject({ limit: 16, numberPhases: 1 });
    expect(sent('W', 3680, A, 1)).toMatchObject({ limit: 16, numberPhases: 1 });
  });
  it('of 400 V between three phases gets what 231 V make of it', () => {
    const supply = supplyOf({ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 400 });
    expect(sent('W', 11_000, { ...A, supplies: [supply] })).toMatchObject({ limit: 15.8 });
  });
  it('of connectors of both kinds of current gets the least limit, on the phases that the other was counted for', () => {
    const supplies = [THREE, supplyOf({ connectorId: '2', powerType: 'DC', maxVoltage: 415 })];
    expect(sent('W', 4600, { ...A, supplies, phases: 1 })).toEqual({
      unit: 'A',
      startS: 0,
      limit: 11,
      numberPhases: 1,
    });
  });
  it('of no declared power type may have three phases', () => {
    expect(sent('W', 3680, { ...A, supplies: [supplyOf({ connectorId: '1' })] })).toMatchObject({ limit: 5.3 });
  });
  it('of direct current gets what its highest voltage makes of it, and is told no phases', () => {
    const supply = supplyOf({ connectorId: '1', powerType: 'DC', maxVoltage: 500 });
    expect(sent('W', 50_000, { ...A, supplies: [supply] })).toEqual({ unit: 'A', startS: 0, limit: 100 });
  });
  it('of direct current of unknown voltage gets the profile as it was asked, with a note', () => {
    const capability = { ...BASE, ...A, supplies: [supplyOf({ connectorId: '1', powerType: 'DC' })] };
    const plan = planFor(profileOf('W', [{ startS: 0, limit: 50_000 }]), capability, MOMENT);
    expect(plan.profile.schedules).toMatchObject([{ rateUnit: 'W', periods: [{ limit: 50_000 }] }]);
    expect(plan.notes).toEqual(['the limits in W cannot be said in A: no voltage']);
  });
});

describe('a charger that takes W only', () => {
  const W = { rateUnit: 'W' } as const;
  it('gets what the current makes on one phase, until more were measured', () => {
    expect(sent('A', 16, W)).toEqual({ unit: 'W', startS: 0, limit: 3680 });
    expect(sent('A', 16, { ...W, phases: 3 })).toMatchObject({ limit: 11_040 });
    expect(sent('A', 16, { ...W, phases: 3 }, 1)).toMatchObject({ limit: 3680, numberPhases: 1 });
  });
});

describe('a limit that no car can charge at', () => {
  it('is sent as asked, as 0, or as the least a car charges at, whichever is chosen', () => {
    expect(sent('A', 4, {}).limit).toBe(4);
    expect(sent('A', 4, { belowMinimum: 'zero' }).limit).toBe(0);
    expect(sent('A', 4, { belowMinimum: 'minimum' }).limit).toBe(6);
    expect(sent('W', 1000, { belowMinimum: 'minimum' }).limit).toBe(1380);
    expect(sent('W', 3680, { belowMinimum: 'zero', rateUnit: 'A' }).limit).toBe(0);
  });
  it('is not one of 0, nor one that a car on one phase can charge at', () => {
    expect(sent('A', 0, { belowMinimum: 'minimum' }).limit).toBe(0);
    expect(sent('W', 1400, { belowMinimum: 'zero' }).limit).toBe(1400);
  });
});

describe('a plan of too many periods', () => {
  const plan = profileOf(
    'A',
    [16, 16, 10, 8, 12, 6, 20].map((limit, index) => ({ startS: index * 600, limit })),
    { durationS: 4200 },
  );
  it('has equal neighbours as one first', () => {
    const fitted = planFor(plan, { ...BASE, maxPeriods: 6 }, MOMENT);
    expect(fitted.profile.schedules[0]?.periods.map(({ limit }) => limit)).toEqual([16, 10, 8, 12, 6, 20]);
    expect(fitted.restAt).toBeUndefined();
  });
  it('is cut after the last that fits, which allows the least of those left out; the rest comes when it is due', () => {
    const fitted = planFor(plan, { ...BASE, maxPeriods: 3 }, MOMENT);
    expect(fitted.profile.schedules[0]?.periods.map(({ limit }) => limit)).toEqual([16, 10, 6]);
    expect(fitted.restAt).toBe(NOW + 1800_000);
    const rest = planFor(plan, { ...BASE, maxPeriods: 3 }, { ...MOMENT, now: NOW + 1800_000 });
    expect(rest.profile.schedules[0]).toEqual({
      rateUnit: 'A',
      startSchedule: '2026-03-31T12:30:00.000Z',
      durationS: 2400,
      periods: [
        { startS: 0, limit: 8 },
        { startS: 600, limit: 12 },
        { startS: 1200, limit: 6 },
      ],
    });
    expect(rest.restAt).toBe(NOW + 3000_000);
  });
  it('that comes again every day is sent anew every day, also when all of a day fits', () => {
    const periods = [0, 1, 0, 1, 0].map((limit, index) => ({ startS: index * 150, limit }));
    const day = profileOf('W', periods, { startSchedule: '2026-03-31T12:00:01Z', durationS: 600 });
    const daily = { ...day, kind: 'Recurring', recurrencyKind: 'Daily' } as const;
    const before = planFor(daily, { ...BASE, maxPeriods: 4 }, MOMENT);
    expect(before.restAt).toBe(NOW + 1000);
    const during = planFor(daily, { ...BASE, maxPeriods: 4 }, { ...MOMENT, now: NOW + 1000 });
    expect(during.restAt).toBe(NOW + 86_401_000);
  });
  it('that comes again every day is an absolute one, sent piece by piece', () => {
    const daily = { ...plan, kind: 'Recurring', recurrencyKind: 'Daily' } as const;
    const fitted = planFor(daily, { ...BASE, maxPeriods: 3 }, MOMENT);
    expect(fitted.profile).toMatchObject({
      kind: 'Absolute',
      schedules: [{ startSchedule: '2026-03-31T12:00:00.000Z' }],
    });
    expect(fitted.profile.recurrencyKind).toBeUndefined();
  });
});

describe('any plan for any charger', () => {
  const POWER_TYPES: readonly PowerType[] = ['AC_1_PHASE', 'AC_2_PHASE', 'AC_2_PHASE_SPLIT', 'AC_3_PHASE', 'DC'];
  const connector = fc
    .record({
      powerType: fc.option(fc.constantFrom(...POWER_TYPES), { nil: undefined }),
      maxVoltage: fc.option(fc.constantFrom(110, 120, 230, 240, 400, 415, 500, 920), { nil: undefined }),
    })
    .map((one) => ({ connectorId: '1', ...one }));
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const capability: fc.Arbitrary<Capability> = fc.record({
    rateUnit: fc.constantFrom(undefined, 'any', 'W', 'A'),
    supplies: fc.array(connector.map(supplyOf), { minLength: 1, maxLength: 3 }),
    phases: optional(fc.integer({ min: 1, max: 3 })),
    minAmperage: optional(fc.constantFrom(6, 8, 13.5)),
    belowMinimum: fc.constantFrom('as-asked', 'zero'),
    maxPeriods: optional(fc.integer({ min: 1, max: 6 })),
  });
  const schedule = fc
    .record({
      rateUnit: fc.constantFrom<'W' | 'A'>('W', 'A'),
      startSchedule: optional(fc.integer({ min: -7200, max: 7200 }).map((s) => new Date(NOW + s * 1000).toISOString())),
      durationS: optional(fc.integer({ min: 600, max: 86_400 })),
      steps: fc.array(
        fc.record({
          gap: fc.integer({ min: 1, max: 3000 }),
          tenths: fc.integer({ min: 0, max: 400_000 }),
          numberPhases: optional(fc.integer({ min: 1, max: 3 })),
        }),
        { minLength: 1, maxLength: 12 },
      ),
    })
    .map(({ steps, ...rest }): ChargingSchedule => {
      let startS = 0;
      const periods = steps.map(({ gap, tenths, numberPhases }, index) => {
        startS = index === 0 ? 0 : startS + gap;
        return { startS, limit: tenths / 10, ...(numberPhases !== undefined && { numberPhases }) };
      });
      return { ...rest, periods };
    });
  const profile = fc
    .record({ schedule, kind: fc.constantFrom('Absolute', 'Recurring', 'Relative') })
    .map(({ schedule: one, kind }): ChargingProfile => ({
      id: 1,
      stackLevel: 0,
      purpose: 'TxProfile',
      kind,
      ...(kind === 'Recurring' && { recurrencyKind: 'Daily' }),
      schedules: [
        { ...one, startSchedule: one.startSchedule ?? (kind === 'Relative' ? undefined : new Date(NOW).toISOString()) },
      ],
    }));

  /** The power in W that a car on so many phases may draw at a time. */
  function allowed(plan: ChargingProfile, at: number, supply: Supply, carPhases: number): number {
    const [only] = plan.schedules;
    if (only === undefined) return Infinity;
    const [span] = spansFrom({ profile: plan, schedule: only, ...MOMENT }, at);
    if (span === undefined || span.from > at) return Infinity;
    if (only.rateUnit === 'W') return span.limit;
    const phases = supply.kind === 'DC' ? 1 : Math.min(carPhases, supply.phases, span.numberPhases ?? 3);
    return span.limit * (supply.voltageV ?? 0) * phases;
  }
  /** On how many phases the car can be, by what was measured; more only where it can be told to use fewer. */
  const carsOf = ({ phases, supplies: [supply] }: Capability, unit: 'W' | 'A') => {
    const most = supply?.kind === 'AC' ? supply.phases : 1;
    if (unit === 'W') return [1, 2, 3];
    return phases === undefined ? [1, 2, 3] : [1, 2, 3].filter((each) => each >= Math.min(phases, most));
  };

  /** What the charger has at a time, when it gets each piece of the plan when that is due. */
  function sentBy(asked: ChargingProfile, known: Capability, at: number) {
    let plan = planFor(asked, known, MOMENT);
    while (plan.restAt !== undefined && plan.restAt <= at) {
      plan = planFor(asked, known, { ...MOMENT, now: plan.restAt });
    }
    return plan;
  }

  it('allows at no time more than was asked', () => {
    fc.assert(
      fc.property(profile, capability, fc.integer({ min: 0, max: 90_000 }), (asked, known, laterS) => {
        const at = NOW + laterS * 1000;
        const plan = sentBy(asked, known, at);
        const [supply] = known.supplies;
        const unit = asked.schedules[0]?.rateUnit ?? 'W';
        if (supply === undefined) return;
        for (const phases of carsOf(known, unit)) {
          const most = allowed(asked, at, supply, phases);
          expect(allowed(plan.profile, at, supply, phases)).toBeLessThanOrEqual(most * (1 + 1e-9));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('that fits has the duration, the start and the kind that were asked', () => {
    fc.assert(
      fc.property(profile, capability, (asked, known) => {
        const plan = planFor(asked, { ...known, maxPeriods: undefined }, MOMENT);
        const frame = ({ schedules, ...head }: ChargingProfile) => ({
          ...head,
          times: schedules.map(({ durationS, startSchedule }) => [durationS, startSchedule]),
        });
        expect(frame(plan.profile)).toEqual(frame(asked));
      }),
    );
  });

  it('has no more periods than the charger can hold, and is what was asked until the rest is due', () => {
    fc.assert(
      fc.property(profile, capability, fc.integer({ min: 1, max: 6 }), (asked, known, maxPeriods) => {
        const free = planFor(asked, { ...known, maxPeriods: undefined }, MOMENT);
        const plan = planFor(asked, { ...known, maxPeriods }, MOMENT);
        expect(plan.profile.schedules[0]?.periods.length).toBeLessThanOrEqual(maxPeriods);
        if (plan.restAt === undefined || maxPeriods === 1) return;
        expect(plan.restAt).toBeGreaterThan(NOW);
        for (const at of [NOW, plan.restAt - 1000]) {
          expect(allowed(plan.profile, at, ONE, 1)).toBe(allowed(free.profile, at, ONE, 1));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is valid by the official schema of the charger’s version', () => {
    fc.assert(
      fc.property(profile, capability, (asked, known) => {
        const plan = planFor(asked, known, MOMENT).profile;
        for (const [version, name, stationTransactionId] of [
          ['ocpp1.6', '1.6', 17],
          ['ocpp2.0.1', '2.0.1', 'tx-17'],
        ] as const) {
          const payload = PROFILE_MESSAGES[version].writeSet({ evseId: 1, stationTransactionId, profile: plan });
          expect(payload.ok && schemaErrors(name, 'SetChargingProfile', payload.value)).toEqual([]);
        }
      }),
    );
  });

  it('loses at most 0.1 A on the way to W and back; direct current has no way to W', () => {
    fc.assert(
      fc.property(
        connector.map(supplyOf),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 5000 }),
        (supply, phases, tenths) => {
          const around = { supplies: [supply], phases, belowMinimum: 'as-asked' } as const;
          const asked = { rateUnit: 'A', periods: [{ startS: 0, limit: tenths / 10 }] } as const;
          const there = inUnit(asked, 'W', around);
          const back = there && inUnit(there, 'A', around)?.periods[0]?.limit;
          expect(there === undefined).toBe(supply.kind === 'DC');
          const lost = tenths / 10 - (back ?? tenths / 10);
          expect(lost).toBeGreaterThanOrEqual(0);
          expect(lost).toBeLessThanOrEqual(0.1 + 1e-9);
        },
      ),
    );
  });
});
