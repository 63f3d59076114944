import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/csms/command.ts';
import { acceptable } from '../../src/csms/citrineos/profile-form.ts';

const T0 = Date.parse('2026-03-31T12:00:00Z');
const iso = (afterS: number) => new Date(T0 + afterS * 1000).toISOString();

const periods = [
  { startPeriod: 0, limit: 0 },
  { startPeriod: 600, limit: 7000 },
  { startPeriod: 1800, limit: 1400 },
];
const command = (profile: object, schedule: object = {}, changes: Partial<Command> = {}): Command => ({
  id: 'c1',
  chargePointId: '1',
  ocppIdentity: 'CP_1',
  protocol: 'ocpp2.0.1',
  action: 'SetChargingProfile',
  payload: {
    evseId: 1,
    chargingProfile: {
      id: 1,
      stackLevel: 1,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Absolute',
      transactionId: 'tx',
      chargingSchedule: [{ id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: periods, ...schedule }],
      ...profile,
    },
  },
  ...changes,
});
const formOf = (each: Command) => {
  const payload = acceptable(each, T0);
  return payload.ok ? payload.value : payload.error;
};
const scheduleOf = (schedule: object) => ({ chargingProfile: { chargingSchedule: [schedule] } });

describe('what CitrineOS is sent on OCPP 2.0.1', () => {
  it('keeps a start that is there', () => {
    expect(formOf(command({}, { startSchedule: iso(-60) }))).toMatchObject(scheduleOf({ startSchedule: iso(-60) }));
  });

  it('starts an absolute schedule now when it has no start', () => {
    expect(formOf(command({}))).toMatchObject(scheduleOf({ startSchedule: iso(0), chargingSchedulePeriod: periods }));
  });

  it('keeps a validFrom that is past', () => {
    expect(formOf(command({ validFrom: iso(-60) }))).toMatchObject({ chargingProfile: { validFrom: iso(-60) } });
  });

  it('turns a validFrom to come into the start of the schedule', () => {
    const form = formOf(command({ validFrom: iso(60) }));
    expect(form).toMatchObject(scheduleOf({ startSchedule: iso(60) }));
    expect(form).not.toHaveProperty('chargingProfile.validFrom');
  });

  it('leaves a start after the validFrom where it is', () => {
    expect(formOf(command({ validFrom: iso(60) }, { startSchedule: iso(90) }))).toMatchObject(
      scheduleOf({ startSchedule: iso(90), chargingSchedulePeriod: periods }),
    );
  });

  it('cuts off what a schedule that started before its validFrom would have done earlier', () => {
    const schedule = { startSchedule: iso(0), duration: 3600 };
    expect(formOf(command({ validFrom: iso(900) }, schedule))).toMatchObject(
      scheduleOf({
        startSchedule: iso(900),
        duration: 2700,
        chargingSchedulePeriod: [
          { startPeriod: 0, limit: 7000 },
          { startPeriod: 900, limit: 1400 },
        ],
      }),
    );
  });

  it.each(['Relative', 'Recurring'])('is refused for a %s profile that begins later: it has no such form', (kind) => {
    expect(formOf(command({ chargingProfileKind: kind, validFrom: iso(60) }))).toBe('valid-from-in-future');
  });

  it('leaves a relative schedule without a start', () => {
    const relative = command({ chargingProfileKind: 'Relative' });
    // Only the ids of schedules are others.
    const withoutIds = (payload: unknown) => JSON.stringify(payload).replaceAll(/"id":\d+/g, '"id"');
    expect(withoutIds(formOf(relative))).toBe(withoutIds(relative.payload));
  });
});

describe('what CitrineOS is sent otherwise', () => {
  it.each<[string, Partial<Command>]>([
    ['on OCPP 1.6', { protocol: 'ocpp1.6' }],
    ['to clear', { action: 'ClearChargingProfile' }],
  ])('%s is the command as it is', (_, changes) => {
    const each = command({ validFrom: iso(60) }, {}, changes);
    expect(formOf(each)).toEqual(each.payload);
  });
});
