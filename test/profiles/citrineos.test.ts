/** What is particular about commands through CitrineOS: callbacks of all manners, refusals with HTTP 200, one profile per stack level. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, profile201, startWorld, valueAt, type ChargerInSession, type World } from './world.ts';
import type { CallbackManner } from '../../sandbox/citrineos.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld('citrineos');
}, 60_000);
afterAll(() => world.close());

const actionsFor = (charger: ChargerInSession) => world.commandsFor(charger).map(({ action }) => action);
const callbacksTo = (url: string) => world.citrineos.callbacks.filter((callback) => callback.url === url);
const timelineOf = async ({ id }: ChargerInSession) => {
  const { body } = await world.api('GET', `/api/chargers/${id}/timeline`, undefined, sandboxSettings.ADMIN_TOKEN);
  return (body as { timeline: { entry: unknown }[] }).timeline.map(({ entry }) => entry);
};
/** The profile of the running session, as it is shown. */
const lastOf = async ({ id }: ChargerInSession) => {
  const { body } = await world.api('GET', `/api/chargers/${id}/sessions`);
  return valueAt(body, 'sessions', 0, 'profile');
};
const urlOfCommand = ({ ocppIdentity }: ChargerInSession, index: number) =>
  world.citrineos.commandsFor(ocppIdentity)[index]?.callbackUrl ?? '';
const setCallbacks = ({ ocppIdentity }: ChargerInSession, manner: CallbackManner) =>
  world.citrineos.setCallbacks(ocppIdentity, manner);

describe('the callback of a command', () => {
  it('counts when it comes before the command is confirmed', async () => {
    const charger = await world.inSession('ocpp1.6', 'stekker');
    setCallbacks(charger, 'early');
    expect(await world.sendProfile(charger)).toEqual({ status: 200, body: { status: 'Accepted' } });
  });

  it('counts once: the second one is refused', async () => {
    const charger = await world.inSession('ocpp1.6', 'stekker');
    setCallbacks(charger, 'twice');
    expect(await world.sendProfile(charger)).toEqual({ status: 200, body: { status: 'Accepted' } });
    await eventually(() => callbacksTo(urlOfCommand(charger, 0)).map(({ status }) => status)).toEqual([204, 404]);
  });

  it('that comes after nobody waited corrects what is known, and the next command waited for it', async () => {
    const charger = await world.inSession('ocpp1.6', 'stekker');
    setCallbacks(charger, 'held');
    expect(await world.sendProfile(charger)).toMatchObject({ status: 503, body: { reason: 'charger-no-answer' } });
    expect(await lastOf(charger)).toMatchObject({ lastRequest: { status: 'no-answer' } });
    setCallbacks(charger, 'prompt');
    // The second one waits, and is replaced by the third, which is sent as soon as the first was answered.
    const second = world.sendProfile(charger, 5000);
    const third = world.sendProfile(charger, 6000);
    expect(await second).toMatchObject({ status: 503, body: { reason: 'superseded' } });
    expect(actionsFor(charger)).toEqual(['SetChargingProfile']);
    await world.citrineos.releaseCallbacks();
    expect(callbacksTo(urlOfCommand(charger, 0)).map(({ status }) => status)).toEqual([204]);
    expect(await third).toEqual({ status: 200, body: { status: 'Accepted' } });
    expect(actionsFor(charger)).toEqual(['SetChargingProfile', 'SetChargingProfile']);
    const timeline = await timelineOf(charger);
    expect(timeline).toContainEqual(
      expect.objectContaining({ kind: 'charging-profile-answered', outcome: 'Accepted' }),
    );
  });

  it('that says no after nobody waited leaves the profile before it in force, and tells the CSMS', async () => {
    const charger = await world.inSession('ocpp1.6', 'stekker');
    expect((await world.sendProfile(charger, 7400)).status).toBe(200);
    setCallbacks(charger, 'held');
    world.setVerdict(charger, 'Rejected');
    expect(await world.sendProfile(charger, 5000)).toMatchObject({ status: 503 });
    await world.citrineos.releaseCallbacks();
    expect(await lastOf(charger)).toMatchObject({ limit: 7400, lastRequest: { status: 'Rejected' } });
    // The same answer again is for no command.
    expect(callbacksTo(urlOfCommand(charger, 1)).map(({ status }) => status)).toEqual([204]);
  });

  it('for another command does not answer this one', async () => {
    const charger = await world.inSession('ocpp1.6', 'stekker');
    await world.sendProfile(charger);
    setCallbacks(charger, 'elsewhere');
    expect(await world.sendProfile(charger)).toEqual({ status: 200, body: { status: 'Accepted' } });
    const [first, again] = callbacksTo(urlOfCommand(charger, 0));
    expect([first?.status, again?.status, again?.body]).toEqual([204, 404, { status: 'Rejected' }]);
  });

  it('that is no verdict makes the command fail', async () => {
    const charger = await world.inSession('ocpp1.6', 'stekker');
    setCallbacks(charger, 'garbled');
    expect(await world.sendProfile(charger)).toMatchObject({ status: 502, body: { reason: 'command-failed' } });
  });

  it('with a CALLERROR of a charger that has no profiles says NotSupported', async () => {
    const charger = await world.inSession('ocpp1.6', 'stekker');
    setCallbacks(charger, 'call-error');
    expect(await world.sendProfile(charger)).toEqual({ status: 200, body: { status: 'NotSupported' } });
  });

  it('goes to a URL that tells nothing of another command and shows in no log', async () => {
    const charger = await world.inSession('ocpp1.6', 'stekker');
    await world.sendProfile(charger);
    await world.sendProfile(charger);
    const tokens = [0, 1].map((index) => urlOfCommand(charger, index).split('/').at(-1) ?? '');
    expect(new Set(tokens).size).toBe(2);
    const logs = world.edge.logs().join('\n');
    expect(logs).toContain('command.sent');
    for (const token of tokens) expect(logs).not.toContain(token);
    expect(logs).not.toContain(sandboxSettings.CITRINEOS_TOKEN);
  });
});

describe('on OCPP 2.0.1', () => {
  it('clears the profile that a newer one replaces, then sets the newer one', async () => {
    const charger = await world.inSession('ocpp2.0.1', 'jedlix');
    world.citrineos.received.length = 0;
    expect((await world.sendProfile(charger, 7400)).status).toBe(200);
    expect((await world.sendProfile(charger, 3600)).status).toBe(200);
    expect(actionsFor(charger)).toEqual(['SetChargingProfile', 'ClearChargingProfile', 'SetChargingProfile']);
    expect(world.commandsFor(charger)[1]?.payload).toEqual({
      chargingProfileCriteria: { evseId: 1, chargingProfilePurpose: 'TxProfile', stackLevel: 1 },
    });
    expect(world.citrineos.activeProfiles(charger.ocppIdentity)).toHaveLength(1);
    expect(world.citrineos.received.map(({ reason }) => reason)).not.toContain('refused');
  });

  it('clears a profile that it did not know of, once CitrineOS says that the place is taken', async () => {
    const charger = await world.inSession('ocpp2.0.1', 'jedlix');
    const transactionId = String(charger.transactionId);
    const planted = { evseId: 1, purpose: 'TxProfile', stackLevel: 1, transactionId };
    world.citrineos.station(charger.ocppIdentity).plant(planted);
    expect((await world.sendProfile(charger)).status).toBe(200);
    expect(actionsFor(charger)).toEqual(['ClearChargingProfile', 'SetChargingProfile']);
  });

  it('does not clear on OCPP 1.6, where the charger replaces by itself', async () => {
    const charger = await world.inSession('ocpp1.6', 'jedlix');
    await world.sendProfile(charger, 7400);
    await world.sendProfile(charger, 3600);
    expect(actionsFor(charger)).toEqual(['SetChargingProfile', 'SetChargingProfile']);
  });

  it('gives an absolute schedule without a start the moment it came, because Jedlix means "at once"', async () => {
    const before = Date.now();
    const charger = await world.inSession('ocpp2.0.1', 'jedlix');
    await world.sendProfile(charger);
    const [command] = world.commandsFor(charger);
    const start = valueAt(command?.payload, 'chargingProfile', 'chargingSchedule', 0, 'startSchedule');
    expect(Date.parse(String(start))).toBeGreaterThanOrEqual(before);
    expect(Date.parse(String(start))).toBeLessThanOrEqual(Date.now());
  });

  it('moves a validFrom in the future into the start of the schedule', async () => {
    const charger = await world.inSession('ocpp2.0.1', 'jedlix');
    const validFrom = new Date(Date.now() + 3_600_000).toISOString();
    const { evseId, chargingProfile } = profile201(7400);
    const answer = await world.outside.jedlix.setChargingProfile({
      edgeUrl: world.edge.url,
      token: sandboxSettings.JEDLIX_INBOUND_TOKENS,
      uid: charger.id,
      profile: { evseId, chargingProfile: { ...chargingProfile, validFrom } },
    });
    expect(answer.status).toBe(200);
    const [command] = world.commandsFor(charger);
    expect(valueAt(command?.payload, 'chargingProfile', 'validFrom')).toBeUndefined();
    expect(valueAt(command?.payload, 'chargingProfile', 'chargingSchedule', 0, 'startSchedule')).toBe(validFrom);
  });
});

describe('what CitrineOS refuses', () => {
  it('with HTTP 200 and no connection is a charger that is offline', async () => {
    const charger = await world.inSession('ocpp2.0.1', 'jedlix');
    world.setVerdict(charger, 'offline');
    expect((await world.sendProfile(charger)).status).toBe(503);
    expect(world.citrineos.received.at(-1)).toMatchObject({ status: 200, reason: 'offline' });
  });

  it.each([
    ['an error of its own', () => ({ status: 500 }) as const],
    ['a broken connection', () => 'reset' as const],
  ])('with %s is its failure: 502 to Stekker, 500 to Jedlix', async (_, fault) => {
    const [a, b] = [await world.inSession('ocpp1.6', 'stekker'), await world.inSession('ocpp1.6', 'jedlix')];
    world.citrineos.setFaults(fault);
    expect(await world.sendProfile(a)).toMatchObject({ status: 502, body: { reason: 'command-failed' } });
    expect(await world.sendProfile(b)).toMatchObject({ status: 500, errors: [] });
    world.citrineos.setFaults();
  });
});

describe('a place that CitrineOS takes for occupied although nothing is there', () => {
  const limitNow = ({ ocppIdentity }: ChargerInSession) => world.citrineos.station(ocppIdentity).active;

  it('after a power cycle of the charger is freed by the detour over the next stack level', async () => {
    const charger = await world.inSession('ocpp2.0.1', 'jedlix');
    expect(await world.sendProfile(charger, 7400)).toMatchObject({ status: 200 });
    world.citrineos.station(charger.ocppIdentity).powerCycle();
    expect(await world.sendProfile(charger, 4140)).toMatchObject({ status: 200 });
    expect(actionsFor(charger).slice(-3)).toEqual(['ClearChargingProfile', 'SetChargingProfile', 'SetChargingProfile']);
    expect(limitNow(charger)).toMatchObject([{ evseId: 1, stackLevel: 1 }]);
    expect(await world.sendProfile(charger, 5000)).toMatchObject({ status: 200 });
  });

  it('because it has not written its clear down yet is tried again', async () => {
    const charger = await world.inSession('ocpp2.0.1', 'jedlix');
    expect(await world.sendProfile(charger, 7400)).toMatchObject({ status: 200 });
    world.citrineos.station(charger.ocppIdentity).isDatabaseLate = true;
    expect(await world.sendProfile(charger, 4140)).toMatchObject({ status: 200 });
  });
});

it('each schedule that is sent has an id of its own: CitrineOS keeps ids for ever', async () => {
  const charger = await world.inSession('ocpp2.0.1', 'jedlix');
  for (const limit of [7400, 7300, 7200])
    expect(await world.sendProfile(charger, limit)).toMatchObject({ status: 200 });
  const ids = world.citrineos
    .commandsFor(charger.ocppIdentity)
    .filter(({ action }) => action === 'SetChargingProfile')
    .map(({ payload }) => valueAt(payload, 'chargingProfile', 'chargingSchedule', 0, 'id'));
  expect(new Set(ids).size).toBe(3);
});
