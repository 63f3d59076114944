import { afterEach, describe, expect, it, vi } from 'vitest';
import { call, expectProblem, freshId } from '../http/client.ts';
import {
  eventually,
  charging,
  csmsAnswers,
  pass,
  profile16,
  reads,
  sessionsOf,
  starts,
  stekkerSets,
  stops,
  timelineOf,
  unpair,
} from './chargers.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type Listed = { readonly sessions: readonly object[]; readonly cursor?: string };

const power = (value: string, more: object = {}) => ({ measurand: 'Power.Active.Import', unit: 'W', value, ...more });

describe('the charger’s view', () => {
  it('shows each session with what was asked and what is drawn', async () => {
    csmsAnswers();
    const id = await charging();
    await stekkerSets(id);
    await reads(id, 17, [power('7310.5'), { value: '1500' }]);
    expect(await sessionsOf(id)).toEqual([
      {
        state: 'running',
        transactionId: '17',
        evseId: 1,
        startedAt: expect.any(String),
        chargingState: expect.any(String),
        registerWh: 1500,
        energyWh: 500,
        powerW: 7310.5,
        powerAt: expect.any(String),
        profile: {
          provider: 'stekker',
          status: 'Accepted',
          requestedAt: expect.any(String),
          limit: 7400,
          unit: 'W',
          followed: 'unknown',
          notes: [],
          lastRequest: { provider: 'stekker', status: 'Accepted', requestedAt: expect.any(String) },
        },
        explanation: { code: expect.any(String), text: expect.any(String), since: expect.any(String) },
        warnings: [],
      },
    ]);
  });

  it('shows what looks wrong in a session', async () => {
    csmsAnswers();
    const id = await charging();
    await reads(id, 17, [{ value: '7654321' }]);
    const { sessions } = await (await call(`/api/chargers/${id}/sessions`)).json<Listed>();
    expect(sessions).toMatchObject([{ warnings: [{ code: 'energy-over-maximum', since: expect.any(String) }] }]);
  });

  it('lists the sessions that ended too, newest first and in pages, and explains those that run', async () => {
    csmsAnswers();
    const id = await charging();
    await stops(id, 17);
    await starts(id, 1, 18);
    const list = async (query = '') => (await call(`/api/chargers/${id}/sessions${query}`)).json<Listed>();
    const { sessions } = await list();
    expect(sessions).toMatchObject([
      { transactionId: '18', state: 'running', explanation: { code: expect.any(String) } },
      { transactionId: '17', state: 'ended', endedAt: expect.any(String), registerWh: expect.any(Number) },
    ]);
    const first = await list('?limit=1');
    const second = await list(`?limit=1&cursor=${first.cursor}`);
    expect([...first.sessions, ...second.sessions]).toEqual(sessions);
    await expectProblem(await call(`/api/chargers/${freshId()}/sessions`), 404, 'charger-unknown');
  });

  it('adds up the phases when the meter gives no total, and keeps the last power when a message tells none', async () => {
    csmsAnswers();
    const id = await charging();
    const phases = ['L1', 'L2', 'L3'].map((phase) => power('1.2', { phase, unit: 'kW' }));
    await reads(id, 17, phases);
    await reads(id, 17, [{ value: '1600' }]);
    expect(await sessionsOf(id)).toMatchObject([{ powerW: 3600, registerWh: 1600 }]);
  });

  it('shows the limit in force now, as time passes', async () => {
    csmsAnswers();
    const id = await charging();
    const periods = [
      { startPeriod: 0, limit: 0 },
      { startPeriod: 3600, limit: 11_000 },
    ];
    await stekkerSets(id, profile16({ periods, startSchedule: new Date().toISOString() }));
    expect(await sessionsOf(id)).toMatchObject([{ profile: { limit: 0 } }]);
    pass(3601);
    expect(await sessionsOf(id)).toMatchObject([{ profile: { limit: 11_000 } }]);
  });

  it('keeps showing the profile in force when a newer one was rejected, and says so', async () => {
    let status = 'Accepted';
    csmsAnswers(() => Response.json({ status }));
    const id = await charging();
    await stekkerSets(id);
    status = 'Rejected';
    await stekkerSets(id, profile16({ periods: [{ startPeriod: 0, limit: 1 }] }));
    expect(await sessionsOf(id)).toMatchObject([
      { profile: { status: 'Accepted', limit: 7400, lastRequest: { status: 'Rejected' } } },
    ]);
  });

  it('shows a profile that was rejected as no limit', async () => {
    csmsAnswers(() => Response.json({ status: 'Rejected' }));
    const id = await charging();
    await stekkerSets(id);
    expect(await sessionsOf(id)).toMatchObject([{ profile: { status: 'Rejected', limit: null, unit: null } }]);
  });

  it('shows no session and no profile that is over', async () => {
    csmsAnswers();
    const id = await charging();
    await stekkerSets(id);
    await stops(id, 17);
    expect(await sessionsOf(id)).toEqual([]);
    await starts(id, 1, 18);
    expect(await sessionsOf(id)).toMatchObject([{ transactionId: '18', profile: null, powerW: null }]);
  });
});

describe('the timeline', () => {
  it('shows the request, its commands with their verdicts and durations, and the clear', async () => {
    csmsAnswers();
    const id = await charging();
    await stekkerSets(id);
    await unpair(id, 'stekker');
    await eventually(() => timelineOf(id, 'charging-profile', 'charging-profile-cleared')).toMatchObject([
      {
        kind: 'charging-profile',
        provider: 'stekker',
        evseId: 1,
        profile: { purpose: 'TxProfile', schedules: [{ rateUnit: 'W' }] },
        outcome: 'Accepted',
        durationMs: expect.any(Number),
        commands: [
          {
            id: expect.any(String),
            channel: 'ocpp',
            action: 'SetChargingProfile',
            payload: { connectorId: 1 },
            outcome: { kind: 'answered', payload: { status: 'Accepted' } },
            durationMs: expect.any(Number),
          },
        ],
      },
      {
        kind: 'charging-profile-cleared',
        provider: 'stekker',
        transactionId: '17',
        why: 'unpaired',
        outcome: 'answered',
      },
    ]);
  });

  it('shows what was refused, with the reason', async () => {
    csmsAnswers();
    const id = await charging();
    await stekkerSets(id, profile16({ connectorId: 9 }));
    expect(await timelineOf(id, 'charging-profile')).toMatchObject([{ outcome: 'evse-unknown', commands: [] }]);
  });
});
