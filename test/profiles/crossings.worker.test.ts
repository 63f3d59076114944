/** What each form in which a provider may ask becomes at chargers of each version: the same limits, in the same unit, for the same car. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { call } from '../http/client.ts';
import { JEDLIX_TOKEN } from '../settings.ts';
import { csmsAnswers, profile16, profile201, stekkerSets, type Provider } from './chargers.ts';
import { says, transactionOn, twoEvses, type Version } from './strict-charger.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

type Unit = 'W' | 'A';
type Form = {
  readonly from: string;
  readonly provider: Provider;
  readonly send: (id: string, unit: Unit) => Promise<Response>;
};

const START = '2026-01-01T00:00:00Z';
const PERIODS = [
  { startPeriod: 0, limit: 16.4, numberPhases: 1 },
  { startPeriod: 3600, limit: 6 },
];

/** For connector 2, without a transaction. */
const in16 = (unit: Unit) =>
  profile16({ connectorId: 2, periods: PERIODS, unit, startSchedule: START, profile: { transactionId: undefined } });
const in201 = (unit: Unit) => {
  const schedule = { id: 3, startSchedule: START, chargingRateUnit: unit, chargingSchedulePeriod: PERIODS };
  return { ...profile201(0, { id: 1, stackLevel: 0, chargingSchedule: [schedule] }), evseId: 2 };
};
const jedlixSetsIn = (protocol: Version, id: string, json: unknown) =>
  call(`/v1/cpo/chargingstations/${id}/events/${protocol}/SetChargingProfile`, { json, token: JEDLIX_TOKEN });

const FORMS: readonly Form[] = [
  { from: 'Stekker in OCPP 1.6', provider: 'stekker', send: (id, unit) => stekkerSets(id, in16(unit)) },
  { from: 'Jedlix in OCPP 1.6', provider: 'jedlix', send: (id, unit) => jedlixSetsIn('ocpp1.6', id, in16(unit)) },
  { from: 'Jedlix in OCPP 2.0.1', provider: 'jedlix', send: (id, unit) => jedlixSetsIn('ocpp2.0.1', id, in201(unit)) },
];

function expectedAt(version: Version, unit: Unit): object {
  const schedule = { startSchedule: START, chargingRateUnit: unit, chargingSchedulePeriod: PERIODS };
  const fields = { stackLevel: 0, chargingProfilePurpose: 'TxProfile', chargingProfileKind: 'Absolute' };
  const transactionId = transactionOn(version, 2);
  if (version === 'ocpp1.6') {
    const csChargingProfiles = { ...fields, chargingProfileId: 1, transactionId, chargingSchedule: schedule };
    return { connectorId: 2, csChargingProfiles };
  }
  const chargingSchedule = [{ ...schedule, id: expect.any(Number) }];
  return { evseId: 2, chargingProfile: { ...fields, id: 1, transactionId, chargingSchedule } };
}

describe.each(FORMS)('a profile from $from', ({ provider, send }) => {
  describe.each<Version>(['ocpp1.6', 'ocpp2.0.1'])('for an %s charger', (version) => {
    it.each<Unit>(['W', 'A'])('says the same there, in %s', async (unit) => {
      const { commands } = csmsAnswers();
      const id = await twoEvses(version, provider);
      for (const evseId of [1, 2]) await says([id, version], 'Started', [evseId]);
      expect((await send(id, unit)).status).toBe(200);
      const [{ protocol, action, payload } = {}, ...more] = commands();
      expect({ protocol, action, payload }).toEqual({
        protocol: version,
        action: 'SetChargingProfile',
        payload: expectedAt(version, unit),
      });
      expect(more).toEqual([]);
    });
  });
});
