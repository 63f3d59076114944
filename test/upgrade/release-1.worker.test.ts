/** What the first release left behind is all still there: pairings, what is owed, sessions, parked messages, codes. */
import { env } from 'cloudflare:workers';
import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { sweep } from '../../src/sweep.ts';
import { call, expectProblem } from '../http/client.ts';
import { standIn, type OutsideCall } from '../outside.ts';
import { ADMIN_TOKEN, JEDLIX_HOST, JEDLIX_TOKEN, JEDLIX_TOKEN_HOST, STEKKER_HOST } from '../settings.ts';
import type { ChargerId } from './days.ts';
import { loadRelease1, RELEASE_1 } from './release.ts';

const MINUTE = 60_000;
const station = (id: ChargerId) => env.CHARGING_STATION.getByName(id);

let calls: readonly OutsideCall[];
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: RELEASE_1.endedAt + MINUTE });
  ({ calls } = standIn({
    [STEKKER_HOST]: () => Response.json({}),
    [JEDLIX_HOST]: () => Response.json({}),
    [JEDLIX_TOKEN_HOST]: () => Response.json({ access_token: 'token', token_type: 'Bearer', expires_in: 3600 }),
  }));
  await loadRelease1();
});
afterAll(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Lets the station do what is due, until it owes nothing. */
async function drained(id: ChargerId): Promise<void> {
  await runDurableObjectAlarm(station(id));
  for (let tries = 0; await station(id).nudge(); tries += 1) {
    if (tries === 500) throw new Error(`${id} still owes something`);
    await scheduler.wait(10);
  }
}

const Sent = z.object({
  eventType: z.string().optional(),
  seqNo: z.number().optional(),
  transactionInfo: z.object({ transactionId: z.string() }).optional(),
  event: z
    .object({
      method: z.string(),
      params: z.looseObject({
        transactionId: z.number().optional(),
        status: z.string().optional(),
        meterValue: z.array(z.object({ sampledValue: z.array(z.object({ value: z.string() })) })).optional(),
      }),
    })
    .optional(),
});

/** What providers were sent of a charger since the upgrade, in a few words each. */
function sent(id: ChargerId): string[] {
  return calls.filter(({ path, body }) => path.includes(id) || body.includes(id)).map(inWords);
}

function inWords({ path, body }: OutsideCall): string {
  const { eventType, seqNo, transactionInfo, event } = Sent.parse(JSON.parse(body));
  if (transactionInfo !== undefined) return `${eventType} ${transactionInfo.transactionId} seqNo ${seqNo}`;
  if (event === undefined) return path.slice(path.lastIndexOf('/') + 1);
  const { status, transactionId, meterValue } = event.params;
  return `${event.method} ${status ?? `${transactionId} ${meterValue?.[0]?.sampledValue[0]?.value}`}`;
}

const Pairings = z.object({
  pairings: z.array(z.object({ provider: z.string(), status: z.string(), evseUid: z.string().optional() })),
});

/** The pairings that the API shows, in a few words each. */
async function pairingsOf(id: ChargerId): Promise<string[]> {
  const response = await call(`/api/chargers/${id}/pairings`);
  expect(response.status).toBe(200);
  const { pairings } = Pairings.parse(await response.json());
  return pairings.map(({ provider, status, evseUid }) => [provider, status, evseUid ?? 'whole charger'].join(', '));
}

const Sessions = z.object({
  sessions: z.array(
    z.object({
      transactionId: z.string(),
      registerWh: z.number(),
      profile: z.object({ limit: z.number() }).nullable(),
    }),
  ),
});

/** The running sessions that the API shows. */
async function sessionsOf(id: ChargerId) {
  return Sessions.parse(await (await call(`/api/chargers/${id}`)).json()).sessions;
}

const at = () => new Date().toISOString();
let messages = 0;

/** The charger says something; gives what became of it. */
async function says(id: ChargerId, action: string, payload: object, more: object = {}): Promise<unknown> {
  messages += 1;
  const frame = [2, `after-${messages}`, action, { connectorId: 1, ...payload }];
  const event = { chargePointId: id, protocol: 'ocpp1.6', direction: 'cs', timestamp: at(), frame, ...more };
  const answer = await call('/webhooks/ocpp', { json: [event] });
  expect(answer.status).toBe(202);
  return answer.json();
}

const reads = (id: ChargerId, transactionId: number, wh: number, connectorId = 1) =>
  says(id, 'MeterValues', {
    connectorId,
    transactionId,
    meterValue: [{ timestamp: at(), sampledValue: [{ value: String(wh) }] }],
  });

const starts = (id: ChargerId, transactionId: number) =>
  says(
    id,
    'StartTransaction',
    { idTag: '04A3C1F2B95E80', meterStart: 9000, timestamp: at() },
    { response: { transactionId, idTagInfo: { status: 'Accepted' } } },
  );

const redeem = (code: string | undefined) => call('/v1/cpo/ocpp2.0.1/pair', { json: { code }, token: JEDLIX_TOKEN });

describe('pairings of the first release', () => {
  it.each<[ChargerId, string[]]>([
    ['R1-STEKKER', ['stekker, paired, whole charger']],
    ['R1-JEDLIX', ['jedlix, paired, whole charger']],
    ['R1-EVSE', ['jedlix, paired, R1-EVSE-2']],
    ['R1-REPAIRED', ['jedlix, paired, whole charger']],
    ['R1-LETTER', ['stekker, paired, whole charger']],
    ['R1-CLAIMED', ['jedlix, pending, whole charger']],
    ['R1-UNPAIRED', []],
    ['R1-UNTOLD', []],
    ['R1-AGAIN', []],
    ['R1-CODE', []],
  ])('of %s are shown: %j', async (id, pairings) => {
    expect(await pairingsOf(id)).toEqual(pairings);
  });

  it('of a removed charger are gone with it', async () => {
    await expectProblem(await call('/api/chargers/R1-REMOVED/pairings'), 404, 'charger-unknown');
  });

  it.each<[ChargerId, string[]]>([
    ['R1-UNPAIRED', []],
    ['R1-AGAIN', []],
    ['R1-UNTOLD', ['unpair']],
  ])('of %s stay ended: Jedlix is not sent what happens there', async (id, told) => {
    await sweep(env, Date.now());
    expect(await starts(id, 901)).toMatchObject({ received: 1 });
    await drained(id);
    expect(sent(id)).toEqual(told);
    expect(await pairingsOf(id)).toEqual([]);
  });

  it('stay ended at a removed charger: what it says is ignored', async () => {
    expect(await starts('R1-REMOVED', 902)).toMatchObject({ received: 0, ignoredReasons: { 'charger-unknown': 1 } });
  });

  it('of one EVSE stay of that EVSE', async () => {
    await reads('R1-EVSE', 501, 1500, 1);
    await reads('R1-EVSE', 502, 1600, 2);
    await drained('R1-EVSE');
    expect(sent('R1-EVSE')).toEqual(['Updated 502 seqNo 1']);
  });

  it('made again after their end still count', async () => {
    await reads('R1-REPAIRED', 701, 1500);
    await drained('R1-REPAIRED');
    expect(sent('R1-REPAIRED')).toEqual(['Updated 701 seqNo 1']);
  });
});

describe('what the first release owed', () => {
  it.each<[ChargerId, string[]]>([
    ['R1-STEKKER', ['MeterValues 102 1500', 'MeterValues 102 2000', 'MeterValues 102 2500']],
    ['R1-JEDLIX', ['Ended 202 seqNo 1', 'Started 203 seqNo 0']],
    ['R1-UNTOLD', ['unpair']],
    ['R1-REMOVED', ['Started 601 seqNo 0', 'unpair']],
  ])('at %s is delivered once, in order: %j', async (id, owed) => {
    await drained(id);
    expect(sent(id)).toEqual(owed);
    await evictDurableObject(station(id));
    await drained(id);
    expect(sent(id)).toEqual(owed);
  });
});

describe('sessions of the first release', () => {
  it('that were running go on: the reading, the profile and seqNo', async () => {
    expect(await sessionsOf('R1-STEKKER')).toEqual([
      { transactionId: '102', registerWh: 2500, profile: { limit: 7400 } },
    ]);
    expect(await sessionsOf('R1-JEDLIX')).toEqual([{ transactionId: '203', registerWh: 1000, profile: null }]);
    await drained('R1-JEDLIX');
    await reads('R1-JEDLIX', 203, 1500);
    await drained('R1-JEDLIX');
    expect(sent('R1-JEDLIX').at(-1)).toBe('Updated 203 seqNo 1');
  });

  it.each<[ChargerId, number]>([
    ['R1-STEKKER', 101],
    ['R1-JEDLIX', 201],
  ])('that ended at %s are known: what comes late begins no session and is sent to nobody', async (id, ended) => {
    await drained(id);
    const [before, running] = [sent(id), await sessionsOf(id)];
    await reads(id, ended, 9500);
    await says(id, 'StopTransaction', { transactionId: ended, meterStop: 9600, timestamp: at() }, { response: {} });
    await drained(id);
    expect(sent(id)).toEqual(before);
    expect(await sessionsOf(id)).toEqual(running);
  });

  it('were taken: a message that the CSMS repeats after the upgrade is a duplicate', async () => {
    const timestamp = '2040-01-01T12:45:00.000Z';
    const start = { connectorId: 1, idTag: '04A3C1F2B95E80', meterStart: 1000, timestamp };
    const answer = await call('/webhooks/ocpp', {
      json: [
        {
          chargePointId: 'R1-JEDLIX',
          protocol: 'ocpp1.6',
          direction: 'cs',
          timestamp,
          frame: [2, 'message-19', 'StartTransaction', start],
          response: { transactionId: 203, idTagInfo: { status: 'Accepted' } },
        },
      ],
    });
    expect(await answer.json()).toMatchObject({ received: 0, duplicates: 1 });
  });
});

describe('parked messages of the first release', () => {
  const replay = () => call('/api/dead-letters/replay', { token: ADMIN_TOKEN, json: { chargePointId: 'R1-LETTER' } });

  it('can be replayed, once', async () => {
    expect(await (await replay()).json()).toEqual({ replayed: 1 });
    expect(await (await replay()).json()).toEqual({ replayed: 0 });
    await drained('R1-LETTER');
    expect(sent('R1-LETTER')).toEqual(['StatusNotification Faulted']);
  });
});

describe('codes of the first release', () => {
  it('that nobody has sent yet make a pairing', async () => {
    expect((await redeem(RELEASE_1.codes['R1-CODE'])).status).toBe(200);
    expect(await pairingsOf('R1-CODE')).toEqual(['jedlix, paired, whole charger']);
  });

  it('that were redeemed longer ago than a repeat is allowed are refused, and their pairing stays', async () => {
    expect((await redeem(RELEASE_1.codes['R1-JEDLIX'])).status).toBe(404);
    expect(await pairingsOf('R1-JEDLIX')).toEqual(['jedlix, paired, whole charger']);
  });
});

describe('a claim of the first release that nobody finished', () => {
  it('ends when its time is over, and the provider is told once', async () => {
    await sweep(env, RELEASE_1.endedAt + 3 * MINUTE);
    await drained('R1-CLAIMED');
    expect(await pairingsOf('R1-CLAIMED')).toEqual([]);
    await sweep(env, RELEASE_1.endedAt + 8 * MINUTE);
    await drained('R1-CLAIMED');
    expect(sent('R1-CLAIMED')).toEqual(['unpair']);
  });
});
