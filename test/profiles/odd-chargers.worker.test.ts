/** Chargers that take less than the specification allows: in the end the car draws what was asked, or the operator is told. */
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { call, freshId, nativeEvent, registered } from '../http/client.ts';
import { ADMIN_TOKEN } from '../settings.ts';
import {
  commandOf,
  csmsAnswers,
  eventually,
  pair,
  pass,
  profile16,
  reads,
  ring,
  sessionsOf,
  starts,
  stekkerSets,
  stops,
  timelineOf,
  type SentCommand,
} from './chargers.ts';

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await env.DB.exec('DELETE FROM alerts');
});

type Schedule = {
  readonly chargingRateUnit: 'W' | 'A';
  readonly chargingSchedulePeriod: readonly {
    readonly startPeriod: number;
    readonly limit: number;
    readonly numberPhases?: number;
  }[];
};
const profileIn = ({ payload }: SentCommand) =>
  payload['csChargingProfiles'] as { readonly stackLevel: number; readonly chargingSchedule: Schedule };
const scheduleIn = (command: SentCommand) => profileIn(command).chargingSchedule;
/** Unit and limits of a command: "A 5.3". */
const said = (command: SentCommand) => {
  const { chargingRateUnit, chargingSchedulePeriod } = scheduleIn(command);
  return `${chargingRateUnit} ${chargingSchedulePeriod.map(({ limit }) => limit).join(' ')}`;
};

/** A CSMS whose charger takes a profile if `takes` says so. */
function charger(takes: (schedule: Schedule) => boolean = () => true) {
  const { commands } = csmsAnswers((sent) => {
    const command = commandOf(sent);
    const isTaken = command.action !== 'SetChargingProfile' || takes(scheduleIn(command));
    return Response.json({ status: isTaken ? 'Accepted' : 'Rejected' });
  });
  const sets = () => commands().filter(({ action }) => action === 'SetChargingProfile');
  return { sets, told: () => sets().map(said) };
}

/** A three-phase charger with a car charging as transaction 17, of which nothing is declared but its connector. */
async function undeclared(evse: Record<string, unknown> = {}): Promise<string> {
  const connectors = [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }];
  const id = await registered({ evses: [{ evseId: 1, uid: freshId(), connectors, ...evse }] });
  await pair(id, 'stekker');
  await starts(id, 1, 17);
  return id;
}

const asks = (limit: number, more: Parameters<typeof profile16>[0] = {}) =>
  profile16({ periods: [{ startPeriod: 0, limit }], startSchedule: new Date().toISOString(), ...more });
const sets = async (id: string, body: unknown) => (await stekkerSets(id, body)).json();

/** The charger answers what its CSMS asked of its configuration. */
async function says(id: string, ...configurationKey: readonly { key: string; value: string }[]): Promise<void> {
  const frame = [
    3,
    crypto.randomUUID(),
    { configurationKey: configurationKey.map((each) => ({ readonly: true, ...each })) },
  ];
  const json = nativeEvent(id, { direction: 'cs', frame, timestamp: new Date().toISOString() });
  expect((await call('/webhooks/ocpp', { json })).status).toBe(202);
}
/** Gives the event. */
async function boots(id: string, firmwareVersion: string) {
  const payload = { chargePointVendor: 'Acme', chargePointModel: 'One', firmwareVersion };
  const frame = [2, crypto.randomUUID(), 'BootNotification', payload];
  const json = { ...nativeEvent(id), timestamp: new Date().toISOString(), frame };
  expect((await call('/webhooks/ocpp', { json })).status).toBe(202);
  return json;
}
const draws = (id: string, watts: number) =>
  reads(id, 17, [{ value: String(watts), measurand: 'Power.Active.Import', unit: 'W' }]);
const currents = (id: string, ...amperes: readonly number[]) =>
  reads(
    id,
    17,
    amperes.map((value, index) => ({
      value: String(value),
      measurand: 'Current.Import',
      phase: `L${index + 1}`,
      unit: 'A',
    })),
  );

describe('a charger that takes amperes only', () => {
  const amperesOnly = () => charger(({ chargingRateUnit }) => chargingRateUnit === 'A');

  it('is asked once more in A, and at once in A from then on', async () => {
    const { told } = amperesOnly();
    const id = await undeclared();
    expect(await sets(id, asks(11_040))).toEqual({ status: 'Accepted' });
    expect(told()).toEqual(['W 11040', 'A 16']);
    await sets(id, asks(6900));
    expect(told()).toEqual(['W 11040', 'A 16', 'A 10']);
    expect(await sessionsOf(id)).toMatchObject([
      { profile: { status: 'Accepted', limit: 6900, unit: 'W', notes: ['the limits in W were sent in A'] } },
    ]);
  });

  it('and was registered so, or has said so, is asked in A at once', async () => {
    const { told } = amperesOnly();
    await sets(await undeclared({ rateUnit: 'A' }), asks(11_040));
    const id = await undeclared();
    await says(id, { key: 'ChargingScheduleAllowedChargingRateUnit', value: 'Current' });
    await sets(id, asks(6900));
    expect(told()).toEqual(['A 16', 'A 10']);
  });

  it('is another one with another firmware, or registered anew', async () => {
    const { told } = amperesOnly();
    const id = await undeclared();
    await boots(id, '1.0');
    await sets(id, asks(11_040));
    await boots(id, '1.0');
    await sets(id, asks(6900));
    await boots(id, '2.0');
    await sets(id, asks(4140));
    expect(told()).toEqual(['W 11040', 'A 16', 'A 10', 'W 4140', 'A 6']);
  });

  it('takes three times as much for a car on one phase, once that was measured twice', async () => {
    const { sets: sent, told } = amperesOnly();
    const id = await undeclared({ rateUnit: 'A' });
    await sets(id, asks(3680));
    await currents(id, 5.2, 0, 0);
    pass(30);
    await currents(id, 5.2, 0, 0);
    await eventually(told).toEqual(['A 5.3', 'A 16']);
    expect(scheduleIn(sent()[1] as SentCommand).chargingSchedulePeriod[0]).toMatchObject({ numberPhases: 1 });
    await stops(id, 17);
    await starts(id, 1, 18);
    await sets(id, asks(3680, { profile: { transactionId: 18 } }));
    expect(told().at(-1)).toBe('A 16');
  });
});

it('a charger that rejects whatever it is asked is asked twice, and the provider hears it', async () => {
  const { told } = charger(() => false);
  const id = await undeclared();
  expect(await sets(id, asks(11_040))).toEqual({ status: 'Rejected' });
  expect(told()).toEqual(['W 11040', 'A 16']);
});

it('a charger that refuses limits at which no car charges gets 0 instead, and at once from then on', async () => {
  const { told } = charger(({ chargingSchedulePeriod }) =>
    chargingSchedulePeriod.every(({ limit }) => limit === 0 || limit >= 6),
  );
  const id = await undeclared({ rateUnit: 'A' });
  expect(await sets(id, asks(3, { unit: 'A' }))).toEqual({ status: 'Accepted' });
  await sets(id, asks(4, { unit: 'A' }));
  await sets(id, asks(10, { unit: 'A' }));
  expect(told()).toEqual(['A 3', 'A 0', 'A 0', 'A 10']);
});

describe('a charger that holds few periods', () => {
  const HOUR = 3600;
  const plan = [1, 2, 3, 4, 5].map((step) => ({ startPeriod: (step - 1) * HOUR, limit: step * 1500 }));

  it('gets a plan cut to what it said, never more than was asked, and the rest when its time comes', async () => {
    const { told } = charger();
    const id = await undeclared({ rateUnit: 'W' });
    await says(id, { key: 'ChargingScheduleMaxPeriods', value: '3' });
    await sets(id, asks(0, { periods: plan }));
    expect(told()).toEqual(['W 1500 3000 4500']);
    pass(2 * HOUR + 1);
    await ring(id);
    await eventually(told).toEqual(['W 1500 3000 4500', 'W 4500 6000 7500']);
  });

  it('and one stack level gets every profile on that', async () => {
    const { sets: sent } = charger();
    const id = await undeclared({ rateUnit: 'W' });
    await says(id, { key: 'ChargeProfileMaxStackLevel', value: '1' });
    await sets(id, asks(7400, { profile: { stackLevel: 8 } }));
    expect(sent().map((command) => profileIn(command).stackLevel)).toEqual([1]);
  });
});

describe('a charger that says Accepted and ignores it', () => {
  it('is found out by three readings; the operator is told once, and it is asked once in A', async () => {
    const lines: string[] = [];
    vi.spyOn(console, 'warn').mockImplementation((line) => void lines.push(String(line)));
    const { told } = charger();
    const id = await undeclared();
    await sets(id, asks(4140));
    const reading = async (watts: number) => {
      pass(40);
      await draws(id, watts);
    };
    await reading(11_000);
    await reading(11_000);
    await reading(11_000);
    expect(await sessionsOf(id)).toMatchObject([{ profile: { followed: 'unknown' } }]);
    await reading(11_000);
    await eventually(told).toEqual(['W 4140', 'A 6']);
    expect(await timelineOf(id, 'charging-profile-not-followed')).toMatchObject([
      { provider: 'stekker', transactionId: '17', evseId: 1, asked: { limit: 4140, unit: 'W' }, drawnW: 11_000 },
    ]);
    expect(lines.filter((line) => line.includes('"event":"profile.not-followed"'))).toHaveLength(1);
    for (let step = 0; step < 6; step += 1) await reading(11_000);
    expect(await sessionsOf(id)).toMatchObject([
      { profile: { followed: 'no' }, explanation: { code: 'profile-not-followed' } },
    ]);
    expect(await timelineOf(id, 'charging-profile-not-followed')).toHaveLength(1);
    expect(told()).toEqual(['W 4140', 'A 6']);
  });

  it('is not one that needs a minute, draws a little more, or is above the limit only once', async () => {
    charger();
    const id = await undeclared({ rateUnit: 'W' });
    await sets(id, asks(4140));
    pass(30);
    await draws(id, 11_000);
    pass(60);
    await draws(id, 4700);
    pass(60);
    await draws(id, 9000);
    pass(60);
    await draws(id, 4100);
    expect(await sessionsOf(id)).toMatchObject([{ profile: { followed: 'yes' } }]);
    expect(await timelineOf(id, 'charging-profile-not-followed')).toEqual([]);
  });
});

describe('a charger that loses its profile at a power cycle', () => {
  it('is sent it once more, half a minute after it booted', async () => {
    const { told } = charger();
    const id = await undeclared({ rateUnit: 'W' });
    await sets(id, asks(7400));
    pass(60);
    await boots(id, '1.0');
    expect(told()).toEqual(['W 7400']);
    pass(31);
    await ring(id);
    await eventually(told).toEqual(['W 7400', 'W 7400']);
    pass(3600);
    await draws(id, 7300);
    expect(told()).toEqual(['W 7400', 'W 7400']);
  });

  it('is sent nothing for a boot that was before the profile, or that is told again', async () => {
    const { told } = charger();
    const id = await undeclared({ rateUnit: 'W' });
    const boot = await boots(id, '1.0');
    pass(60);
    await sets(id, asks(7400));
    expect((await call('/webhooks/ocpp', { json: boot })).status).toBe(202);
    expect(
      (await call('/webhooks/ocpp', { json: { ...boot, frame: [2, 'late', ...boot.frame.slice(2)] } })).status,
    ).toBe(202);
    pass(31);
    await draws(id, 7300);
    expect(told()).toEqual(['W 7400']);
  });
});

it('what was learned of a charger is shown, until it has another firmware', async () => {
  const { sets: sent } = charger(({ chargingRateUnit }) => chargingRateUnit === 'A');
  const id = await undeclared();
  const learned = async () => (await (await call(`/api/chargers/${id}`)).json<{ learned: object }>()).learned;
  expect(await learned()).toEqual({});
  await boots(id, '1.0');
  await says(id, { key: 'ChargingScheduleMaxPeriods', value: '6' }, { key: 'ChargeProfileMaxStackLevel', value: '1' });
  await sets(id, asks(3680));
  await currents(id, 5.2, 0, 0);
  pass(30);
  await currents(id, 5.2, 0, 0);
  await eventually(() => sent().length).toBe(3);
  const phases = { 1: 1 };
  expect(await learned()).toEqual({ firmware: '1.0', maxPeriods: 6, maxStackLevel: 1, worksIn: 'A', phases });
  await boots(id, '2.0');
  expect(await learned()).toEqual({ firmware: '2.0', phases });
});

describe('a profile that would outlive its session', () => {
  it('for the whole station is refused, unless that is allowed', async () => {
    const { told } = charger();
    const id = await undeclared();
    const body = asks(7400, { profile: { chargingProfilePurpose: 'TxDefaultProfile', transactionId: undefined } });
    const refused = await stekkerSets(id, body);
    expect([refused.status, await refused.json()]).toMatchObject([400, { reason: 'purpose-not-allowed' }]);
    expect(told()).toEqual([]);
  });

  it('is one of four in a place at most', async () => {
    charger();
    const id = await undeclared({ rateUnit: 'W' });
    const levels = [0, 1, 2, 3, 4];
    const answers = [];
    for (const stackLevel of levels)
      answers.push(
        (await stekkerSets(id, asks(7400, { profile: { stackLevel, chargingProfileId: stackLevel + 1 } }))).status,
      );
    expect(answers).toEqual([200, 200, 200, 200, 400]);
    expect((await stekkerSets(id, asks(7400, { profile: { stackLevel: 2, chargingProfileId: 3 } }))).status).toBe(200);
  });
});

it('what a charger says of itself counts as ignored, and costs no line of its timeline', async () => {
  charger();
  const id = await undeclared();
  const before = (await call(`/api/chargers/${id}/timeline`, { token: ADMIN_TOKEN })).json<{ timeline: object[] }>();
  await says(id, { key: 'ChargingScheduleMaxPeriods', value: '3' });
  const after = (await call(`/api/chargers/${id}/timeline`, { token: ADMIN_TOKEN })).json<{ timeline: object[] }>();
  expect((await after).timeline).toHaveLength((await before).timeline.length);
});
