import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectProblem } from '../http/client.ts';
import {
  eventually,
  charging,
  heldCsms,
  jedlixSets,
  profile16,
  profile201,
  starts,
  stekkerSets,
  stops,
  timelineOf,
  unpair,
  type SentCommand,
} from './chargers.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const limited = (limit: number) => profile16({ periods: [{ startPeriod: 0, limit }] });
const onSecond = (limit: number) =>
  profile16({ connectorId: 2, periods: [{ startPeriod: 0, limit }], profile: { transactionId: 18 } });
const limitOf = ({ payload }: SentCommand) => JSON.stringify(payload).match(/"limit":(\d+)/)?.[1];

describe('several profiles for one charger', () => {
  it('never have two commands in flight', async () => {
    const csms = heldCsms();
    const id = await charging();
    await starts(id, 2, 18);
    const answers = [stekkerSets(id, limited(1)), stekkerSets(id, onSecond(2)), stekkerSets(id, onSecond(3))];
    for (const expected of [1, 2]) {
      await eventually(csms.inFlight).toBe(1);
      expect(csms.commands()).toHaveLength(expected);
      await csms.answer();
    }
    await Promise.all(answers);
    expect(csms.commands().map(limitOf)).toEqual(['1', '3']);
  });

  it('let the newest overtake those that wait for the same place: their callers get 503 superseded', async () => {
    const csms = heldCsms();
    const id = await charging();
    const [first, second, third] = [1, 2, 3].map((limit) => stekkerSets(id, limited(limit)));
    await expectProblem((await second) ?? Response.error(), 503, 'superseded');
    await csms.answer();
    await csms.answer();
    expect([(await first)?.status, (await third)?.status]).toEqual([200, 200]);
    expect(csms.commands().map(limitOf)).toEqual(['1', '3']);
    const outcomes = (await timelineOf(id, 'charging-profile')).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['superseded', 'Accepted', 'Accepted']);
  });

  it('do so in Jedlix’s words too: 503 with the reason in the message', async () => {
    const csms = heldCsms();
    const id = await charging('jedlix');
    const [first, second, third] = [1, 2, 3].map((limit) => jedlixSets(id, profile201(limit)));
    const overtaken = await second;
    expect(overtaken?.status).toBe(503);
    expect(await overtaken?.json()).toEqual({
      message: 'A newer profile for the same place came while this one waited.',
    });
    await csms.answer();
    await csms.answer();
    expect([(await first)?.status, (await third)?.status]).toEqual([200, 200]);
  });

  it('leave profiles for other places in the queue, in order', async () => {
    const csms = heldCsms();
    const id = await charging();
    await starts(id, 2, 18);
    const answers = [stekkerSets(id, limited(1)), stekkerSets(id, onSecond(2)), stekkerSets(id, limited(3))];
    for (let left = 3; left > 0; left -= 1) await csms.answer();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(csms.commands().map(limitOf)).toEqual(['1', '2', '3']);
  });

  it('are overtaken one by one by a profile for the whole station, which covers their places', async () => {
    const csms = heldCsms();
    const id = await charging();
    await starts(id, 2, 18);
    const all = profile16({
      connectorId: 0,
      periods: [{ startPeriod: 0, limit: 4 }],
      profile: { transactionId: undefined },
    });
    const answers = [limited(1), limited(2), onSecond(3), all].map((json) => stekkerSets(id, json));
    for (let left = 3; left > 0; left -= 1) await csms.answer();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 503, 503, 200]);
    expect(csms.commands().map(limitOf)).toEqual(['1', '4', '4']);
  });

  it('block no webhook while the charger does not answer, and hold up no delivery', async () => {
    const csms = heldCsms();
    const id = await charging();
    const answer = stekkerSets(id);
    await eventually(csms.inFlight).toBe(1);
    await starts(id, 2, 88_018);
    await eventually(() => csms.toldStekker().filter((body) => body.includes('88018'))).toHaveLength(1);
    expect(csms.inFlight()).toBe(1);
    await csms.answer();
    expect((await answer).status).toBe(200);
  });
});

describe('a profile that waited', () => {
  it('is refused when its session has ended meanwhile', async () => {
    const csms = heldCsms();
    const id = await charging();
    await starts(id, 2, 18);
    const first = stekkerSets(id, limited(1));
    const second = stekkerSets(id, onSecond(2));
    await eventually(csms.inFlight).toBe(1);
    await stops(id, 18);
    await csms.answer();
    expect((await first).status).toBe(200);
    await expectProblem(await second, 400, 'transaction-unknown');
    expect(csms.commands()).toHaveLength(1);
  });

  it('is refused when its provider was unpaired meanwhile', async () => {
    const csms = heldCsms();
    const id = await charging();
    await starts(id, 2, 18);
    const first = stekkerSets(id, limited(1));
    const second = stekkerSets(id, onSecond(2));
    await eventually(csms.inFlight).toBe(1);
    await unpair(id, 'stekker');
    await csms.answer();
    expect((await first).status).toBe(200);
    await expectProblem(await second, 404, 'pairing-unknown');
    await csms.answer();
    await eventually(() => csms.commands().map(({ action }) => action)).toEqual([
      'SetChargingProfile',
      'ClearChargingProfile',
    ]);
  });
});

describe('a profile for EVSE 0', () => {
  it('is one command for each running transaction, and the provider hears the worst answer', async () => {
    const csms = heldCsms();
    const id = await charging('jedlix');
    await starts(id, 2, 18);
    const answer = jedlixSets(id);
    await csms.answer('Accepted');
    await csms.answer('Rejected');
    expect((await answer).status).toBe(400);
    expect(csms.commands().map(({ payload }) => payload)).toMatchObject([
      { connectorId: 1, csChargingProfiles: { transactionId: 17 } },
      { connectorId: 2, csChargingProfiles: { transactionId: 18 } },
    ]);
  });
});
