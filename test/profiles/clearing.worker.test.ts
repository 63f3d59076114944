import { afterEach, describe, expect, it, vi } from 'vitest';
import { call } from '../http/client.ts';
import { JEDLIX_TOKEN } from '../settings.ts';
import type { Host } from '../outside.ts';
import {
  eventually,
  accepted,
  alarmOf,
  charging,
  commandOf,
  csmsAnswers,
  jedlixSets,
  offline,
  pair,
  pass,
  profile16,
  ring,
  sessionsOf,
  starts,
  stekkerSets,
  stops,
  timelineOf,
  unpair,
  until,
} from './chargers.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const SET = 'SetChargingProfile';
const CLEAR = 'ClearChargingProfile';

/** A CSMS whose charger takes profiles, and goes offline and online on command. */
function csms() {
  let answer: Host = accepted;
  const { commands } = csmsAnswers((each) => answer(each));
  const actions = () => commands().map(({ action }) => action);
  return { commands, actions, say: (next: Host) => void (answer = next) };
}

const cleared = (id: string) => timelineOf(id, 'charging-profile-cleared');

describe('the end of a pairing', () => {
  it('clears what the provider had set, in the charger’s own form, and forgets it', async () => {
    const { commands, actions } = csms();
    const id = await charging();
    await stekkerSets(id);
    await unpair(id, 'stekker');
    await eventually(actions).toEqual([SET, CLEAR]);
    expect(commands()[1]?.payload).toEqual({ connectorId: 1, chargingProfilePurpose: 'TxProfile', stackLevel: 0 });
    await eventually(() => sessionsOf(id)).toMatchObject([{ transactionId: '17', profile: null }]);
    expect(await cleared(id)).toMatchObject([{ provider: 'stekker', why: 'unpaired', outcome: 'answered' }]);
  });

  it('clears it for each transaction', async () => {
    const { commands } = csms();
    const id = await charging('jedlix');
    await starts(id, 2, 18);
    await jedlixSets(id);
    await unpair(id, 'jedlix');
    await eventually(() => commands().filter(({ action }) => action === CLEAR)).toMatchObject([
      { payload: { connectorId: 1, stackLevel: 1 } },
      { payload: { connectorId: 2, stackLevel: 1 } },
    ]);
  });

  it('sends nothing when the provider had set nothing, or the charger had rejected it', async () => {
    const { actions, say } = csms();
    const id = await charging();
    say(() => Response.json({ status: 'Rejected' }));
    await stekkerSets(id);
    await unpair(id, 'stekker');
    await ring(id);
    expect(actions()).toEqual([SET]);
  });

  it.each([
    ['timed out at a gateway', () => new Response(null, { status: 504 })],
    ['failed at the CSMS', () => new Response(null, { status: 500 })],
  ])('clears also what %s: the charger may hold it', async (_, answer) => {
    const { actions, say } = csms();
    const id = await charging();
    say(answer);
    await stekkerSets(id);
    expect(await sessionsOf(id)).toMatchObject([{ profile: { status: 'unconfirmed', limit: 7400 } }]);
    await unpair(id, 'stekker');
    await eventually(actions).toEqual([SET, CLEAR]);
  });

  it('clears when the provider unpairs', async () => {
    const { actions } = csms();
    const id = await charging('jedlix');
    await jedlixSets(id);
    const answer = await call(`/v1/cpo/chargingstations/${id}/unpair`, { method: 'POST', token: JEDLIX_TOKEN });
    expect(answer.status).toBe(200);
    await eventually(actions).toEqual([SET, CLEAR]);
  });

  it('clears when the charger is removed, although no session is followed any more', async () => {
    const { actions, say } = csms();
    const id = await charging();
    await stekkerSets(id);
    say(offline);
    expect((await call(`/api/chargers/${id}`, { method: 'DELETE' })).status).toBe(204);
    await eventually(actions).toEqual([SET, CLEAR]);
    say(accepted);
    pass(10);
    await ring(id);
    await eventually(actions).toEqual([SET, CLEAR, CLEAR]);
    pass(3600);
    await ring(id);
    expect(actions()).toEqual([SET, CLEAR, CLEAR]);
  });
});

describe('a clear that no charger answers', () => {
  it('does not keep the one who unpairs waiting', async () => {
    const { say, actions } = csms();
    const id = await charging();
    await stekkerSets(id);
    const gate = { isOpen: false, hasAnswered: false };
    say(async () => {
      await until(() => gate.isOpen);
      gate.hasAnswered = true;
      return Response.json({ status: 'Accepted' });
    });
    await unpair(id, 'stekker');
    await eventually(actions).toEqual([SET, CLEAR]);
    expect(gate.hasAnswered).toBe(false);
    gate.isOpen = true;
    await eventually(() => cleared(id)).toHaveLength(1);
  });

  it('is repeated, later each time, until the charger answers', async () => {
    const { say, actions } = csms();
    const id = await charging();
    await stekkerSets(id);
    say(offline);
    await unpair(id, 'stekker');
    await eventually(() => cleared(id)).toHaveLength(1);
    expect(await sessionsOf(id)).toMatchObject([{ profile: { status: 'clearing' } }]);
    for (const attempts of [2, 3]) {
      pass(3 ** attempts);
      await ring(id);
      await eventually(() => cleared(id)).toHaveLength(attempts);
      expect(await alarmOf(id)).toBeGreaterThan(Date.now());
    }
    say(accepted);
    pass(60);
    await ring(id);
    await eventually(async () => (await cleared(id)).map(({ outcome }) => outcome)).toEqual([
      'to-be-repeated',
      'to-be-repeated',
      'to-be-repeated',
      'answered',
    ]);
    pass(3600);
    await ring(id);
    expect(actions()).toEqual([SET, CLEAR, CLEAR, CLEAR, CLEAR]);
  });

  it('goes on for days while the session runs, then every hour', async () => {
    const { say, actions } = csms();
    const id = await charging();
    await stekkerSets(id);
    say(offline);
    await unpair(id, 'stekker');
    await eventually(() => cleared(id)).toHaveLength(1);
    for (const attempts of [2, 3]) {
      pass(25 * 3600);
      await ring(id);
      await eventually(() => cleared(id)).toHaveLength(attempts);
    }
    expect((await cleared(id)).map(({ outcome }) => outcome)).toEqual(Array(3).fill('to-be-repeated'));
    pass(3500);
    await ring(id);
    expect(actions()).toEqual([SET, CLEAR, CLEAR, CLEAR]);
    say(accepted);
    pass(101);
    await ring(id);
    await eventually(async () => (await cleared(id)).at(-1)).toMatchObject({ outcome: 'answered' });
    expect(actions()).toEqual([SET, CLEAR, CLEAR, CLEAR, CLEAR]);
  });

  it('is given up after a day when the charger was removed: nobody tells any more when its session ends', async () => {
    const { say, actions } = csms();
    const id = await charging();
    await stekkerSets(id);
    say(offline);
    expect((await call(`/api/chargers/${id}`, { method: 'DELETE' })).status).toBe(204);
    await eventually(actions).toEqual([SET, CLEAR]);
    pass(25 * 3600);
    await ring(id);
    await eventually(actions).toEqual([SET, CLEAR, CLEAR]);
    pass(2 * 3600);
    await ring(id);
    expect(actions()).toEqual([SET, CLEAR, CLEAR]);
  });

  it('is given up when the session ends: the charger forgets the profile by itself', async () => {
    const { say, actions } = csms();
    const id = await charging();
    await stekkerSets(id);
    say(offline);
    await unpair(id, 'stekker');
    await eventually(() => cleared(id)).toHaveLength(1);
    await stops(id, 17);
    pass(3600);
    await ring(id);
    expect(actions()).toEqual([SET, CLEAR]);
    expect((await cleared(id)).at(-1)).toMatchObject({ outcome: 'session-ended' });
  });

  it('is given up when a new profile took the place', async () => {
    const { say, actions } = csms();
    const id = await charging();
    await stekkerSets(id);
    say(offline);
    await unpair(id, 'stekker');
    await eventually(() => cleared(id)).toHaveLength(1);
    say(accepted);
    await pair(id, 'stekker');
    expect((await stekkerSets(id, profile16({ periods: [{ startPeriod: 0, limit: 11_000 }] }))).status).toBe(200);
    pass(3600);
    await ring(id);
    expect(actions()).toEqual([SET, CLEAR, SET]);
    expect(await sessionsOf(id)).toMatchObject([{ profile: { status: 'Accepted', limit: 11_000 } }]);
  });

  it('counts as answered by any word of the charger, Unknown too', async () => {
    const { say, actions } = csms();
    const id = await charging();
    await stekkerSets(id);
    say((sent) => Response.json({ status: commandOf(sent).action === CLEAR ? 'Unknown' : 'Accepted' }));
    await unpair(id, 'stekker');
    await eventually(() => cleared(id)).toMatchObject([{ outcome: 'answered' }]);
    expect(actions()).toEqual([SET, CLEAR]);
  });
});
