/** A day at eleven chargers, told to the Worker by public calls; what a release leaves behind of it is its fixture. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { call, chargerBody } from '../http/client.ts';
import { standIn, type OutsideCall } from '../outside.ts';
import { PATIENCE } from '../patience.ts';
import { CSMS_HOST, JEDLIX_HOST, JEDLIX_TOKEN, JEDLIX_TOKEN_HOST, STEKKER_HOST, STEKKER_KEY } from '../settings.ts';

/** Far ahead of the machine's clock, so that no alarm rings by itself. */
export const NOON = Date.parse('2040-01-01T12:00:00Z');
const MINUTE = 60_000;

/** Every charger of that day. */
export const CHARGERS = [
  'R1-STEKKER',
  'R1-JEDLIX',
  'R1-EVSE',
  'R1-CLAIMED',
  'R1-UNPAIRED',
  'R1-UNTOLD',
  'R1-REMOVED',
  'R1-AGAIN',
  'R1-REPAIRED',
  'R1-LETTER',
  'R1-CODE',
] as const;
export type ChargerId = (typeof CHARGERS)[number];

type Provider = 'stekker' | 'jedlix';

/** The codes in clear, by the charger that they were issued for. */
export type Codes = Partial<Record<ChargerId, string>>;

export class Day {
  readonly codes: Codes = {};
  /** What the provider answers to what it is sent of a charger, where that is not 200. */
  readonly #refusals = new Map<ChargerId, number>();
  readonly #sent: readonly OutsideCall[];
  #minute = 0;
  #messages = 0;
  #isClaimAnswered = false;

  constructor() {
    vi.useFakeTimers({ toFake: ['Date'], now: NOON });
    makeRandomnessRepeatable();
    const answer = async ({ path, body }: OutsideCall) => {
      const about = CHARGERS.find((id) => path.includes(id) || body.includes(id));
      if (about === 'R1-CLAIMED') await until(() => this.#isClaimAnswered);
      return Response.json({}, { status: (about && this.#refusals.get(about)) ?? 200 });
    };
    this.#sent = standIn({
      [STEKKER_HOST]: answer,
      [JEDLIX_HOST]: answer,
      [JEDLIX_TOKEN_HOST]: () => Response.json({ access_token: 'token', token_type: 'Bearer', expires_in: 3600 }),
      [CSMS_HOST]: () => Response.json({ status: 'Accepted' }),
    }).calls;
  }

  /** Lives the whole day. The claim of R1-CLAIMED is still unanswered at its end; the result answers it. */
  async live(): Promise<() => Promise<void>> {
    await this.#letter();
    await this.#code();
    await this.#unpaired();
    await this.#again();
    await this.#repaired();
    await this.#evse();
    await this.#stekker();
    await this.#jedlix();
    await this.#untold();
    await this.#removed();
    return this.#claimed();
  }

  /** A message that Stekker refused is parked; the charger stays paired. */
  async #letter(): Promise<void> {
    await this.#registered('R1-LETTER');
    await this.#paired('R1-LETTER', 'stekker');
    this.#refusals.set('R1-LETTER', 422);
    await this.#says('R1-LETTER', 'StatusNotification', {
      connectorId: 1,
      status: 'Faulted',
      errorCode: 'GroundFailure',
    });
    await this.#settled('R1-LETTER');
  }

  /** A code that nobody has sent yet. */
  async #code(): Promise<void> {
    await this.#registered('R1-CODE');
    await this.#issued('R1-CODE');
  }

  /** Paired, charged, unpaired; Jedlix knows. */
  async #unpaired(): Promise<void> {
    await this.#registered('R1-UNPAIRED');
    await this.#paired('R1-UNPAIRED', 'jedlix');
    await this.#starts('R1-UNPAIRED', 301);
    await this.#stops('R1-UNPAIRED', 301);
    await this.#deleted('/api/chargers/R1-UNPAIRED/pairings/jedlix');
  }

  /** Paired, removed during a session and registered again; paired with nobody since. */
  async #again(): Promise<void> {
    await this.#registered('R1-AGAIN');
    await this.#paired('R1-AGAIN', 'jedlix');
    await this.#starts('R1-AGAIN', 401);
    await this.#deleted('/api/chargers/R1-AGAIN');
    await this.#registered('R1-AGAIN');
  }

  /** Unpaired and paired again while a car charges. */
  async #repaired(): Promise<void> {
    await this.#registered('R1-REPAIRED');
    await this.#paired('R1-REPAIRED', 'jedlix');
    await this.#starts('R1-REPAIRED', 701);
    await this.#deleted('/api/chargers/R1-REPAIRED/pairings/jedlix');
    await this.#paired('R1-REPAIRED', 'jedlix');
    await this.#settled('R1-REPAIRED');
  }

  /** One of two EVSEs is paired; a car charges at each. */
  async #evse(): Promise<void> {
    const evse = (evseId: number) => ({
      evseId,
      uid: `R1-EVSE-${evseId}`,
      emi3Id: `NL*STK*E00010${evseId}`,
      connectors: [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }],
    });
    await this.#registered('R1-EVSE', { evses: [evse(1), evse(2)] });
    await this.#paired('R1-EVSE', 'jedlix', { format: 'ocpi', evseUid: 'R1-EVSE-2' });
    await this.#starts('R1-EVSE', 501, 1);
    await this.#starts('R1-EVSE', 502, 2);
  }

  /** An ended session, one that runs under a profile, and three readings that Stekker did not take. */
  async #stekker(): Promise<void> {
    await this.#registered('R1-STEKKER');
    await this.#paired('R1-STEKKER', 'stekker');
    await this.#starts('R1-STEKKER', 101);
    await this.#reads('R1-STEKKER', 101, 1500);
    await this.#stops('R1-STEKKER', 101);
    await this.#starts('R1-STEKKER', 102);
    await this.#profile('R1-STEKKER', 102);
    this.#refusals.set('R1-STEKKER', 503);
    for (const failures of [1, 2, 3]) {
      await this.#reads('R1-STEKKER', 102, 1000 + failures * 500);
      await this.#failed('R1-STEKKER', failures);
    }
  }

  /** Paired by a code of ours; an ended session, a running one, and a stop and a start that Jedlix did not take. */
  async #jedlix(): Promise<void> {
    await this.#registered('R1-JEDLIX');
    const code = await this.#issued('R1-JEDLIX');
    const redeemed = await call('/v1/cpo/ocpp2.0.1/pair', { json: { code }, token: JEDLIX_TOKEN });
    must(redeemed, 200);
    await this.#starts('R1-JEDLIX', 201);
    await this.#stops('R1-JEDLIX', 201);
    await this.#starts('R1-JEDLIX', 202);
    this.#refusals.set('R1-JEDLIX', 503);
    await this.#stops('R1-JEDLIX', 202);
    await this.#failed('R1-JEDLIX', 1);
    await this.#starts('R1-JEDLIX', 203);
    await this.#failed('R1-JEDLIX', 2);
  }

  /** Unpaired while Jedlix cannot be told. */
  async #untold(): Promise<void> {
    await this.#registered('R1-UNTOLD');
    await this.#paired('R1-UNTOLD', 'jedlix');
    this.#refusals.set('R1-UNTOLD', 503);
    await this.#deleted('/api/chargers/R1-UNTOLD/pairings/jedlix');
  }

  /** Removed during a session, while Jedlix cannot be told of its start. */
  async #removed(): Promise<void> {
    await this.#registered('R1-REMOVED');
    await this.#paired('R1-REMOVED', 'jedlix');
    this.#refusals.set('R1-REMOVED', 503);
    await this.#starts('R1-REMOVED', 601);
    await this.#failed('R1-REMOVED', 1);
    await this.#deleted('/api/chargers/R1-REMOVED');
  }

  /** Jedlix has been asked to pair, and has not answered. */
  async #claimed(): Promise<() => Promise<void>> {
    await this.#registered('R1-CLAIMED');
    const json = { provider: 'jedlix', code: '123456' };
    const pairing = call('/api/chargers/R1-CLAIMED/pairings', { json });
    await until(() => this.#sent.some(({ body }) => body.includes('R1-CLAIMED')));
    return async () => {
      this.#isClaimAnswered = true;
      must(await pairing, 201);
    };
  }

  async #registered(id: ChargerId, changes: Record<string, unknown> = {}): Promise<void> {
    this.#tick();
    const body = chargerBody(id, { name: id, ...changes });
    must(await call(`/api/chargers/${id}`, { method: 'PUT', json: body }), 201);
  }

  async #paired(id: ChargerId, provider: Provider, target: Record<string, unknown> = {}): Promise<void> {
    this.#tick();
    const json = { provider, code: '123456', ...target };
    must(await call(`/api/chargers/${id}/pairings`, { json }), 201);
  }

  async #issued(id: ChargerId): Promise<string> {
    this.#tick();
    const response = await call(`/api/chargers/${id}/pairing-codes`, {
      json: { provider: 'jedlix', ttlSeconds: 86_400 },
    });
    must(response, 201);
    const { code } = await response.json<{ code: string }>();
    this.codes[id] = code;
    return code;
  }

  async #deleted(path: string): Promise<void> {
    this.#tick();
    must(await call(path, { method: 'DELETE' }), 204);
  }

  #starts(id: ChargerId, transactionId: number, connectorId = 1): Promise<void> {
    const start = { connectorId, idTag: '04A3C1F2B95E80', meterStart: 1000 };
    return this.#says(id, 'StartTransaction', start, { transactionId, idTagInfo: { status: 'Accepted' } });
  }

  #reads(id: ChargerId, transactionId: number, wh: number): Promise<void> {
    const meterValue = [{ timestamp: this.#tick(), sampledValue: [{ value: String(wh) }] }];
    return this.#says(id, 'MeterValues', { connectorId: 1, transactionId, meterValue });
  }

  #stops(id: ChargerId, transactionId: number): Promise<void> {
    return this.#says(id, 'StopTransaction', { transactionId, meterStop: 9000 }, {});
  }

  /** The charger says something; what it says is delivered before the next minute, unless it is refused. */
  async #says(id: ChargerId, action: string, payload: Record<string, unknown>, response?: unknown): Promise<void> {
    const timestamp = this.#tick();
    this.#messages += 1;
    const timed = action === 'MeterValues' ? payload : { ...payload, timestamp };
    const frame = [2, `message-${this.#messages}`, action, timed];
    const event = { chargePointId: id, protocol: 'ocpp1.6', direction: 'cs', timestamp, frame };
    const answer = await call('/webhooks/ocpp', { json: [{ ...event, ...(response !== undefined && { response }) }] });
    must(answer, 202);
    if (!this.#refusals.has(id)) await this.#settled(id);
  }

  async #profile(id: ChargerId, transactionId: number): Promise<void> {
    this.#tick();
    const csChargingProfiles = {
      chargingProfileId: 1,
      transactionId,
      stackLevel: 0,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 7400 }] },
    };
    const path = `/stekker/chargers/${id}/set-charging-profile`;
    const json = { connectorId: 1, csChargingProfiles };
    const answer = await call(path, { json, token: null, headers: { secret: STEKKER_KEY } });
    must(answer, 200);
  }

  /** Waits until the charger's station owes nothing. */
  async #settled(id: ChargerId): Promise<void> {
    await this.#stored(id, "SELECT count(*) = 0 AS is_so FROM log WHERE owed <> ''");
  }

  /** Waits until a provider has refused so often what the charger's station owes it. */
  async #failed(id: ChargerId, times: number): Promise<void> {
    await this.#stored(id, `SELECT count(*) = 1 AS is_so FROM lanes WHERE attempts = ${times}`);
  }

  /** Waits until a query in the charger's own database says so. */
  #stored(id: ChargerId, sql: string): Promise<void> {
    const station = env.CHARGING_STATION.getByName(id);
    const look = () => runInDurableObject(station, (_, { storage }) => storage.sql.exec(sql).one());
    return until(async () => (await look()).is_so === 1);
  }

  /** The next minute; gives its time. */
  #tick(): string {
    this.#minute += 1;
    vi.setSystemTime(NOON + this.#minute * MINUTE);
    return new Date().toISOString();
  }
}

/** A day that went otherwise is not worth keeping. */
function must({ status, url }: Response, expected: number): void {
  if (status !== expected) throw new Error(`${url} answered ${status} instead of ${expected}`);
}

/** Waits for something; unlike the waits of the test runner, this moves no clock. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; !(await isSo()); waitedMs += 10) {
    if (waitedMs > PATIENCE.timeout) throw new Error('waited in vain');
    await scheduler.wait(10);
  }
}

/** Ids, codes and waits are the same each time the day is lived. */
function makeRandomnessRepeatable(): void {
  let drawn = 0;
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  vi.spyOn(crypto, 'randomUUID').mockImplementation(() => {
    drawn += 1;
    return `00000000-0000-4000-8000-${String(drawn).padStart(12, '0')}`;
  });
  vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    if (array instanceof Uint8Array) array.forEach((_, index) => (array[index] = (drawn += 7) % 250));
    return array;
  });
}
