/** SetChargingProfile and ClearChargingProfile in both versions: what has an equivalent is kept, what is unusable is refused by name. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindProfile, type ProfileTarget } from '../../src/charging/charging-profile.ts';
import * as clear16 from '../../src/ocpp/v16/clear-charging-profile.ts';
import * as set16 from '../../src/ocpp/v16/set-charging-profile.ts';
import * as clear201 from '../../src/ocpp/v201/clear-charging-profile.ts';
import * as set201 from '../../src/ocpp/v201/set-charging-profile.ts';
import type { Result } from '../../src/result.ts';
import { schemaErrors } from '../../sandbox/ocpp-schema.ts';
import { AT } from './messages.ts';
import { expectDeclared, expectOfficial, expectOfficialResponse } from './official-schema.ts';

const OWN_ID = 48_120_079;
const OWN_TEXT = 'f577897d-ce0b-478a-974e-1f665c5c449d';
const targetOf = (stationTransactionId: number | string): ProfileTarget => ({
  evseIds: [1, 2],
  running: [
    { transactionId: { ocpp16: 1234, ocpp201: OWN_TEXT }, stationTransactionId, evse: { evseId: 2, connectorId: 1 } },
  ],
});

function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
const bound = (request: Parameters<typeof bindProfile>[0], own: number | string) => {
  const [command] = must(bindProfile(request, targetOf(own)));
  if (command === undefined) throw new Error('nothing bound');
  return command;
};

/** What Stekker sends. */
const STEKKER = {
  connectorId: 2,
  csChargingProfiles: {
    chargingProfileId: 1,
    stackLevel: 0,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      startSchedule: '2024-07-07T08:00:00Z',
      chargingRateUnit: 'W',
      chargingSchedulePeriod: [
        { startPeriod: 0, limit: 0 },
        { startPeriod: 4448, limit: 11_000 },
        { startPeriod: 4748, limit: 0 },
      ],
    },
    transactionId: 1234,
  },
};
/** What Jedlix sends: EVSE 0, stack level 1, no transaction. */
const JEDLIX = {
  evseId: 0,
  chargingProfile: {
    id: 77,
    stackLevel: 1,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    validTo: AT,
    chargingSchedule: [
      {
        id: 1,
        startSchedule: AT,
        duration: 3600,
        chargingRateUnit: 'W',
        minChargingRate: 1380.5,
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 3680.09, numberPhases: 1, phaseToUse: 2 }],
        salesTariff: { id: 1, salesTariffEntry: [{ relativeTimeInterval: { start: 0 } }] },
        customData: { vendorId: 'ACME' },
      },
    ],
    customData: { vendorId: 'ACME' },
  },
};

describe('a profile of OCPP 1.6', () => {
  it('reaches a charger of OCPP 2.0.1 with its own transaction id', () => {
    const payload = must(set201.writeSetChargingProfile(bound(must(set16.readSetChargingProfile(STEKKER)), OWN_TEXT)));
    const { chargingProfileId: id, chargingSchedule, transactionId: _, ...same } = STEKKER.csChargingProfiles;
    expect(payload).toEqual({
      evseId: 2,
      chargingProfile: { ...same, id, transactionId: OWN_TEXT, chargingSchedule: [{ id, ...chargingSchedule }] },
    });
    expectOfficial('2.0.1', 'SetChargingProfile', payload);
    expectDeclared(set201.SetChargingProfileRequest, payload);
  });

  it('reaches a charger of OCPP 1.6 unchanged but for the transaction id', () => {
    const payload = must(
      set16.writeSetChargingProfile(bound(must(set16.readSetChargingProfile(STEKKER)), String(OWN_ID))),
    );
    const csChargingProfiles = { ...STEKKER.csChargingProfiles, transactionId: OWN_ID };
    expect(payload).toEqual({ ...STEKKER, csChargingProfiles });
    expectOfficial('1.6', 'SetChargingProfile', payload);
    expectDeclared(set16.SetChargingProfile, payload);
  });

  it('is read from numbers that are text, nulls, odd times and unknown keys', () => {
    const odd = {
      connectorId: '2',
      csChargingProfiles: {
        ...STEKKER.csChargingProfiles,
        validFrom: null,
        validTo: '2024-07-07 09:00:00',
        vendor: 1,
        chargingSchedule: {
          chargingRateUnit: 'W',
          chargingSchedulePeriod: [{ startPeriod: '0', limit: '11000.0', numberPhases: null }],
        },
      },
    };
    const { profile } = must(set16.readSetChargingProfile(odd));
    expect(profile).toStrictEqual({
      id: 1,
      stackLevel: 0,
      purpose: 'TxProfile',
      kind: 'Absolute',
      validTo: '2024-07-07T09:00:00Z',
      schedules: [{ rateUnit: 'W', periods: [{ startS: 0, limit: 11_000 }] }],
    });
  });

  it.each([
    ['connectorId', { ...STEKKER, connectorId: -1 }],
    ['csChargingProfiles', { connectorId: 1 }],
    [
      'csChargingProfiles.stackLevel',
      { ...STEKKER, csChargingProfiles: { ...STEKKER.csChargingProfiles, stackLevel: null } },
    ],
    [
      'csChargingProfiles.validTo',
      { ...STEKKER, csChargingProfiles: { ...STEKKER.csChargingProfiles, validTo: 'soon' } },
    ],
    [
      'csChargingProfiles.chargingProfilePurpose',
      {
        ...STEKKER,
        csChargingProfiles: { ...STEKKER.csChargingProfiles, chargingProfilePurpose: 'ChargingStationMaxProfile' },
      },
    ],
    ['the payload', 'not an object'],
  ])('is refused by name for %s', (field, payload) => {
    expect(set16.readSetChargingProfile(payload)).toEqual({
      ok: false,
      error: { reason: 'profile-invalid', detail: `${field} is missing or unusable` },
    });
  });
});

describe('a profile of OCPP 2.0.1', () => {
  const withProfile = (change: object) => ({ ...JEDLIX, chargingProfile: { ...JEDLIX.chargingProfile, ...change } });
  const [schedule] = JEDLIX.chargingProfile.chargingSchedule;

  it('reaches a charger of OCPP 1.6 on the connector of its session, with the limit cut to one decimal', () => {
    const payload = must(set16.writeSetChargingProfile(bound(must(set201.readSetChargingProfile(JEDLIX)), OWN_ID)));
    expect(payload).toEqual({
      connectorId: 2,
      csChargingProfiles: {
        chargingProfileId: 77,
        transactionId: OWN_ID,
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        validTo: AT,
        chargingSchedule: {
          startSchedule: AT,
          duration: 3600,
          chargingRateUnit: 'W',
          minChargingRate: 1380.5,
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 3680, numberPhases: 1 }],
        },
      },
    });
    expectOfficial('1.6', 'SetChargingProfile', payload);
    expectDeclared(set16.SetChargingProfile, payload);
  });

  it('reaches a charger of OCPP 2.0.1 without tariff and vendor data', () => {
    const payload = must(set201.writeSetChargingProfile(bound(must(set201.readSetChargingProfile(JEDLIX)), OWN_TEXT)));
    expect(payload.chargingProfile.transactionId).toBe(OWN_TEXT);
    expect(payload.chargingProfile.chargingSchedule[0]?.chargingSchedulePeriod).toEqual([
      { startPeriod: 0, limit: 3680, numberPhases: 1, phaseToUse: 2 },
    ]);
    expect(JSON.stringify(payload)).not.toMatch(/salesTariff|customData/);
    expectOfficial('2.0.1', 'SetChargingProfile', payload);
    expectDeclared(set201.SetChargingProfileRequest, payload);
  });

  it('with several schedules reaches a charger of OCPP 2.0.1, and is refused for one of OCPP 1.6', () => {
    const several = must(
      set201.readSetChargingProfile(withProfile({ chargingSchedule: [schedule, { ...schedule, id: 2 }] })),
    );
    expectOfficial('2.0.1', 'SetChargingProfile', must(set201.writeSetChargingProfile(bound(several, OWN_TEXT))));
    expect(set16.writeSetChargingProfile(bound(several, OWN_ID))).toMatchObject({
      error: { reason: 'several-schedules' },
    });
  });

  it('is refused when the session has no transaction id the charger could have', () => {
    const request = must(set201.readSetChargingProfile(JEDLIX));
    expect(set16.writeSetChargingProfile(bound(request, OWN_TEXT))).toMatchObject({
      error: { reason: 'transaction-unknown' },
    });
    expect(set201.writeSetChargingProfile(bound(request, 'x'.repeat(37)))).toMatchObject({
      error: { reason: 'transaction-unknown' },
    });
  });

  it('of external constraints is refused', () => {
    const payload = withProfile({ chargingProfilePurpose: 'ChargingStationExternalConstraints' });
    expect(set201.readSetChargingProfile(payload)).toMatchObject({ error: { reason: 'purpose-not-allowed' } });
  });

  it.each([
    ['chargingProfile.chargingSchedule', { chargingSchedule: [] }],
    ['chargingProfile.chargingSchedule', { chargingSchedule: [schedule, schedule, schedule, schedule] }],
    [
      'chargingProfile.chargingSchedule.0.chargingSchedulePeriod.0.phaseToUse',
      { chargingSchedule: [{ ...schedule, chargingSchedulePeriod: [{ startPeriod: 0, limit: 1, phaseToUse: 2 }] }] },
    ],
    [
      'chargingProfile.chargingSchedule.0.chargingSchedulePeriod.0.numberPhases',
      { chargingSchedule: [{ ...schedule, chargingSchedulePeriod: [{ startPeriod: 0, limit: 1, numberPhases: 4 }] }] },
    ],
    [
      'chargingProfile.chargingSchedule.0.chargingSchedulePeriod',
      { chargingSchedule: [{ ...schedule, chargingSchedulePeriod: [] }] },
    ],
  ])('is refused by name for %s', (field, change) => {
    expect(set201.readSetChargingProfile(withProfile(change))).toEqual({
      ok: false,
      error: { reason: 'profile-invalid', detail: `${field} is missing or unusable` },
    });
  });
});

describe('any profile', () => {
  const optional = { noNullPrototype: true } as const;
  const id = fc.integer({ min: 0, max: 0x7fff_ffff });
  const between = (min: string, max: string) =>
    fc.date({ min: new Date(min), max: new Date(max), noInvalidDate: true }).map((one) => one.toISOString());
  const date = between('1970-01-01', '2099-12-31');
  const tenths = fc.integer({ min: 0, max: 500_000 }).map((value) => value / 10);
  const period = fc.record(
    { limit: tenths, numberPhases: fc.integer({ min: 1, max: 3 }) },
    { requiredKeys: ['limit'], ...optional },
  );
  const scheduleOf = (periods: readonly object[]) =>
    periods.map((one, index) => ({ startPeriod: index * 300, ...one }));
  const schedule16 = fc.record(
    {
      startSchedule: date,
      duration: fc.integer({ min: 0, max: 86_400 }),
      chargingRateUnit: fc.constantFrom('A', 'W'),
      minChargingRate: tenths,
      chargingSchedulePeriod: fc.array(period, { minLength: 1, maxLength: 4 }).map(scheduleOf),
    },
    { requiredKeys: ['chargingRateUnit', 'chargingSchedulePeriod'], ...optional },
  );
  const fields = {
    stackLevel: fc.integer({ min: 0, max: 9 }),
    chargingProfileKind: fc.constantFrom('Absolute', 'Recurring', 'Relative'),
    recurrencyKind: fc.constantFrom('Daily', 'Weekly'),
    validFrom: between('1970-01-01', '2049-12-31'),
    validTo: between('2050-01-01', '2099-12-31'),
  };
  const required = ['stackLevel', 'chargingProfileKind', 'chargingProfilePurpose', 'chargingSchedule'] as const;

  it('of OCPP 1.6 is the same after it was one of OCPP 2.0.1', () => {
    const purpose = fc.constantFrom('TxProfile', 'TxDefaultProfile', 'ChargePointMaxProfile');
    const profile16 = fc.record(
      { chargingProfileId: id, ...fields, chargingProfilePurpose: purpose, chargingSchedule: schedule16 },
      { requiredKeys: ['chargingProfileId', ...required], ...optional },
    );
    fc.assert(
      fc.property(profile16, (csChargingProfiles) => {
        const isForTransaction = csChargingProfiles.chargingProfilePurpose === 'TxProfile';
        const payload = {
          connectorId: isForTransaction ? 2 : 0,
          csChargingProfiles: { ...csChargingProfiles, ...(isForTransaction && { transactionId: 1234 }) },
        };
        expect(schemaErrors('1.6', 'SetChargingProfile', payload)).toEqual([]);
        const up = must(set201.writeSetChargingProfile(bound(must(set16.readSetChargingProfile(payload)), OWN_TEXT)));
        expectOfficial('2.0.1', 'SetChargingProfile', up);
        const down = must(set16.writeSetChargingProfile(bound(must(set201.readSetChargingProfile(up)), 1234)));
        expectOfficial('1.6', 'SetChargingProfile', down);
        expect(down).toEqual(payload);
      }),
      { numRuns: 300 },
    );
  });

  it("of OCPP 2.0.1 with one schedule is the same after it was one of OCPP 1.6, but for the schedule's id", () => {
    const purpose = fc.constantFrom('TxProfile', 'TxDefaultProfile', 'ChargingStationMaxProfile');
    const schedule201 = schedule16.map((one) => [{ id: 5, ...one }]);
    const profile201 = fc.record(
      { id, ...fields, chargingProfilePurpose: purpose, chargingSchedule: schedule201 },
      { requiredKeys: ['id', ...required], ...optional },
    );
    fc.assert(
      fc.property(profile201, (chargingProfile) => {
        const isForTransaction = chargingProfile.chargingProfilePurpose === 'TxProfile';
        const transaction = isForTransaction && { transactionId: OWN_TEXT };
        const payload = { evseId: isForTransaction ? 2 : 0, chargingProfile: { ...chargingProfile, ...transaction } };
        expect(schemaErrors('2.0.1', 'SetChargingProfile', payload)).toEqual([]);
        const down = must(set16.writeSetChargingProfile(bound(must(set201.readSetChargingProfile(payload)), 1234)));
        expectOfficial('1.6', 'SetChargingProfile', down);
        const up = must(set201.writeSetChargingProfile(bound(must(set16.readSetChargingProfile(down)), OWN_TEXT)));
        const [schedule] = chargingProfile.chargingSchedule;
        const renamed = { ...payload.chargingProfile, chargingSchedule: [{ ...schedule, id: chargingProfile.id }] };
        expect(up).toEqual({ ...payload, chargingProfile: renamed });
      }),
      { numRuns: 300 },
    );
  });

  it('is read or refused, whatever it is: reading never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.object()), (payload) => {
        for (const read of [set16.readSetChargingProfile, set201.readSetChargingProfile])
          expect(read(payload).ok).toBe(false);
        expect(typeof clear16.readClearChargingProfile(payload).ok).toBe('boolean');
        expect(typeof clear201.readClearChargingProfile(payload).ok).toBe('boolean');
      }),
    );
  });
});

describe('clearing profiles', () => {
  const CLEAR_16 = { id: 101, connectorId: 2, chargingProfilePurpose: 'ChargePointMaxProfile', stackLevel: 0 };
  const CLEAR_201 = {
    chargingProfileId: 101,
    chargingProfileCriteria: { evseId: 2, chargingProfilePurpose: 'ChargingStationMaxProfile', stackLevel: 0 },
  };

  it.each([
    [{}, {}],
    [{ id: 101 }, { chargingProfileId: 101 }],
    [{ chargingProfilePurpose: 'TxProfile' }, { chargingProfileCriteria: { chargingProfilePurpose: 'TxProfile' } }],
    [CLEAR_16, CLEAR_201],
  ])('%j of OCPP 1.6 is %j of OCPP 2.0.1, and back', (old, recent) => {
    const up = clear201.writeClearChargingProfile(must(clear16.readClearChargingProfile(old)));
    const down = clear16.writeClearChargingProfile(must(clear201.readClearChargingProfile(recent)));
    expect([up, down]).toEqual([recent, old]);
    expectOfficial('2.0.1', 'ClearChargingProfile', up);
    expectDeclared(clear201.ClearChargingProfileRequest, up);
    expectOfficial('1.6', 'ClearChargingProfile', down);
    expectDeclared(clear16.ClearChargingProfile, down);
  });

  it('is refused when a criterion is unusable, because without it more would be cleared', () => {
    const [old, recent] = [{ id: 'all' }, { chargingProfileCriteria: { evseId: 'x' } }];
    expect(clear16.readClearChargingProfile(old)).toMatchObject({ error: { reason: 'profile-invalid' } });
    expect(clear201.readClearChargingProfile(recent)).toMatchObject({ error: { reason: 'profile-invalid' } });
    const external = { chargingProfileCriteria: { chargingProfilePurpose: 'ChargingStationExternalConstraints' } };
    expect(clear201.readClearChargingProfile(external)).toMatchObject({ error: { reason: 'purpose-not-allowed' } });
  });
});

describe("the charger's verdict", () => {
  it.each([
    ['Accepted', 'Accepted', undefined],
    ['Rejected', 'Rejected', undefined],
    ['NotSupported', 'Rejected', { reasonCode: 'UnsupportedRequest' }],
    ['Perhaps', 'Rejected', undefined],
  ])('%s of OCPP 1.6 is %s of OCPP 2.0.1', (status, expected, statusInfo) => {
    const verdict = set16.readSetChargingProfileResponse({ status });
    if (verdict === undefined) throw new Error('no verdict');
    const response = set201.writeSetChargingProfileResponse(verdict);
    expect(response).toEqual({ status: expected, ...(statusInfo && { statusInfo }) });
    expectOfficialResponse('2.0.1', 'SetChargingProfile', response);
    expectDeclared(set201.SetChargingProfileResponse, response);
  });

  it('of OCPP 2.0.1 keeps its reason, within the lengths of the specification', () => {
    const statusInfo = { reasonCode: 'x'.repeat(30), additionalInfo: 'y'.repeat(600) };
    const verdict = set201.readSetChargingProfileResponse({ status: 'Rejected', statusInfo });
    expect(verdict).toEqual({ status: 'Rejected', reasonCode: 'x'.repeat(30), detail: 'y'.repeat(600) });
    if (verdict === undefined) throw new Error('no verdict');
    expectOfficialResponse('2.0.1', 'SetChargingProfile', set201.writeSetChargingProfileResponse(verdict));
    expectOfficialResponse('1.6', 'SetChargingProfile', set16.writeSetChargingProfileResponse(verdict));
  });

  it('is none when the answer has no status', () => {
    for (const payload of [null, {}, [], 'Accepted', { status: 1 }]) {
      expect(set16.readSetChargingProfileResponse(payload)).toBeUndefined();
      expect(set201.readSetChargingProfileResponse(payload)).toBeUndefined();
    }
  });
});
