/** Binding a provider's profile to a charger: one command for each session it is for, or a reason why not. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bindProfile,
  spreadId,
  type ChargingProfile,
  type ProfileRequest,
  type RunningTransaction,
} from '../../src/charging/charging-profile.ts';

const PROFILE: ChargingProfile = {
  id: 101,
  stackLevel: 1,
  purpose: 'TxProfile',
  kind: 'Absolute',
  schedules: [{ rateUnit: 'W', periods: [{ startS: 0, limit: 11_000 }] }],
};
const session = (evseId: number, id: number): RunningTransaction => ({
  transactionId: { ocpp16: id, ocpp201: `tx-${id}` },
  stationTransactionId: `own-${id}`,
  evse: { evseId, connectorId: 1 },
});
const ONE = session(1, 11);
const TWO = session(2, 22);

type Case = Partial<Omit<ProfileRequest, 'profile'>> & {
  readonly profile?: Partial<ChargingProfile>;
  readonly running?: readonly RunningTransaction[];
  readonly allowDischarge?: boolean;
};

function bind({ evseId = 0, profile, transaction, running = [ONE, TWO], allowDischarge }: Case) {
  const request = { evseId, transaction, profile: { ...PROFILE, ...profile } };
  return bindProfile(request, { evseIds: [1, 2, 3], running, allowDischarge });
}
const places = (given: Case) => {
  const bound = bind(given);
  return bound.ok ? bound.value.map((one) => [one.evseId, one.stationTransactionId]) : bound.error.reason;
};

describe('a TxProfile', () => {
  it("for EVSE 0 becomes one command for each running transaction, each with the charger's own transaction id", () => {
    expect(places({})).toEqual([
      [1, 'own-11'],
      [2, 'own-22'],
    ]);
  });

  it('for one EVSE goes to the session running there', () => {
    expect(places({ evseId: 2 })).toEqual([[2, 'own-22']]);
  });

  it('for a transaction, under either of its names, goes to that one alone', () => {
    expect(places({ transaction: { ocpp16: 22 } })).toEqual([[2, 'own-22']]);
    expect(places({ transaction: { ocpp201: 'tx-11' }, evseId: 1 })).toEqual([[1, 'own-11']]);
  });

  const idsAndLevels = (given: Case) => {
    const bound = bind(given);
    return bound.ok ? bound.value.map(({ profile: { id, stackLevel } }) => [id, stackLevel]) : bound.error.reason;
  };

  it('keeps id and stack level, so that it replaces the one before', () => {
    expect(idsAndLevels({ running: [TWO] })).toEqual([[101, 1]]);
    expect(idsAndLevels({ evseId: 2 })).toEqual([[101, 1]]);
  });

  it('that is spread keeps them on each EVSE, in the order of the EVSEs', () => {
    const three = session(3, 33);
    expect(idsAndLevels({ running: [three, TWO, ONE] })).toEqual([
      [101, 1],
      [101, 1],
      [101, 1],
    ]);
    expect(places({ running: [three, TWO, ONE] })).toEqual([
      [1, 'own-11'],
      [2, 'own-22'],
      [3, 'own-33'],
    ]);
  });

  it('goes to the newest of several transactions on one EVSE: the others can only have ended', () => {
    const newer = session(1, 12);
    expect(places({ running: [ONE, newer] })).toEqual([[1, 'own-12']]);
    expect(idsAndLevels({ running: [ONE, newer] })).toEqual([[101, 1]]);
  });

  it.each([
    ['no session runs', { running: [] }, 'no-session'],
    ['no session runs on its EVSE', { evseId: 3 }, 'no-session'],
    ['its transaction does not run', { transaction: { ocpp16: 33 } }, 'transaction-unknown'],
    ['its transaction is known by another name only', { transaction: { ocpp201: '11' } }, 'transaction-unknown'],
    ['its transaction runs elsewhere', { transaction: { ocpp16: 11 }, evseId: 2 }, 'evse-mismatch'],
    ['the charger has no such EVSE', { evseId: 4 }, 'evse-unknown'],
    ['nobody knows the EVSE of the session', { running: [session(0, 1)] }, 'evse-unknown'],
  ] as const)('is refused when %s', (_case, given, reason) => {
    expect(places(given)).toBe(reason);
  });
});

describe('the id of a copy', () => {
  it('is a positive int32, not that of the profile, and another on each EVSE', () => {
    const anyId = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
    const anyEvse = fc.oneof(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 100, max: 99_999 }));
    fc.assert(
      fc.property(fc.oneof(anyId, fc.nat(1000)), anyEvse, anyEvse, (id, one, other) => {
        const copy = spreadId(id, one);
        expect(Number.isInteger(copy) && copy > 0 && copy <= 0x7fff_ffff).toBe(true);
        expect(copy).not.toBe(id);
        expect(copy === spreadId(id, other)).toBe(one === other);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a profile for no transaction', () => {
  it('goes to its place once, and names no transaction', () => {
    expect(places({ profile: { purpose: 'TxDefaultProfile' }, evseId: 2, transaction: { ocpp16: 1 } })).toEqual([
      [2, undefined],
    ]);
    expect(places({ profile: { purpose: 'TxDefaultProfile' } })).toEqual([[0, undefined]]);
    expect(places({ profile: { purpose: 'ChargingStationMaxProfile' }, running: [] })).toEqual([[0, undefined]]);
  });

  it('is refused when it is for the whole station and names an EVSE', () => {
    expect(places({ profile: { purpose: 'ChargingStationMaxProfile' }, evseId: 1 })).toBe('evse-mismatch');
  });
});

describe('limits and periods', () => {
  const schedule = (...periods: { startS: number; limit: number }[]) => ({
    profile: { schedules: [{ rateUnit: 'A' as const, minChargingRate: 6.19, periods }] },
    running: [ONE],
  });
  const limits = (given: Case) => {
    const bound = bind(given);
    return bound.ok ? bound.value[0]?.profile.schedules[0]?.periods.map(({ limit }) => limit) : bound.error.reason;
  };

  it('are cut to one decimal, never up', () => {
    const values = [16.19, 2.3, 0.09, 11_000, 4.35, 0.1 + 0.2];
    expect(limits(schedule(...values.map((limit, index) => ({ startS: index, limit }))))).toEqual([
      16.1, 2.3, 0, 11_000, 4.3, 0.3,
    ]);
    const bound = bind(schedule({ startS: 0, limit: 6 }));
    expect(bound.ok && bound.value[0]?.profile.schedules[0]?.minChargingRate).toBe(6.1);
  });

  it('below 0 are refused unless the charger can discharge, and then never discharge more than allowed', () => {
    expect(limits(schedule({ startS: 0, limit: -0.5 }))).toBe('limit-negative');
    expect(limits({ ...schedule({ startS: 0, limit: -4.39 }), allowDischarge: true })).toEqual([-4.3]);
  });

  it('begin at 0 and go on in order', () => {
    expect(limits(schedule({ startS: 1, limit: 6 }))).toBe('start-period-not-zero');
    expect(limits(schedule())).toBe('start-period-not-zero');
    const periods = [0, 300, 300].map((startS) => ({ startS, limit: 6 }));
    expect(limits(schedule(...periods))).toBe('profile-invalid');
  });
});
