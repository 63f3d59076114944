/** Chargers in session inside the Worker under test, and a CSMS whose answers each test decides. */
import { env } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { expect, vi } from 'vitest';
import * as z from 'zod';
import { call, freshId, nativeEvent, registered } from '../http/client.ts';
import { standIn, type Host, type OutsideCall } from '../outside.ts';
import {
  ADMIN_TOKEN,
  CSMS_HOST,
  JEDLIX_HOST,
  JEDLIX_TOKEN,
  JEDLIX_TOKEN_HOST,
  STEKKER_HOST,
  STEKKER_KEY,
} from '../settings.ts';
import { PATIENCE } from '../patience.ts';

export const accepted: Host = () => Response.json({ status: 'Accepted' });
export const offline: Host = () => new Response(null, { status: 503 });

/** Stands in for the CSMS with `answer`, and for both providers, which take everything. */
export function csmsAnswers(answer: Host = accepted) {
  let stekker: Host = () => Response.json({});
  const { calls } = standIn({
    [CSMS_HOST]: answer,
    [STEKKER_HOST]: (sent) => stekker(sent),
    [JEDLIX_HOST]: () => Response.json({}),
    [JEDLIX_TOKEN_HOST]: () => Response.json({ access_token: 'token', token_type: 'Bearer', expires_in: 3600 }),
  });
  return {
    commands: () => calls.filter(({ host }) => host === CSMS_HOST).map(commandOf),
    /** From now on Stekker answers so. */
    stekkerSays: (next: Host) => void (stekker = next),
    /** What Stekker was sent, as text. */
    toldStekker: () => calls.filter(({ host }) => host === STEKKER_HOST).map(({ body }) => body),
  };
}

const SentCommand = z.object({
  id: z.uuid(),
  chargePointId: z.string(),
  ocppIdentity: z.string(),
  protocol: z.string(),
  action: z.string(),
  payload: z.looseObject({}),
});
export type SentCommand = z.infer<typeof SentCommand>;

export const commandOf = ({ body }: OutsideCall): SentCommand => SentCommand.parse(JSON.parse(body));

/** Expects of what a function gives that it becomes so, in time. */
export function eventually<T>(look: () => T) {
  return expect.poll(look, PATIENCE);
}

/** Waits inside a stand-in for what the test does outside; gives up in the end, so that a test that fails ends. */
export async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < PATIENCE.timeout; waited += 2) await scheduler.wait(2);
}

/**
 * A CSMS whose charger answers each command when the test says so. The platform lets nobody settle a promise of another object,
 * so each command looks for its answer itself.
 */
export function heldCsms() {
  const waiting: string[] = [];
  const answers = new Map<string, string>();
  const { commands, toldStekker } = csmsAnswers(async (call) => {
    const { id } = commandOf(call);
    waiting.push(id);
    await until(() => answers.has(id));
    return Response.json({ status: answers.get(id) });
  });
  return {
    commands,
    toldStekker,
    /** How many commands have no answer yet. */
    inFlight: () => waiting.length,
    /** Answers the oldest command in flight, once there is one. */
    async answer(status = 'Accepted') {
      await eventually(() => waiting.length).toBeGreaterThan(0);
      answers.set(waiting.shift() ?? '', status);
    },
  };
}

export type Provider = 'stekker' | 'jedlix';

export async function pair(id: string, provider: Provider): Promise<void> {
  expect((await call(`/api/chargers/${id}/pairings`, { json: { provider, code: 'PEN4E' } })).status).toBe(201);
}

export const unpair = async (id: string, provider: Provider) =>
  expect((await call(`/api/chargers/${id}/pairings/${provider}`, { method: 'DELETE' })).status).toBe(204);

const connector = { connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 };
const evse = (evseId: number, capabilities = ['CHARGING_PROFILE_CAPABLE']) => ({
  evseId,
  uid: `${freshId()}-${evseId}`,
  capabilities,
  rateUnit: 'any',
  connectors: [connector],
});

/** A charger of OCPP 1.6 with two connectors, paired, and nobody charging. */
export async function idle(provider: Provider = 'stekker', capabilities?: string[]): Promise<string> {
  const id = await registered({ evses: [evse(1, capabilities), evse(2, capabilities)] });
  await pair(id, provider);
  return id;
}

/** The same with a car charging on connector 1, as transaction 17. */
export async function charging(provider: Provider = 'stekker', capabilities?: string[]): Promise<string> {
  const id = await idle(provider, capabilities);
  await starts(id, 1, 17);
  return id;
}

async function tell(id: string, frame: readonly unknown[], response?: unknown): Promise<void> {
  const json = nativeEvent(id, { frame, timestamp: new Date().toISOString(), ...(response ? { response } : {}) });
  expect((await call('/webhooks/ocpp', { json })).status).toBe(202);
}

/** A car starts to charge. */
export function starts(id: string, connectorId: number, transactionId: number): Promise<void> {
  const start = { connectorId, idTag: '04A1B2C3', meterStart: 1000, timestamp: new Date().toISOString() };
  const response = { transactionId, idTagInfo: { status: 'Accepted' } };
  return tell(id, [2, crypto.randomUUID(), 'StartTransaction', start], response);
}

/** It stops. */
export function stops(id: string, transactionId: number): Promise<void> {
  const stop = { transactionId, meterStop: 2000, timestamp: new Date().toISOString() };
  return tell(id, [2, crypto.randomUUID(), 'StopTransaction', stop], {});
}

/** A connector reports its status. */
export function reports(id: string, connectorId: number, status: string): Promise<void> {
  const timestamp = new Date().toISOString();
  return tell(id, [
    2,
    crypto.randomUUID(),
    'StatusNotification',
    { connectorId, status, errorCode: 'NoError', timestamp },
  ]);
}

/** A meter value with these samples. */
export function reads(id: string, transactionId: number, sampledValue: readonly object[]): Promise<void> {
  const meterValue = [{ timestamp: new Date().toISOString(), sampledValue }];
  return tell(id, [2, crypto.randomUUID(), 'MeterValues', { connectorId: 1, transactionId, meterValue }]);
}

export type Period = { readonly startPeriod: number; readonly limit: number };

/** What differs from Stekker's profile for transaction 17 on connector 1: 7,400 W from the first of January 2026 on. */
export type ProfileChanges = {
  readonly connectorId?: number;
  readonly periods?: readonly Period[];
  readonly unit?: 'W' | 'A';
  readonly startSchedule?: string;
  readonly profile?: Readonly<Record<string, unknown>>;
};

export function profile16(changes: ProfileChanges = {}) {
  const { connectorId = 1, periods = [{ startPeriod: 0, limit: 7400 }], unit = 'W', profile = {} } = changes;
  return {
    connectorId,
    csChargingProfiles: {
      chargingProfileId: 1,
      stackLevel: 0,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Absolute',
      transactionId: 17,
      chargingSchedule: {
        startSchedule: changes.startSchedule ?? '2026-01-01T00:00:00Z',
        chargingRateUnit: unit,
        chargingSchedulePeriod: periods,
      },
      ...profile,
    },
  };
}

/** As Jedlix sends it: EVSE 0, no transaction. */
export const profile201 = (limit = 7400, profile: Readonly<Record<string, unknown>> = {}) => ({
  evseId: 0,
  chargingProfile: {
    id: 1,
    stackLevel: 1,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: [{ id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit }] }],
    ...profile,
  },
});

export const stekkerSets = (
  id: string,
  json: unknown = profile16(),
  headers: Record<string, string> = { secret: STEKKER_KEY },
) => call(`/stekker/chargers/${id}/set-charging-profile`, { json, token: null, headers });

export const jedlixSets = (id: string, json: unknown = profile201(), token: string | null = JEDLIX_TOKEN) =>
  call(`/v1/cpo/chargingstations/${id}/events/ocpp2.0.1/SetChargingProfile`, { json, token });

const SessionView = z.looseObject({
  transactionId: z.string(),
  evseId: z.number(),
  powerW: z.number().nullable(),
  registerWh: z.number(),
  chargingState: z.string().nullable(),
  profile: z.looseObject({ provider: z.string(), status: z.string(), limit: z.number().nullable() }).nullable(),
});

/** The sessions in the charger's view. */
export async function sessionsOf(id: string) {
  const response = await call(`/api/chargers/${id}`);
  return z.object({ sessions: z.array(SessionView) }).parse(await response.json()).sessions;
}

const TimelineEntry = z.looseObject({ kind: z.string() });

/** The timeline's entries of these kinds, oldest first. */
export async function timelineOf(id: string, ...kinds: string[]) {
  const response = await call(`/api/chargers/${id}/timeline?limit=100`, { token: ADMIN_TOKEN });
  const { timeline } = z.object({ timeline: z.array(z.object({ entry: TimelineEntry })) }).parse(await response.json());
  return timeline
    .map(({ entry }) => entry)
    .filter(({ kind }) => kinds.includes(kind))
    .toReversed();
}

/** Lets the charger's alarm ring, if one is set. */
export const ring = (id: string) => runDurableObjectAlarm(env.CHARGING_STATION.getByName(id));

/** When the charger's alarm is set to ring, in ms since the epoch. */
export const alarmOf = (id: string) =>
  runInDurableObject(env.CHARGING_STATION.getByName(id), (_, state) => state.storage.getAlarm());

/** Makes all clocks go on by this many seconds; timers are not touched. */
export function pass(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });
}
