import { describe, expect, it } from 'vitest';
import { findCircleFaults, tellingOf, type CircleAccount } from '../../sandbox/demo/circle-verdict.ts';
import { readJedlixDelivery, readStekkerDelivery } from '../../sandbox/demo/deliveries.ts';
import type { Received } from '../../sandbox/journal.ts';

const minute = (minutes: number) => new Date(Date.parse('2026-05-12T16:00:00Z') + minutes * 60_000);
const charger = {
  chargePointId: 'sim',
  ocppIdentity: 'SIM',
  protocol: 'ocpp1.6',
  transactionId: 7001,
} as const;

function entry(path: string, body: unknown, status = 200): Received {
  return {
    at: minute(0).toISOString(),
    method: 'POST',
    path,
    body,
    status,
    ...(status === 200 ? {} : { reason: 'no' }),
  };
}

type CommandChanges = { protocol?: string; transactionId?: unknown; limit?: number; ocppIdentity?: string };

function commandOf({ protocol = 'ocpp1.6', transactionId = 7001, limit = 4140, ocppIdentity = 'SIM' }: CommandChanges) {
  const chargingSchedulePeriod = [
    { startPeriod: 0, limit },
    { startPeriod: 3600, limit: 11_040 },
  ];
  const chargingSchedule = { chargingRateUnit: 'W', chargingSchedulePeriod };
  const csChargingProfiles = { transactionId, chargingProfilePurpose: 'TxProfile', chargingSchedule };
  const payload = { connectorId: 1, csChargingProfiles };
  return { ocppIdentity, protocol, action: 'SetChargingProfile', payload };
}

const command = (changes: CommandChanges = {}, status = 200) => entry('/commands', commandOf(changes), status);

function event(eventType: string, minutes: number, registerWh: number, powerW?: number): Received {
  const register = { measurand: 'Energy.Active.Import.Register', unitOfMeasure: { unit: 'Wh' }, value: registerWh };
  const power = { measurand: 'Power.Active.Import', unitOfMeasure: { unit: 'W' }, value: powerW };
  const timestamp = minute(minutes).toISOString();
  const meterValue = [{ timestamp, sampledValue: powerW === undefined ? [register] : [register, power] }];
  return entry('/v1/scsp/chargingstations/sim/events/ocpp2.0.1/TransactionEvent', { eventType, timestamp, meterValue });
}

const profile = { provider: 'jedlix', status: 'Accepted', limit: 4140, unit: 'W' };
const session = { transactionId: '7001', powerW: 4140, profile };
const row = { kind: 'charging-profile', provider: 'jedlix', outcome: 'Accepted' };
const shown = { ...row, profile: { schedules: [{ rateUnit: 'W', periods: [{ limit: 4140 }] }] } };
const plan = { id: 1, from: minute(1), limitW: 4140, thenW: 11_040 };
const planned = { plan, requests: [command()], said: 'Accepted', heard: 'Accepted', readingsBefore: 2 };
const received = [
  event('Started', 0, 5000),
  event('Updated', 1, 5184, 11_040),
  event('Updated', 2, 5253, 4140),
  event('Ended', 3, 5322),
];

const circle: CircleAccount = {
  name: 'Jedlix',
  provider: 'jedlix',
  charger,
  readings: [
    { at: minute(0), registerWh: 5000, powerW: 11_040 },
    { at: minute(1), registerWh: 5184, powerW: 11_040 },
    { at: minute(2), registerWh: 5253, powerW: 4140 },
    { at: minute(3), registerWh: 5322, powerW: 4140 },
  ],
  plans: [planned],
  received,
  read: readJedlixDelivery,
  view: { sessions: [session] },
  timeline: { timeline: [{ entry: { kind: 'received' } }, { entry: shown }] },
  viewAfter: { sessions: [] },
};

const planFaults = (changes: Partial<typeof planned>) =>
  findCircleFaults({ ...circle, plans: [{ ...planned, ...changes }] });

describe('the verdict on a circle', () => {
  it('is fine when the plan reached the charger and the meter followed', () => {
    expect(findCircleFaults(circle)).toEqual([]);
  });

  it('misses a command that did not reach the CSMS', () => {
    expect(planFaults({ requests: [] })).toEqual([
      "Jedlix's plan of 4,140 W: no command reached the CSMS; Jedlix was told Accepted",
    ]);
  });

  it.each<[CommandChanges, string]>([
    [{ protocol: 'ocpp2.0.1' }, 'OCPP version ocpp2.0.1 with a payload of ocpp1.6 instead of ocpp1.6'],
    [{ transactionId: 7002 }, 'transactionId 7002 instead of 7001'],
    [{ transactionId: '7001' }, 'transactionId "7001" instead of 7001'],
    [{ limit: 41.4 }, 'limit 41.4 W, 11040 W from 3600 s on instead of 4140 W, 11040 W from 3600 s on'],
    [{ ocppIdentity: 'OTHER' }, 'charger OTHER instead of SIM'],
  ])('names what is wrong in the command: %j', (changes, fault) => {
    expect(planFaults({ requests: [command(changes)] })).toEqual([
      `Jedlix's plan of 4,140 W: the command has the ${fault}`,
    ]);
  });

  it('names a command that the CSMS refused, and one too many', () => {
    expect(planFaults({ requests: [command({}, 401), command()] })).toEqual([
      "Jedlix's plan of 4,140 W: the CSMS was sent 2 requests instead of one",
      "Jedlix's plan of 4,140 W: the CSMS refused the command: 401 no",
    ]);
  });

  it('fails when the provider was told something else than the charger said', () => {
    const rejected = { entry: { ...shown, outcome: 'Rejected' } };
    const view = { sessions: [{ ...session, profile: { ...profile, status: 'Rejected' } }] };
    const account = { ...circle, plans: [{ ...planned, said: 'Rejected' }], timeline: { timeline: [rejected] }, view };
    expect(findCircleFaults(account)).toEqual([
      "Jedlix's plan of 4,140 W: the charger said Rejected, and Jedlix was told Accepted",
    ]);
  });

  it('fails when no plan was accepted', () => {
    expect(planFaults({ heard: '503', said: 'Rejected' })).toContain('no plan of Jedlix was accepted');
  });

  it('fails when the meter does not follow the plan, even where the provider has what the charger said', () => {
    const late = circle.readings.with(2, { at: minute(2), registerWh: 5253, powerW: 11_040 });
    const told = received.with(2, event('Updated', 2, 5253, 11_040));
    const view = { sessions: [{ ...session, powerW: 11_040 }] };
    expect(findCircleFaults({ ...circle, readings: late, received: told, view })).toEqual([
      'Jedlix: the meter does not follow: 11040 W at 16:02:00.000, and the plan says 4140 W',
    ]);
  });

  it('names a reading that is missing at the provider, came twice, was refused, or says something else', () => {
    const faultsOf = (changed: Received[]) => findCircleFaults({ ...circle, received: changed });
    const [, , limited = entry('', {})] = received;
    expect(faultsOf(received.toSpliced(2, 1))).toEqual(['Jedlix: missing: 16:02:00.000']);
    expect(faultsOf(received.toSpliced(2, 0, limited))).toEqual(['Jedlix: more than once: 16:02:00.000']);
    expect(faultsOf(received.with(2, { ...limited, status: 400, reason: 'seq-no-gap' }))).toEqual([
      'Jedlix: refused: Updated 16:02:00.000 (400 seq-no-gap)',
      'Jedlix: missing: 16:02:00.000',
    ]);
    expect(faultsOf(received.with(3, event('Ended', 3, 9999)))).toEqual([
      'Jedlix: end: register is 9999 Wh instead of 5322 Wh',
    ]);
  });

  it.each<[string, object, string]>([
    ['powerW', { powerW: null }, 'shows the powerW undefined instead of 4140'],
    ['provider', { profile: { ...profile, provider: 'csms' } }, 'shows the provider csms instead of jedlix'],
    ['status', { profile: { ...profile, status: 'unconfirmed' } }, 'shows the status unconfirmed instead of Accepted'],
    ['limit', { profile: { ...profile, limit: 11_040 } }, 'shows the limit 11040 instead of 4140'],
  ])("names a wrong %s in the charger's view", (_, changes, fault) => {
    const view = { sessions: [{ ...session, ...changes }] };
    expect(findCircleFaults({ ...circle, view })).toEqual([`GET /api/chargers/sim ${fault}`]);
  });

  it('fails when the session goes on after its end', () => {
    expect(findCircleFaults({ ...circle, viewAfter: circle.view })).toEqual([
      'GET /api/chargers/sim shows 1 sessions after the end',
    ]);
  });

  it('fails when the timeline does not show the profile', () => {
    expect(findCircleFaults({ ...circle, timeline: { timeline: [] } })).toEqual([
      'the timeline of sim shows no profile instead of jedlix 4140 W Accepted',
    ]);
  });
});

describe('a session message in the words of both versions', () => {
  const power = { measurand: 'Power.Active.Import', unit: 'W', value: '4140' };
  const register = { measurand: 'Energy.Active.Import.Register', unit: 'Wh', value: '5253' };

  function atStekker(sampledValue: readonly object[]) {
    const params = { transactionId: 7001, meterValue: [{ timestamp: minute(2).toISOString(), sampledValue }] };
    return tellingOf(readStekkerDelivery(entry('/api/v1/events', { event: { method: 'MeterValues', params } })));
  }

  it('says the same of an OCPP 1.6 reading as of a 2.0.1 one', () => {
    const expected = { name: '16:02:00.000', facts: { register: '5253 Wh', power: '4140 W' } };
    expect(atStekker([register, power])).toEqual(expected);
    expect(tellingOf(readJedlixDelivery(event('Updated', 2, 5253, 4140)))).toEqual(expected);
  });

  it('says that a reading has no power', () => {
    expect(atStekker([register])?.facts).toEqual({ register: '5253 Wh', power: 'absent' });
  });

  it('is none for a status', () => {
    const params = { connectorId: 1, status: 'Charging' };
    const status = entry('/api/v1/events', { event: { method: 'StatusNotification', params } });
    expect(tellingOf(readStekkerDelivery(status))).toBeUndefined();
  });
});
