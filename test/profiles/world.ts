/** The real Worker among stand-ins of both providers, of our own kind of CSMS and of CitrineOS; chargers in session on demand. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { startCitrineos, type Citrineos } from '../../sandbox/citrineos.ts';
import type { ChargerVerdict } from '../../sandbox/csms-commands.ts';
import { postWebhook } from '../../sandbox/csms-webhook.ts';
import { startEdge, type Edge } from '../../sandbox/edge.ts';
import { startOutsideWorld, type OutsideWorld } from '../../sandbox/outside-world.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { PATIENCE } from '../patience.ts';

export type Channel = 'ocpp' | 'citrineos';
export type Version = 'ocpp1.6' | 'ocpp2.0.1';
export type ProviderName = 'stekker' | 'jedlix';

/** A charger with one car charging, controlled by one provider. `transactionId` as the charger says it, the others as the providers do. */
export type ChargerInSession = {
  readonly id: string;
  readonly ocppIdentity: string;
  readonly version: Version;
  readonly provider: ProviderName;
  readonly transactionId: number | string;
  readonly providerTransactionId: number | string;
};

/** A command as the CSMS got it, whichever it is. */
export type Command = { readonly action: string; readonly payload: unknown };

/** The edge, however it is run. */
export type RunningEdge = Pick<Edge, 'url' | 'logs' | 'close'>;

export class World {
  readonly channel: Channel;
  readonly outside: OutsideWorld;
  readonly citrineos: Citrineos;
  readonly edge: RunningEdge;

  constructor(channel: Channel, outside: OutsideWorld, citrineos: Citrineos, edge: RunningEdge) {
    this.channel = channel;
    this.outside = outside;
    this.citrineos = citrineos;
    this.edge = edge;
  }

  async close(): Promise<void> {
    await this.edge.close();
    await Promise.all([this.outside.close(), this.citrineos.close()]);
  }

  /** What its CSMS answers for this charger from now on. */
  setVerdict({ id, ocppIdentity }: ChargerInSession, verdict: ChargerVerdict): void {
    if (this.channel === 'ocpp') this.outside.csms.setVerdict(id, verdict);
    else this.citrineos.setVerdict(ocppIdentity, verdict);
  }

  /** The commands for this charger that its CSMS took, in order. */
  commandsFor({ id, ocppIdentity }: ChargerInSession): readonly Command[] {
    return this.channel === 'ocpp' ? this.outside.csms.commandsFor(id) : this.citrineos.commandsFor(ocppIdentity);
  }

  async api(method: string, path: string, body?: unknown, token: string = sandboxSettings.CSMS_TOKENS) {
    const response = await fetch(new URL(path, this.edge.url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  async webhook(events: readonly unknown[]): Promise<void> {
    const auth = { token: sandboxSettings.CSMS_TOKENS };
    const { status } = await postWebhook({ edgeUrl: this.edge.url, events, auth });
    expectStatus(status, 202);
  }

  /** Registers and pairs a fresh charger and starts a session on its EVSE 1. */
  async inSession(version: Version, provider: ProviderName): Promise<ChargerInSession> {
    const id = randomUUID().slice(0, 18);
    const ocppIdentity = `CP_${id}`;
    const connector = { connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 };
    const evse = { evseId: 1, emi3Id: `NL*STK*E${id.slice(0, 8)}`, rateUnit: 'any', connectors: [connector] };
    const charger = { ocppIdentity, protocol: version, country: 'NLD', evses: [evse] };
    expectStatus((await this.api('PUT', `/api/chargers/${id}`, charger)).status, 201);
    const code = randomUUID().slice(0, 6);
    this.outside[provider].addPairingCode(code);
    expectStatus((await this.api('POST', `/api/chargers/${id}/pairings`, { provider, code })).status, 201);
    const transactionId = version === 'ocpp1.6' ? 880_017 : `tx-${id}`;
    await this.webhook([startOf(version, id, transactionId)]);
    const inSession = { id, ocppIdentity, version, provider, transactionId, providerTransactionId: 0 };
    return { ...inSession, providerTransactionId: await this.transactionIdAtProvider(inSession) };
  }

  /** Under which id the provider was told of the session. */
  async transactionIdAtProvider({ id, provider }: ChargerInSession): Promise<number | string> {
    const { stekker, jedlix } = this.outside;
    const find = () =>
      provider === 'stekker'
        ? valueAt(stekker.sessionMessages(id)[0]?.body, 'response', 'transactionId')
        : valueAt(jedlix.transactionEvents(id)[0]?.body, 'transactionInfo', 'transactionId');
    return untilTold(find);
  }

  /** The provider sends a profile that limits the car to `limit` W; `protocol` is the one Jedlix names in its path. */
  async sendProfile(charger: ChargerInSession, limit = 7400, protocol: Version = 'ocpp2.0.1') {
    const { provider, id, providerTransactionId } = charger;
    if (provider === 'stekker') {
      const body = profile16(limit, Number(providerTransactionId));
      const key = sandboxSettings.STEKKER_INBOUND_KEY;
      return this.outside.stekker.setChargingProfile({ edgeUrl: this.edge.url, key, chargePointId: id, body });
    }
    const token = sandboxSettings.JEDLIX_INBOUND_TOKENS;
    const profile = protocol === 'ocpp1.6' ? profile16(limit) : profile201(limit);
    return this.outside.jedlix.setChargingProfile({ edgeUrl: this.edge.url, token, uid: id, profile, protocol });
  }
}

/** Starts everything; the edge gives a charger 400 ms to answer. */
export async function startWorld(channel: Channel, vars: Record<string, string> = {}): Promise<World> {
  const outside = await startOutsideWorld();
  let edgeUrl = '';
  const citrineos = await startCitrineos({
    token: sandboxSettings.CITRINEOS_TOKEN,
    reach: (url) => url.replace(sandboxSettings.PUBLIC_BASE_URL, edgeUrl),
  });
  const edge = await startEdge({
    ...outside.urls,
    vars: { CSMS_COMMANDS: channel, CITRINEOS_BASE_URL: citrineos.url, CSMS_COMMAND_TIMEOUT_MS: '400', ...vars },
  });
  edgeUrl = edge.url.replace(/\/$/, '');
  return new World(channel, outside, citrineos, edge);
}

/** Expects of what a function gives that it becomes so, within 5 s. */
export function eventually<T>(look: () => T) {
  return expect.poll(look, PATIENCE);
}

function expectStatus(status: number, expected: number): void {
  expect(status).toBe(expected);
}

async function untilTold(find: () => unknown): Promise<number | string> {
  await eventually(find).toBeDefined();
  const found = find();
  if (typeof found !== 'number' && typeof found !== 'string') throw new Error('the provider has no transaction id');
  return found;
}

function startOf(protocol: Version, chargePointId: string, transactionId: number | string): unknown {
  const timestamp = new Date().toISOString();
  const event = { chargePointId, protocol, timestamp };
  if (protocol === 'ocpp1.6') {
    const start = { connectorId: 1, idTag: '04A1B2C3', meterStart: 1000, timestamp };
    const response = { transactionId, idTagInfo: { status: 'Accepted' } };
    return { ...event, frame: [2, randomUUID(), 'StartTransaction', start], response };
  }
  const start = {
    eventType: 'Started',
    timestamp,
    triggerReason: 'Authorized',
    seqNo: 0,
    transactionInfo: { transactionId, chargingState: 'Charging' },
    evse: { id: 1, connectorId: 1 },
    idToken: { idToken: '04A1B2C3', type: 'ISO14443' },
  };
  return { ...event, frame: [2, randomUUID(), 'TransactionEvent', start], response: {} };
}

/** As Stekker sends it (Stekker guide: charging profiles). */
export function profile16(limit: number, transactionId?: number) {
  return {
    connectorId: transactionId === undefined ? 0 : 1,
    csChargingProfiles: {
      chargingProfileId: 1,
      stackLevel: 0,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: {
        startSchedule: '2026-01-01T00:00:00Z',
        chargingRateUnit: 'W',
        chargingSchedulePeriod: [{ startPeriod: 0, limit }],
      },
      ...(transactionId === undefined ? {} : { transactionId }),
    },
  };
}

/** As Jedlix sends it: EVSE 0, stack level 1, no start, no end (Jedlix guide: charging profiles). */
export function profile201(limit: number) {
  return {
    evseId: 0,
    chargingProfile: {
      id: 12,
      stackLevel: 1,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: [{ id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit }] }],
    },
  };
}

/** The value at a path in JSON of unknown shape. */
export function valueAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    const next: unknown = Reflect.get(inner, key);
    return next;
  }, value);
}
