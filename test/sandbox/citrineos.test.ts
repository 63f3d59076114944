import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startCitrineos, type Citrineos } from '../../sandbox/citrineos.ts';
import { startHttpServer, type HttpServer } from '../../sandbox/http-server.ts';

let citrineos: Citrineos;
let edge: HttpServer;
beforeAll(async () => {
  citrineos = await startCitrineos({ token: 'token' });
  edge = await startHttpServer({ handle: () => ({ status: 204 }) });
});
afterEach(() => citrineos.reset());
afterAll(() => Promise.all([citrineos.close(), edge.close()]));

type Call = { version?: string; action?: string; body: unknown; token?: string };

async function send({ version = '2.0.1', action = 'setChargingProfile', body, token = 'token' }: Call) {
  const query = new URLSearchParams({ identifier: 'CP_1', tenantId: '1', callbackUrl: `${edge.url}/callback` });
  const response = await fetch(`${citrineos.url}/ocpp/${version}/smartcharging/${action}?${query.toString()}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

let scheduleId = 0;
const profile = (changes: object = {}, schedule: object = {}) => ({
  evseId: 1,
  chargingProfile: {
    id: 1,
    stackLevel: 1,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    transactionId: 'tx-1',
    chargingSchedule: [
      {
        id: (scheduleId += 1),
        startSchedule: '2026-01-01T00:00:00Z',
        chargingRateUnit: 'W',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 7400 }],
        ...schedule,
      },
    ],
    ...changes,
  },
});
const clear = { chargingProfileCriteria: { evseId: 1, chargingProfilePurpose: 'TxProfile', stackLevel: 1 } };
const refused = (words: string) => ({
  status: 200,
  body: [{ success: false, payload: expect.stringContaining(words) }],
});
const confirmed = { status: 200, body: [{ success: true }] };

describe('the stand-in of CitrineOS', () => {
  it('confirms in an array and posts the verdict to the callback', async () => {
    expect(await send({ body: profile() })).toEqual(confirmed);
    await citrineos.settled();
    expect(citrineos.callbacks).toEqual([{ url: `${edge.url}/callback`, body: { status: 'Accepted' }, status: 204 }]);
  });

  it('refuses a second profile of a stack level with HTTP 200, until it is cleared', async () => {
    await send({ body: profile() });
    expect(await send({ body: profile() })).toEqual(refused('already exists'));
    expect(await send({ body: profile({ stackLevel: 2 }) })).toEqual(confirmed);
    expect(await send({ body: clear, action: 'clearChargingProfile' })).toEqual(confirmed);
    expect(await send({ body: profile() })).toEqual(confirmed);
  });

  it('answers with HTTP 500 when the id of a schedule was used before, even by a profile that was cleared', async () => {
    const body = profile();
    await send({ body });
    await send({ body: clear, action: 'clearChargingProfile' });
    expect(await send({ body })).toMatchObject({ status: 500, body: { details: [expect.stringContaining('exists')] } });
  });

  it('keeps a profile that its charger lost, when the charger says Unknown; the detour over the next level frees it', async () => {
    await send({ body: profile() });
    citrineos.station('CP_1').powerCycle();
    await send({ body: clear, action: 'clearChargingProfile' });
    await citrineos.settled();
    expect(citrineos.callbacks.at(-1)?.body).toEqual({ status: 'Unknown' });
    expect(await send({ body: profile({ id: 2 }) })).toEqual(refused('already exists'));
    expect(await send({ body: profile({ stackLevel: 2 }) })).toEqual(confirmed);
    expect(await send({ body: profile() })).toEqual(confirmed);
  });

  it('posts the verdict before its database knows: the place is occupied once more after a clear', async () => {
    await send({ body: profile() });
    citrineos.station('CP_1').isDatabaseLate = true;
    await send({ body: clear, action: 'clearChargingProfile' });
    await citrineos.settled();
    expect(citrineos.callbacks.at(-1)?.body).toEqual({ status: 'Accepted' });
    expect(await send({ body: profile() })).toEqual(refused('already exists'));
    expect(await send({ body: profile() })).toEqual(confirmed);
  });

  it('has one call at a time under way: what waits is confirmed, and sent newest first when the call is over', async () => {
    citrineos.setVerdict('CP_1', 'hang');
    await send({ body: profile({ stackLevel: 1 }) });
    citrineos.setVerdict('CP_1', 'Accepted');
    expect(await send({ body: profile({ id: 2, stackLevel: 2 }) })).toEqual(confirmed);
    expect(await send({ body: profile({ id: 3, stackLevel: 3 }) })).toEqual(confirmed);
    expect(citrineos.activeProfiles('CP_1')).toEqual([]);
    citrineos.station('CP_1').endCall();
    expect(citrineos.activeProfiles('CP_1').map(({ stackLevel }) => stackLevel)).toEqual([3, 2]);
  });

  it('refuses profiles before the device model was reported', async () => {
    citrineos.station('CP_1').hasDeviceModel = false;
    expect(await send({ body: profile() })).toEqual(refused('Evse 1 not found.'));
  });

  it.each([
    ['an absolute schedule without a start', profile({}, { startSchedule: undefined }), 'startSchedule SHALL be set'],
    ['a relative one with a start', profile({ chargingProfileKind: 'Relative' }), 'startSchedule SHALL be absent'],
    [
      'a validFrom in the future',
      profile({ validFrom: '2999-01-01T00:00:00Z' }),
      'validFrom should not be in the future',
    ],
    ['a validTo that is over', profile({ validTo: '2020-01-01T00:00:00Z' }), 'validTo should be in the future'],
    ['a TxProfile without a transaction', profile({ transactionId: undefined }), 'Missing transactionId'],
    ['a TxProfile for the whole station', { ...profile(), evseId: 0 }, 'evseId > 0'],
  ])('refuses %s with HTTP 200', async (_, body, words) => {
    expect(await send({ body })).toEqual(refused(words));
    expect(citrineos.commands).toEqual([]);
  });

  it.each(['offline', 'unknown'] as const)(
    'has no connection to a charger that is %s, and says so with HTTP 200',
    async (verdict) => {
      citrineos.setVerdict('CP_1', verdict);
      expect(await send({ body: profile() })).toEqual(refused('No connection found for identifier: 1:CP_1'));
    },
  );

  it('refuses what the official schema refuses, a wrong token and an unknown path', async () => {
    expect((await send({ body: { ...profile(), extra: 1 } })).status).toBe(400);
    expect((await send({ body: profile(), version: '1.6' })).status).toBe(400);
    expect((await send({ body: profile(), token: 'wrong' })).status).toBe(401);
    expect((await send({ body: profile(), action: 'setEverything' })).status).toBe(404);
  });
});
