import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { stationOf } from '../../src/station/station-of.ts';
import { call, registered } from '../http/client.ts';
import { JEDLIX_HOST, JEDLIX_TOKEN } from '../settings.ts';
import { PATIENCE } from '../patience.ts';
import { providersAnswer } from './world.ts';
import {
  accepting,
  at,
  BY,
  charge,
  OURS,
  pair,
  read,
  say201,
  start,
  stop,
  toJedlix,
  toStekker,
  unpair,
  verify,
} from './sessions.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const station = (id: string) => stationOf(env, id);

describe('pairing while a car is charging', () => {
  it.each(BY)('tells Jedlix of the session at once, by %s', async (by) => {
    const { calls } = accepting();
    const id = await registered();
    await start(id, 7);
    await charge(id);
    await read(id, 7, [10, 1600]);
    await (by === OURS ? verify(id) : pair(id, 'jedlix'));
    const [started, latest] = await toJedlix(calls, 2);
    expect(started).toMatchObject({
      eventType: 'Started',
      seqNo: 0,
      timestamp: at(0),
      transactionInfo: { transactionId: '7' },
      idToken: { idToken: 'CARD1' },
      meterValue: [{ timestamp: at(0), sampledValue: [{ value: 100 }] }],
    });
    expect(latest).toMatchObject({
      eventType: 'Updated',
      seqNo: 1,
      timestamp: at(10),
      transactionInfo: { transactionId: '7', chargingState: 'Charging' },
      meterValue: [{ timestamp: at(10), sampledValue: [{ value: 1600 }] }],
    });
    await read(id, 7, [20, 3100]);
    await stop(id, 7, 30, 4600);
    const all = await toJedlix(calls, 4);
    expect(all.map(({ eventType, seqNo }) => [eventType, seqNo])).toEqual([
      ['Started', 0],
      ['Updated', 1],
      ['Updated', 2],
      ['Ended', 3],
    ]);
  });

  it('tells Stekker of the session at once, under the CSMS’s own transaction id', async () => {
    const { calls } = accepting();
    const id = await registered();
    await start(id, 123885164);
    await charge(id);
    await read(id, 123885164, [10, 1600]);
    await pair(id, 'stekker');
    await read(id, 123885164, [20, 3100]);
    const sent = await toStekker(calls, 4);
    const [first] = sent;
    expect(first).toMatchObject({
      method: 'StartTransaction',
      params: { connectorId: 1, idTag: 'CARD1', timestamp: at(0), meterStart: 100 },
      response: { transactionId: 123885164, idTagInfo: { status: 'Accepted' } },
    });
    const readings = sent.filter(({ method }) => method === 'MeterValues').map(({ params }) => params);
    expect(readings).toMatchObject([
      { transactionId: 123885164, meterValue: [{ timestamp: at(10), sampledValue: [{ value: '1600' }] }] },
      { transactionId: 123885164, meterValue: [{ timestamp: at(20), sampledValue: [{ value: '3100' }] }] },
    ]);
    expect(sent.filter(({ method }) => method === 'StatusNotification')).toMatchObject([
      { params: { connectorId: 1, status: 'Charging' } },
    ]);
  });

  it('tells nothing of a session that is over', async () => {
    const { calls } = accepting();
    const id = await registered();
    await start(id, 7);
    await stop(id, 7, 10, 1600);
    await pair(id, 'jedlix');
    await start(id, 8);
    const [first] = await toJedlix(calls, 1);
    expect(first).toMatchObject({ eventType: 'Started', transactionInfo: { transactionId: '8' } });
  });

  it('counts what Jedlix was sent, from 0, whatever numbers the station gives its own messages', async () => {
    const { calls } = accepting();
    const id = await registered({ protocol: 'ocpp2.0.1' });
    const tell = (eventType: string, seqNo: number, minute: number) =>
      say201(id, {
        eventType,
        seqNo,
        timestamp: at(minute),
        triggerReason: eventType === 'Started' ? 'Authorized' : 'MeterValuePeriodic',
        transactionInfo: { transactionId: 'TX-7' },
        evse: { id: 1, connectorId: 1 },
      });
    await tell('Started', 5, 0);
    await tell('Updated', 9, 5);
    await tell('Updated', 12, 10);
    await verify(id);
    await tell('Updated', 40, 15);
    await tell('Ended', 3, 20);
    const all = await toJedlix(calls, 4);
    expect(all.map(({ eventType, seqNo, timestamp }) => [eventType, seqNo, timestamp])).toEqual([
      ['Started', 0, at(0)],
      ['Updated', 1, at(10)],
      ['Updated', 2, at(15)],
      ['Ended', 3, at(20)],
    ]);
  });

  it('goes on where a provider left that is paired again in the same session', async () => {
    const { calls } = accepting();
    const id = await registered();
    await pair(id, 'jedlix');
    await start(id, 7);
    await read(id, 7, [10, 1600]);
    const before = await toJedlix(calls, 2);
    await unpair(id, 'jedlix');
    await read(id, 7, [15, 2000]);
    await pair(id, 'jedlix');
    await read(id, 7, [20, 3100]);
    const all = await toJedlix(calls, 5);
    expect(all.map(({ eventType, seqNo }) => [eventType, seqNo])).toEqual([
      ['Started', 0],
      ['Updated', 1],
      ['Started', 0],
      ['Updated', 2],
      ['Updated', 3],
    ]);
    expect(all[2]).toEqual(before[0]);
    expect(all[3]).toMatchObject({ timestamp: at(15) });
  });
});

describe('unpairing by Jedlix in the middle of a session', () => {
  it('lets what happened before be delivered, and nothing that comes after', async () => {
    const jedlix = { isUp: false };
    const { calls } = providersAnswer(() => new Response('{}', { status: jedlix.isUp ? 200 : 503 }));
    const id = await registered();
    await verify(id);
    await start(id, 7);
    await read(id, 7, [10, 1600]);
    const answer = await call(`/v1/cpo/chargingstations/${id}/unpair`, { method: 'POST', token: JEDLIX_TOKEN });
    expect(answer.status).toBe(200);
    await read(id, 7, [20, 3100]);
    await stop(id, 7, 30, 4600);
    jedlix.isUp = true;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 600_000 });
    await station(id).nudge();
    await vi.waitUntil(async () => !(await station(id).nudge()), PATIENCE);
    const paths = calls
      .filter(({ host }) => host === JEDLIX_HOST)
      .map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
    expect(new Set(paths)).toEqual(new Set(['TransactionEvent']));
    const all = await toJedlix(calls, 2);
    const heard = new Set(all.map(({ eventType, seqNo, timestamp }) => JSON.stringify([eventType, seqNo, timestamp])));
    expect([...heard].map((said) => JSON.parse(said))).toEqual([
      ['Started', 0, at(0)],
      ['Updated', 1, at(10)],
    ]);
  });
});
