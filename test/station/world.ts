/** A charger, its CSMS and both providers, for tests in the real runtime: what the charger says, what each provider was sent, and time travel. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, vi } from 'vitest';
import type { ChargingStation } from '../../src/index.ts';
import { call, freshId, registered } from '../http/client.ts';
import { standIn, type Host, type OutsideCall } from '../outside.ts';
import { JEDLIX_HOST, JEDLIX_TOKEN_HOST, STEKKER_HOST } from '../settings.ts';
import { PATIENCE } from '../patience.ts';

export const ID_TAG = '04A3C1F2B95E80';
const BEGINNING = Date.parse('2026-03-31T12:00:00Z');

/** RFC 3339 time `minute` minutes after noon. */
export const at = (minute: number) => new Date(BEGINNING + minute * 60_000).toISOString();

type Frame = readonly [number, string, ...unknown[]];

const request = (action: string, payload: unknown): Frame => [2, crypto.randomUUID(), action, payload];

/** OCPP 1.6 frames in a few words. */
export const say = {
  status: (minute: number, status: string, connectorId = 1) =>
    request('StatusNotification', { connectorId, status, errorCode: 'NoError', timestamp: at(minute) }),
  start: (minute: number, { idTag = ID_TAG, meterStart = 1000, connectorId = 1 } = {}) =>
    request('StartTransaction', { connectorId, idTag, meterStart, timestamp: at(minute) }),
  meter: (minute: number, transactionId: number, wh: number) =>
    request('MeterValues', {
      connectorId: 1,
      transactionId,
      meterValue: [{ timestamp: at(minute), sampledValue: [{ value: String(wh) }] }],
    }),
  stop: (minute: number, transactionId: number, meterStop: number) =>
    request('StopTransaction', { transactionId, meterStop, timestamp: at(minute), idTag: ID_TAG }),
};

/** OCPP 2.0.1 events of EVSE 1 in a few words. */
export const say201 = {
  status: (minute: number, connectorStatus: string, evseId = 1): Event => ({
    protocol: 'ocpp2.0.1',
    frame: request('StatusNotification', { timestamp: at(minute), connectorStatus, evseId, connectorId: 1 }),
  }),
  /** A transaction's event; `seqNo` 0 starts it. */
  transaction: (minute: number, eventType: 'Started' | 'Ended', seqNo: number): Event => ({
    protocol: 'ocpp2.0.1',
    frame: request('TransactionEvent', {
      eventType,
      timestamp: at(minute),
      triggerReason: eventType === 'Started' ? 'CablePluggedIn' : 'EVDeparted',
      seqNo,
      transactionInfo: { transactionId: 'T-7' },
      evse: { id: 1, connectorId: 1 },
      meterValue: [{ timestamp: at(minute), sampledValue: [{ value: 1000 + minute * 500 }] }],
    }),
    response: {},
  }),
};

/** What a CSMS answers to a start. */
export const accepted = (transactionId: number) => ({ transactionId, idTagInfo: { status: 'Accepted' } });

/** A whole session: start, two readings, stop. */
export const session = (transactionId: number) => [
  { frame: say.start(0), response: accepted(transactionId) },
  { frame: say.meter(1, transactionId, 1500) },
  { frame: say.meter(2, transactionId, 2000) },
  { frame: say.stop(3, transactionId, 2500) },
];

type Event = {
  readonly frame: Frame;
  readonly response?: unknown;
  readonly direction?: 'cs' | 'csms';
  readonly protocol?: 'ocpp2.0.1';
  readonly timestamp?: string;
};

/** Posts events of a charger as one webhook; gives its answer. */
export async function post(chargePointId: string, events: readonly Event[], headers: Record<string, string> = {}) {
  const json = events.map((event) => ({ chargePointId, protocol: 'ocpp1.6', timestamp: at(60), ...event }));
  const response = await call('/webhooks/ocpp', { json, headers });
  return { status: response.status, requestId: response.headers.get('x-request-id'), body: await response.json() };
}

/** Posts events that must all be received. */
export async function received(chargePointId: string, ...events: readonly Event[]): Promise<void> {
  expect((await post(chargePointId, events)).body).toMatchObject({ received: events.length });
}

const ok: Host = () => Response.json({});
export const answer =
  (status: number, headers: Record<string, string> = {}, body = '{}'): Host =>
  () =>
    new Response(body, { status, headers });

/** Both providers, each answering as told at the moment; `calls` has everything that left the Worker. */
export function standInProviders() {
  const answers = { stekker: ok, jedlix: ok };
  const { calls } = standIn({
    [STEKKER_HOST]: (outside) => answers.stekker(outside),
    [JEDLIX_HOST]: (outside) => answers.jedlix(outside),
    [JEDLIX_TOKEN_HOST]: () => Response.json({ access_token: 'token-1', expires_in: 3600 }),
  });
  return { answers, calls };
}

const OF: Readonly<Record<string, (outside: OutsideCall, chargePointId: string) => boolean>> = {
  stekker: ({ host, body }, id) => host === STEKKER_HOST && body.includes(`"chargePointId":"${id}"`),
  jedlix: ({ host, path }, id) => host === JEDLIX_HOST && path.includes(`/${id}/`),
};

/** What a provider was sent of a charger after its pairing, in order: bodies as JSON. */
export function sentTo(provider: 'stekker' | 'jedlix', calls: readonly OutsideCall[], id: string) {
  return calls
    .filter((outside) => OF[provider]?.(outside, id) && !outside.body.includes('pairingCode'))
    .map(({ body }) => JSON.parse(body));
}

/** The same, in a word for each: the action and its reading for Stekker, the event type and `seqNo` for Jedlix. */
export function told(provider: 'stekker' | 'jedlix', calls: readonly OutsideCall[], id: string): string[] {
  return sentTo(provider, calls, id).map((body) => {
    if (provider === 'jedlix') return `${body.eventType} ${body.seqNo}`;
    if (body.notification === undefined) return body.event;
    const { method, params } = body.event;
    const reading =
      params.status ?? params.meterStart ?? params.meterStop ?? params.meterValue[0].sampledValue[0].value;
    return `${method} ${reading}`;
  });
}

export const WHOLE_SESSION = ['StartTransaction 1000', 'MeterValues 1500', 'MeterValues 2000', 'StopTransaction 2500'];

export const stub = (id: string): DurableObjectStub<ChargingStation> => env.CHARGING_STATION.getByName(id);

/** A first pairing, and its end, as the registry tells a station. */
export const PAIRED = { pairing: { generation: 1, status: 'paired' } } as const;
export const ENDED = { pairing: { generation: 1, status: 'ended' } } as const;

/** A registered charger, paired with these providers in the registry and at its station. */
export async function paired(...providers: readonly string[]): Promise<string> {
  const id = await registered();
  for (const provider of providers) await pairWith(id, provider);
  return id;
}

export async function pairWith(id: string, provider: string): Promise<void> {
  const sql = `INSERT INTO pairings
    (charge_point_id, provider, generation, last_generation, status, format, claimed_at, paired_at)
    VALUES (?, ?, 1, 1, 'paired', 'ocpp', 0, 0)`;
  await env.DB.prepare(sql).bind(id, provider).run();
  const paused = env.DB.prepare('SELECT provider FROM paused_providers WHERE provider = ?').bind(provider);
  await stub(id).learnPairing(provider, { ...PAIRED, isPaused: (await paused.first()) !== null });
}

/** What the station's own database says. */
export function rowsOf(id: string, sql: string): Promise<Record<string, SqlStorageValue>[]> {
  return runInDurableObject(stub(id), (_, state) => state.storage.sql.exec(sql).toArray());
}

/** A column of a row that holds JSON. */
export function jsonIn(row: Record<string, SqlStorageValue> | undefined, column: string): unknown {
  const text = row?.[column];
  if (typeof text !== 'string') throw new Error(`no JSON in ${column}`);
  return JSON.parse(text);
}

/** Gives the station's own object a dataset for metrics; what it writes from now on is kept. */
export async function metered(id: string): Promise<readonly AnalyticsEngineDataPoint[]> {
  const points: AnalyticsEngineDataPoint[] = [];
  const METRICS = { writeDataPoint: (point: AnalyticsEngineDataPoint) => void points.push(point) };
  await runInDurableObject(stub(id), (station) => {
    const own: unknown = Reflect.get(station, 'env');
    if (typeof own !== 'object' || own === null) throw new Error('the object has no environment');
    Object.assign(own, { METRICS });
  });
  return points;
}

/** The points of this kind. */
export const pointsOf = (points: readonly AnalyticsEngineDataPoint[], kind: string) =>
  points.filter(({ blobs }) => blobs?.[0] === kind);

/** How many events are owed to somebody. */
export async function backlogOf(id: string): Promise<number> {
  return (await rowsOf(id, "SELECT seq FROM log WHERE owed <> ''")).length;
}

/** Moves every clock in the Worker forward; undone by vi.restoreAllMocks. */
export function travel(ms: number): void {
  const now = Date.now() + ms;
  const began = performance.now();
  vi.spyOn(Date, 'now').mockImplementation(() => now + Math.floor(performance.now() - began));
}

/** Rings the alarm of a station. False when none is set. */
export const ring = (id: string): Promise<boolean> => runDurableObjectAlarm(stub(id));

/** Kills a station's object in the middle of whatever it does, as a crash of its machine would. */
export async function crash(id: string): Promise<void> {
  const dying = runInDurableObject(stub(id), (_, state) => state.abort('crashed by the test'));
  await expect(dying).rejects.toThrow('crashed by the test');
}

/** A provider that answers a request only when it is let to. Asks again and again: the platform lets no object wake another. */
export function gate() {
  const state = { allowed: 0, waiting: 0 };
  const host: Host = async () => {
    state.waiting += 1;
    const turn = state.waiting;
    while (state.allowed < turn) await scheduler.wait(2);
    return Response.json({});
  };
  return { state, host };
}

/** Waits until a station owes nothing. */
export async function drained(id: string): Promise<void> {
  await vi.waitFor(async () => expect(await backlogOf(id)).toBe(0), { ...PATIENCE, interval: 20 });
}

/** Waits until so many calls have left for a provider. */
export async function until(count: number, list: () => readonly unknown[]): Promise<void> {
  await vi.waitFor(() => expect(list().length).toBeGreaterThanOrEqual(count), { ...PATIENCE, interval: 10 });
}

export { freshId };
