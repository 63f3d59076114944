import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { configOf } from '../../src/config.ts';
import { signedToken } from '../../src/secret.ts';
import { call, expectProblem, freshId, registered, requestTo } from '../http/client.ts';
import { CSMS_TOKEN, JEDLIX_TOKEN, STEKKER_KEY } from '../settings.ts';
import {
  eventually,
  charging,
  csmsAnswers,
  idle,
  jedlixSets,
  pair,
  profile16,
  profile201,
  reports,
  starts,
  stekkerSets,
  stops,
  timelineOf,
  unpair,
} from './chargers.ts';

let commands: ReturnType<typeof csmsAnswers>['commands'];
beforeEach(() => {
  ({ commands } = csmsAnswers());
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('Stekker is let in', () => {
  it.each([
    ['the key in both headers', { secret: STEKKER_KEY, 'x-functions-key': STEKKER_KEY }],
    ['the key in `secret` alone', { secret: STEKKER_KEY }],
    ['the key in `x-functions-key` alone', { 'x-functions-key': STEKKER_KEY }],
  ])('with %s', async (_, headers) => {
    const response = await stekkerSets(await charging(), profile16(), headers);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'Accepted' });
  });

  it.each<[string, Record<string, string>]>([
    ['neither header', {}],
    ['a wrong `secret`', { secret: 'wrong' }],
    ['a right `secret` and a wrong `x-functions-key`', { secret: STEKKER_KEY, 'x-functions-key': 'wrong' }],
    ['a wrong `secret` and a right `x-functions-key`', { secret: 'wrong', 'x-functions-key': STEKKER_KEY }],
    ['a right `secret` and an empty `x-functions-key`', { secret: STEKKER_KEY, 'x-functions-key': '' }],
    ['the key as a bearer token', { authorization: `Bearer ${STEKKER_KEY}` }],
    ['a token of the CSMS', { authorization: `Bearer ${CSMS_TOKEN}` }],
    ['a token of Jedlix', { secret: JEDLIX_TOKEN }],
  ])('never with %s: 401, and no charger is asked', async (_, headers) => {
    await expectProblem(await stekkerSets(await charging(), profile16(), headers), 401, 'unauthorized');
    expect(commands()).toEqual([]);
  });
});

describe('Jedlix is let in', () => {
  it.each([
    ['chargingstations', 'ocpp2.0.1', profile201()],
    ['chargingstation', 'ocpp2.0.1', profile201()],
    ['chargingstations', 'ocpp1.6', profile16({ connectorId: 0 })],
    ['chargingstation', 'ocpp1.6', profile16({ connectorId: 0 })],
  ])('at /%s/…/%s/ with its token', async (word, protocol, json) => {
    const path = `/v1/cpo/${word}/${await charging('jedlix')}/events/${protocol}/SetChargingProfile`;
    const response = await call(path, { json, token: JEDLIX_TOKEN });
    expect([response.status, await response.json()]).toEqual([200, { message: 'The charging profile is executed.' }]);
  });

  it.each([
    ['no token', null],
    ['a wrong token', 'wrong'],
    ['a token of the CSMS', CSMS_TOKEN],
    ['Stekker’s key', STEKKER_KEY],
  ])('never with %s: 401, and no charger is asked', async (_, token) => {
    const response = await jedlixSets(await charging('jedlix'), profile201(), token);
    expect([response.status, await response.json()]).toEqual([401, { message: expect.any(String) }]);
    expect(commands()).toEqual([]);
  });

  it('never under a protocol that does not exist: 400', async () => {
    const path = `/v1/cpo/chargingstations/${freshId()}/events/ocpp1.5/SetChargingProfile`;
    const response = await call(path, { json: profile201(), token: JEDLIX_TOKEN });
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: 'The payload protocol is not supported.' },
    ]);
  });
});

describe('a provider that does not control the charger', () => {
  it('is told so: 404 to Stekker, 401 to Jedlix', async () => {
    const [ofStekker, ofJedlix] = [await charging('stekker'), await charging('jedlix')];
    await expectProblem(await stekkerSets(ofJedlix), 404, 'pairing-unknown');
    const response = await jedlixSets(ofStekker);
    expect([response.status, await response.json()]).toEqual([
      401,
      { message: 'This charging station is not paired with Jedlix.' },
    ]);
    expect(commands()).toEqual([]);
  });

  it('controls it no more once it is unpaired', async () => {
    const id = await charging();
    await unpair(id, 'stekker');
    await expectProblem(await stekkerSets(id), 404, 'pairing-unknown');
  });

  it('leaves no trace in the timeline', async () => {
    const id = await charging('jedlix');
    await stekkerSets(id);
    expect(await timelineOf(id, 'charging-profile')).toEqual([]);
  });

  it('hears 404 of a charger that nobody registered', async () => {
    await expectProblem(await stekkerSets(freshId()), 404, 'charger-unknown');
    await expectProblem(await stekkerSets('x'.repeat(65)), 404, 'charger-unknown');
    expect((await jedlixSets(freshId())).status).toBe(404);
  });
});

describe('a profile that no charger should get', () => {
  const period = { startPeriod: 0, limit: 7400 };
  it.each([
    ['without its schedule', profile16({ profile: { chargingSchedule: undefined } }), 'profile-invalid'],
    [
      'with a unit of its own',
      profile16({ profile: { chargingSchedule: { chargingRateUnit: 'kW', chargingSchedulePeriod: [period] } } }),
      'profile-invalid',
    ],
    ['with no period', profile16({ periods: [] }), 'profile-invalid'],
    [
      'whose first period starts later',
      profile16({ periods: [{ startPeriod: 60, limit: 1 }] }),
      'start-period-not-zero',
    ],
    [
      'whose periods are out of order',
      profile16({ periods: [period, { startPeriod: 60, limit: 1 }, { startPeriod: 30, limit: 2 }] }),
      'profile-invalid',
    ],
    ['with a negative limit', profile16({ periods: [{ startPeriod: 0, limit: -1 }] }), 'limit-negative'],
    ['for a connector that is not there', profile16({ connectorId: 9 }), 'evse-unknown'],
    ['for a connector where the transaction does not run', profile16({ connectorId: 2 }), 'evse-mismatch'],
    ['for another transaction', profile16({ profile: { transactionId: 99 } }), 'transaction-unknown'],
    [
      'for the whole station, on one connector',
      profile16({ profile: { chargingProfilePurpose: 'ChargePointMaxProfile', transactionId: undefined } }),
      'evse-mismatch',
    ],
    ['with an id beyond 32 bits', profile16({ profile: { chargingProfileId: 2_147_483_648 } }), 'profile-invalid'],
    ['with a stack level beyond 32 bits', profile16({ profile: { stackLevel: 2 ** 31 } }), 'profile-invalid'],
    ['with a transaction id beyond 32 bits', profile16({ profile: { transactionId: 2 ** 31 } }), 'profile-invalid'],
    ['with a limit beyond 32 bits', profile16({ periods: [{ startPeriod: 0, limit: 2 ** 31 }] }), 'profile-invalid'],
    [
      'with a period that starts beyond 32 bits',
      profile16({ periods: [period, { startPeriod: 2 ** 31, limit: 1 }] }),
      'profile-invalid',
    ],
    [
      'with more than 1,024 periods',
      profile16({ periods: Array.from({ length: 1025 }, (_, startPeriod) => ({ startPeriod, limit: 1 })) }),
      'profile-invalid',
    ],
    [
      'that is valid no more before it is valid at all',
      profile16({ profile: { validFrom: '2026-03-31T14:00:00+02:00', validTo: '2026-03-31T11:00:00Z' } }),
      'profile-invalid',
    ],
  ])('%s is refused with 400 and its reason, to both providers', async (_, json, reason) => {
    const [ofStekker, ofJedlix] = [await charging('stekker'), await charging('jedlix')];
    const { detail } = await expectProblem(await stekkerSets(ofStekker, json), 400, reason);
    const path = `/v1/cpo/chargingstations/${ofJedlix}/events/ocpp1.6/SetChargingProfile`;
    const response = await call(path, { json, token: JEDLIX_TOKEN });
    expect([response.status, await response.json()]).toEqual([400, { message: detail }]);
    expect(commands()).toEqual([]);
  });

  it('because a limit is no finite number is refused: 400', async () => {
    const json = JSON.stringify(profile16({ periods: [{ startPeriod: 0, limit: 7400 }] }));
    const body = json.replace('7400', '1e999');
    const headers = { 'content-type': 'application/json', secret: STEKKER_KEY };
    const path = `/stekker/chargers/${await charging()}/set-charging-profile`;
    await expectProblem(await call(path, { body, token: null, headers }), 400, 'profile-invalid');
    expect(commands()).toEqual([]);
  });

  it('leaves its id free, and at most 2 KB in the timeline', async () => {
    const id = await charging();
    const many = Array.from({ length: 1024 }, (_, startPeriod) => ({ startPeriod, limit: 7400 }));
    const late = profile16({ periods: [...many.slice(0, -1), { startPeriod: 2000, limit: -1 }] });
    await expectProblem(await stekkerSets(id, late), 400, 'limit-negative');
    const entries = await timelineOf(id, 'charging-profile');
    expect(entries).toMatchObject([{ outcome: 'limit-negative', profile: { id: 1, periods: 1024 } }]);
    expect(JSON.stringify(entries[0]).length).toBeLessThanOrEqual(2048);
    await starts(id, 2, 18);
    const other = { connectorId: 2, profile: { transactionId: 18 } };
    expect((await stekkerSets(id, profile16(other))).status).toBe(200);
    expect(commands()).toMatchObject([{ payload: { csChargingProfiles: { chargingProfileId: 1 } } }]);
  });

  it('with several schedules has no form for a charger of OCPP 1.6: 400', async () => {
    const schedule = { id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [period] };
    const json = profile201(1, { chargingSchedule: [schedule, { ...schedule, id: 2 }] });
    const response = await jedlixSets(await charging('jedlix'), json);
    expect(response.status).toBe(400);
    expect(commands()).toEqual([]);
  });

  it('of the purpose that only a station may have is refused: 400', async () => {
    const json = profile201(1, { chargingProfilePurpose: 'ChargingStationExternalConstraints' });
    expect((await jedlixSets(await charging('jedlix'), json)).status).toBe(400);
    expect(commands()).toEqual([]);
  });

  it.each([
    ['no JSON', '{"a":', 'application/json', 'body-not-json', 400],
    ['another content type', '{}', 'text/plain', 'content-type-unsupported', 415],
    ['over 1 MiB', `"${'x'.repeat(1_048_576)}"`, 'application/json', 'body-too-large', 413],
  ])('because its body is %s is refused; Jedlix hears 400', async (...[, body, type, reason, status]) => {
    const id = freshId();
    const headers = { 'content-type': type };
    const stekker = await call(`/stekker/chargers/${id}/set-charging-profile`, {
      body,
      token: null,
      headers: { ...headers, secret: STEKKER_KEY },
    });
    await expectProblem(stekker, status, reason);
    const path = `/v1/cpo/chargingstations/${id}/events/ocpp2.0.1/SetChargingProfile`;
    expect((await call(path, { body, token: JEDLIX_TOKEN, headers })).status).toBe(400);
  });
});

describe('a TxProfile without a running session', () => {
  it('is refused, not kept for the next car', async () => {
    const id = await idle();
    await expectProblem(await stekkerSets(id), 400, 'no-session');
    expect((await jedlixSets(await idle('jedlix'))).status).toBe(400);
    await starts(id, 1, 17);
    expect(commands()).toEqual([]);
  });

  it('is refused after the session’s end', async () => {
    const id = await charging();
    await stops(id, 17);
    await expectProblem(await stekkerSets(id), 400, 'no-session');
  });

  it('is refused once the connector is available again, although no stop came: the next car could be there', async () => {
    const id = await charging();
    await reports(id, 1, 'Available');
    await expectProblem(await stekkerSets(id), 400, 'no-session');
  });
});

describe('limits at the edge of what is possible', () => {
  it('above the connector’s maximum are passed on, and noted', async () => {
    const id = await charging();
    const json = profile16({ periods: [{ startPeriod: 0, limit: 30_000 }] });
    expect((await stekkerSets(id, json)).status).toBe(200);
    expect(JSON.stringify(commands()[0]?.payload)).toContain('"limit":30000');
    const note = 'the limit of 30000 W is above the 22080 W that EVSE 1 can give';
    expect(await timelineOf(id, 'charging-profile')).toMatchObject([{ notes: [note] }]);
  });

  it('below zero reach a charger that declares it can discharge', async () => {
    const id = await charging('stekker', ['CHARGING_PROFILE_CAPABLE', 'DISCHARGE_CAPABLE']);
    expect((await stekkerSets(id, profile16({ periods: [{ startPeriod: 0, limit: -5000 }] }))).status).toBe(200);
    expect(JSON.stringify(commands()[0]?.payload)).toContain('"limit":-5000');
  });
});

describe('a profile for one of two EVSEs', () => {
  it('is not for a provider that was paired with the other one only', async () => {
    const evse = (evseId: number) => ({
      evseId,
      uid: `uid-${evseId}`,
      emi3Id: `NL*STK*E00000${evseId}`,
      connectors: [{ connectorId: '1', powerType: 'AC_1_PHASE', maxVoltage: 230, maxAmperage: 16 }],
    });
    const id = await registered({ evses: [evse(1), evse(2)] });
    const json = { provider: 'jedlix', code: 'PEN4E', format: 'ocpi', evseUid: 'uid-2' };
    expect((await call(`/api/chargers/${id}/pairings`, { json })).status).toBe(201);
    await starts(id, 1, 17);
    await starts(id, 2, 18);
    expect((await jedlixSets(id, { ...profile201(), evseId: 1 })).status).toBe(401);
    expect((await jedlixSets(id, profile201(1, { chargingProfilePurpose: 'TxDefaultProfile' }))).status).toBe(401);
    expect((await jedlixSets(id)).status).toBe(200);
    expect(commands().map(({ payload }) => payload)).toMatchObject([{ connectorId: 2 }]);
    expect(commands()).toHaveLength(1);
  });
});

describe('the URL of a callback', () => {
  const post = (path: string, body: string) => call(path, { body, token: null });
  const tokenFor = (id: string) => signedToken(configOf(env).callbackKey, id, crypto.randomUUID());

  it('is unknown unless a command waits for it', async () => {
    const id = await charging();
    await expectProblem(await post(`/callbacks/${id}/${tokenFor(id)}`, '{}'), 404, 'callback-unknown');
  });

  it('starts no object unless we signed it, for this charger', async () => {
    const id = await charging();
    const [signed, ofAnother] = [tokenFor(id), tokenFor('another')];
    const forged = ['x', crypto.randomUUID(), `${signed}0`, signed.slice(0, -1), signed.replace('-', ''), ofAnother];
    const stations = vi.spyOn(env.CHARGING_STATION, 'getByName');
    const app = createApp();
    for (const token of [...forged, signed]) {
      const request = requestTo(`/callbacks/${id}/${token}`, { body: '{}', token: null });
      await expectProblem(await app.fetch(request, env), 404, 'callback-unknown');
    }
    expect(stations.mock.calls).toEqual([[id]]);
  });

  it('takes JSON of at most 16 KiB', async () => {
    const id = freshId();
    const path = `/callbacks/${id}/${tokenFor(id)}`;
    await expectProblem(await post(path, '{"status"'), 400, 'body-not-json');
    await expectProblem(await post(path, `"${'x'.repeat(16_384)}"`), 413, 'body-too-large');
  });
});

describe('a pairing of two providers', () => {
  it('lets each clear only what it had set', async () => {
    const id = await charging('stekker');
    await stekkerSets(id);
    await unpair(id, 'stekker');
    await eventually(() => commands().length).toBe(2);
    await pair(id, 'jedlix');
    expect((await jedlixSets(id)).status).toBe(200);
    await unpair(id, 'jedlix');
    await eventually(() => commands().map(({ action, payload }) => [action, payload['stackLevel']])).toEqual([
      ['SetChargingProfile', undefined],
      ['ClearChargingProfile', 0],
      ['SetChargingProfile', undefined],
      ['ClearChargingProfile', 1],
    ]);
  });
});
