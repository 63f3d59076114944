import { describe, expect, it } from 'vitest';
import type { Command } from '../../sandbox/csms-commands.ts';
import { readingEvent, startEvent, stopEvent } from '../../sandbox/demo/charger-events.ts';
import { carMaxW, createSimulatedCharger, type ChargerIdentity } from '../../sandbox/demo/simulated-charger.ts';
import { responseSchemaErrors, schemaErrors } from '../../sandbox/ocpp-schema.ts';

const pluggedInAt = new Date('2026-05-12T16:00:00Z');
const minutesLater = (minutes: number) => new Date(pluggedInAt.getTime() + minutes * 60_000).toISOString();
const names = { chargePointId: 'sim', ocppIdentity: 'SIM' };
const identities = {
  'ocpp1.6': { ...names, protocol: 'ocpp1.6', transactionId: 7001 },
  'ocpp2.0.1': { ...names, protocol: 'ocpp2.0.1', transactionId: 'tx-1' },
} as const satisfies Record<string, ChargerIdentity>;
type Version = keyof typeof identities;
const versions: Version[] = ['ocpp1.6', 'ocpp2.0.1'];

const pluggedIn = (version: Version) =>
  createSimulatedCharger(identities[version], { at: pluggedInAt, registerWh: 5000 });

type Wish = { unit?: 'W' | 'A'; from?: string; periods: readonly (readonly [startPeriod: number, limit: number])[] };

function command(protocol: Version, { unit = 'W', from, periods }: Wish, transactionId?: unknown): Command {
  const schedule = {
    ...(from === undefined ? {} : { startSchedule: from }),
    chargingRateUnit: unit,
    chargingSchedulePeriod: periods.map(([startPeriod, limit]) => ({ startPeriod, limit })),
  };
  const transaction = { transactionId: transactionId ?? identities[protocol].transactionId };
  const payload =
    protocol === 'ocpp1.6'
      ? { connectorId: 1, csChargingProfiles: { ...transaction, chargingSchedule: schedule } }
      : { evseId: 1, chargingProfile: { ...transaction, chargingSchedule: [schedule] } };
  return { id: '', ...names, protocol, action: 'SetChargingProfile', payload };
}

describe.each(versions)('a simulated charger of %s', (version) => {
  const limitedTo = (limit: number, unit: 'W' | 'A' = 'W') => command(version, { unit, periods: [[0, limit]] });

  it('draws what its car can take where nothing limits it, and counts the energy', () => {
    const charger = pluggedIn(version);
    charger.charge(3);
    expect(charger.read()).toEqual({ at: new Date(minutesLater(3)), registerWh: 5552, powerW: carMaxW });
  });

  it.each([4140, 7400, 9000])('draws the %i W that it was told', (limit) => {
    const charger = pluggedIn(version);
    expect(charger.obey(limitedTo(limit))).toBe('Accepted');
    charger.charge(1);
    expect(charger.read()).toMatchObject({ powerW: limit, registerWh: Math.round(5000 + limit / 60) });
  });

  it('draws no more than its car can take, however much it may', () => {
    const charger = pluggedIn(version);
    charger.obey(limitedTo(22_000));
    expect(charger.read().powerW).toBe(carMaxW);
  });

  it('takes amperes as those of each of three phases', () => {
    const charger = pluggedIn(version);
    charger.obey(limitedTo(10, 'A'));
    expect(charger.read().powerW).toBe(6900);
  });

  it('takes 0 W as a pause, and refuses what no car can charge with', () => {
    const charger = pluggedIn(version);
    expect([charger.obey(limitedTo(0)), charger.read().powerW]).toEqual(['Accepted', 0]);
    expect([charger.obey(limitedTo(2000)), charger.read().powerW]).toEqual(['Rejected', 0]);
  });

  it('goes from period to period, from the start of the schedule on', () => {
    const charger = pluggedIn(version);
    const from = minutesLater(1);
    const periods = [
      [0, 4140],
      [120, 9000],
    ] as const;
    charger.obey(command(version, { from, periods }));
    const powers = [0, 1, 2, 3, 4].map(() => {
      const { powerW } = charger.read();
      charger.charge(1);
      return powerW;
    });
    expect(powers).toEqual([carMaxW, 4140, 4140, 9000, 9000]);
  });

  it('counts a schedule without a start from when it came', () => {
    const charger = pluggedIn(version);
    charger.charge(30);
    const periods = [
      [0, 4140],
      [60, 9000],
    ] as const;
    charger.obey(command(version, { periods }));
    expect(charger.read().powerW).toBe(4140);
    charger.charge(1);
    expect(charger.read().powerW).toBe(9000);
  });

  it('refuses a profile for another transaction, and goes on as before', () => {
    const charger = pluggedIn(version);
    const other = version === 'ocpp1.6' ? '7001' : 7001;
    expect(charger.obey(command(version, { periods: [[0, 4140]] }, other))).toBe('Rejected');
    expect(charger.read().powerW).toBe(carMaxW);
  });

  it('refuses a command in the other OCPP version', () => {
    const other = version === 'ocpp1.6' ? 'ocpp2.0.1' : 'ocpp1.6';
    expect(pluggedIn(version).obey(command(other, { periods: [[0, 4140]] }))).toBe('Rejected');
  });

  it('forgets the limit when the profile is cleared', () => {
    const charger = pluggedIn(version);
    charger.obey(limitedTo(4140));
    expect(charger.obey({ ...limitedTo(4140), action: 'ClearChargingProfile', payload: {} })).toBe('Accepted');
    expect(charger.read().powerW).toBe(carMaxW);
  });

  it.each([startEvent, readingEvent, stopEvent])(
    'says nothing that its OCPP version does not allow, and gets a valid reply: %o',
    (write) => {
      const charger = pluggedIn(version);
      const { frame, response, protocol } = write(charger, { seqNo: 3, reading: charger.read() });
      const ocpp = version === 'ocpp1.6' ? '1.6' : '2.0.1';
      expect(protocol).toBe(version);
      expect(schemaErrors(ocpp, frame[2], frame[3])).toEqual([]);
      expect(responseSchemaErrors(ocpp, frame[2], response)).toEqual([]);
    },
  );
});
