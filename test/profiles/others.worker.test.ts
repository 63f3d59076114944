/** Commands that somebody else sent through the CSMS: what passes in the webhook stream corrects what we believe. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { call, nativeEvent } from '../http/client.ts';
import { charging, csmsAnswers, pass, sessionsOf, stekkerSets, timelineOf } from './chargers.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

let messages = 0;
/** The CSMS asks the charger, which answers. */
async function others(
  id: string,
  action: string,
  payload: object,
  { status = 'Accepted', at = new Date() }: { readonly status?: string; readonly at?: Date } = {},
) {
  messages += 1;
  const messageId = `other-${messages}`;
  const event = { timestamp: at.toISOString() };
  const json = [
    nativeEvent(id, { ...event, direction: 'csms', frame: [2, messageId, action, payload] }),
    nativeEvent(id, { ...event, direction: 'cs', frame: [3, messageId, { status }] }),
  ];
  const response = await call('/webhooks/ocpp', { json });
  expect(await response.json()).toMatchObject({ received: 0, ignored: 2, rejected: [] });
}

const set = (changes: object, connectorId = 1) => ({
  connectorId,
  csChargingProfiles: {
    chargingProfileId: 999,
    stackLevel: 0,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }] },
    ...changes,
  },
});

async function steered() {
  const { commands } = csmsAnswers();
  const id = await charging();
  expect((await stekkerSets(id)).status).toBe(200);
  const [ours] = commands();
  pass(5);
  const profile = async () => (await sessionsOf(id))[0]?.profile;
  expect(await profile()).toMatchObject({ status: 'Accepted', limit: 7400 });
  return { id, ours, profile };
}

describe('a profile of ours is gone', () => {
  it.each([
    ['all are cleared', 'ClearChargingProfile', {}],
    ['those of its connector are cleared', 'ClearChargingProfile', { connectorId: 1 }],
    ['those of its purpose are cleared', 'ClearChargingProfile', { chargingProfilePurpose: 'TxProfile' }],
    ['another one is set in its place', 'SetChargingProfile', set({})],
  ])('when %s', async (_, action, payload) => {
    const { id, profile } = await steered();
    await others(id, action, payload);
    expect(await profile()).toMatchObject({ limit: null });
    const what = action === 'ClearChargingProfile' ? 'cleared' : 'replaced';
    expect(await timelineOf(id, 'charging-profile-lost')).toMatchObject([{ provider: 'stekker', evseId: 1, what }]);
  });

  it('when its id is cleared, in OCPP 2.0.1 words too', async () => {
    const { id, ours, profile } = await steered();
    const { csChargingProfiles } = (ours?.payload ?? {}) as { csChargingProfiles: { chargingProfileId: number } };
    await others(id, 'ClearChargingProfile', { chargingProfileId: csChargingProfiles.chargingProfileId });
    expect(await profile()).toMatchObject({ limit: null });
  });
});

describe('a profile of ours stays', () => {
  it.each([
    ['another connector is cleared', 'ClearChargingProfile', { connectorId: 2 }],
    ['another purpose is cleared', 'ClearChargingProfile', { chargingProfilePurpose: 'TxDefaultProfile' }],
    ['another id is cleared', 'ClearChargingProfile', { id: 7 }],
    ['another place is taken', 'SetChargingProfile', set({ stackLevel: 3 })],
    ['another connector’s place is taken', 'SetChargingProfile', set({}, 2)],
    ['what is asked has no meaning', 'SetChargingProfile', { csChargingProfiles: [null] }],
  ])('when %s', async (_, action, payload) => {
    const { id, profile } = await steered();
    await others(id, action, payload);
    expect(await profile()).toMatchObject({ status: 'Accepted', limit: 7400 });
  });

  it('when the charger refuses what others ask, or they asked before it was set', async () => {
    const { id, profile } = await steered();
    await others(id, 'ClearChargingProfile', {}, { status: 'Unknown' });
    await others(id, 'ClearChargingProfile', {}, { at: new Date(Date.now() - 60_000) });
    expect(await profile()).toMatchObject({ status: 'Accepted', limit: 7400 });
  });

  it('when what passes is our own command', async () => {
    const { commands } = csmsAnswers();
    const id = await charging();
    await stekkerSets(id);
    const [ours] = commands();
    await others(id, ours?.action ?? '', ours?.payload ?? {});
    expect((await sessionsOf(id))[0]?.profile).toMatchObject({ status: 'Accepted', limit: 7400 });
  });
});
