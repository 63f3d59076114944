import { afterEach, describe, expect, it, vi } from 'vitest';
import { call, expectProblem } from '../http/client.ts';
import { ADMIN_TOKEN, JEDLIX_TOKEN } from '../settings.ts';
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

describe('an operator who clears', () => {
  const clear = (id: string, query = '') =>
    call(`/api/chargers/${id}/profiles${query}`, { method: 'DELETE', token: ADMIN_TOKEN });

  it('clears what a provider set on every EVSE; its next profile is set anew', async () => {
    const { actions } = csms();
    const id = await charging('jedlix');
    await starts(id, 2, 18);
    await jedlixSets(id);
    const answer = await clear(id);
    expect([answer.status, await answer.json()]).toEqual([202, { clearing: 2 }]);
    await eventually(actions).toEqual([SET, SET, CLEAR, CLEAR]);
    const requestId = answer.headers.get('x-request-id');
    await eventually(() => cleared(id)).toMatchObject([
      { why: 'operator', outcome: 'answered' },
      { why: 'operator', outcome: 'answered' },
    ]);
    const { timeline } = await (
      await call(`/api/chargers/${id}/timeline`, { token: ADMIN_TOKEN })
    ).json<{ timeline: { requestId: string }[] }>();
    expect(timeline.filter((each) => each.requestId === requestId)).toHaveLength(2);
    await jedlixSets(id);
    await eventually(actions).toEqual([SET, SET, CLEAR, CLEAR, SET, SET]);
  });

  it('clears on one EVSE only, and repeats it until the charger answers', async () => {
    const { commands, say } = csms();
    const id = await charging('jedlix');
    await starts(id, 2, 18);
    await jedlixSets(id);
    say(offline);
    expect(await (await clear(id, '?evseId=2')).json()).toEqual({ clearing: 1 });
    expect(await (await clear(id, '?evseId=2')).json()).toEqual({ clearing: 1 });
    await eventually(() => cleared(id)).toMatchObject([{ outcome: 'to-be-repeated' }]);
    say(accepted);
    pass(60);
    await ring(id);
    await eventually(async () => (await cleared(id)).at(-1)).toMatchObject({ evseId: 2, outcome: 'answered' });
    const clears = commands().filter(({ action }) => action === CLEAR);
    expect(clears.map(({ payload }) => payload['connectorId'])).toEqual([2, 2]);
  });

  it('does nothing where nothing is set', async () => {
    const { actions } = csms();
    expect(await (await clear(await charging())).json()).toEqual({ clearing: 0 });
    expect(actions()).toEqual([]);
  });

  it('is refused without the admin token, for an unknown charger, and for an EVSE that there is not', async () => {
    csms();
    const id = await charging();
    await expectProblem(await call(`/api/chargers/${id}/profiles`, { method: 'DELETE' }), 401, 'unauthorized');
    await expectProblem(await clear('nobody'), 404, 'charger-unknown');
    for (const evseId of ['9', '01', 'x', ''])
      await expectProblem(await clear(id, `?evseId=${evseId}`), 400, 'query-invalid');
  });
});

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
