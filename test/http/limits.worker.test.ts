/** What the worst request that is taken uses of the platform: at most 500 statements of D1, and 500 calls of objects. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ADMIN_TOKEN } from '../settings.ts';
import { standInProviders } from '../station/world.ts';
import { call, chargerBody, freshId, nativeEvent, registered } from './client.ts';
import { counted } from './counting.ts';

afterEach(() => vi.restoreAllMocks());

const MOST = 500;
describe('a webhook', () => {
  it('of 500 events of 500 chargers calls each once, and asks D1 a few times', async () => {
    const json = Array.from({ length: 500 }, () => nativeEvent(freshId()));
    const { response, used } = await counted('/webhooks/ocpp', { json });
    expect(await response.json()).toMatchObject({ ignoredReasons: { 'charger-unknown': 500 } });
    expect(used.calls).toBeLessThanOrEqual(MOST);
    expect(used.statements).toBeLessThanOrEqual(5);
  });

  it('of 500 unknown identities calls nobody', async () => {
    const json = Array.from({ length: 500 }, () => ({
      ...nativeEvent('x'),
      chargePointId: undefined,
      ocppIdentity: freshId(),
    }));
    const { used } = await counted('/webhooks/ocpp', { json });
    expect(used).toMatchObject({ calls: 0 });
    expect(used.statements).toBeLessThanOrEqual(2);
  });
});

describe('lists', () => {
  it.each([
    ['/api/chargers?limit=500&search=x', 1, 0],
    ['/api/sessions?limit=500&flag=clock-wrong', 1, 0],
    ['/api/unknown-chargers?limit=500', 1, 0],
    ['/api/dead-letters?limit=500', 60, 60],
    ['/api/dead-letters/summary', 5, 0],
    ['/api/providers', 10, 4],
    ['/api/alerts', 1, 0],
  ])('%s', async (path, statements, calls) => {
    const { response, used } = await counted(path, { token: ADMIN_TOKEN });
    expect(response.status).toBe(200);
    expect(used.statements).toBeLessThanOrEqual(statements);
    expect(used.calls).toBeLessThanOrEqual(calls);
  });

  it('of the largest chargers that there can be stay below 8 MB, and go on by a cursor', async () => {
    const connectors = Array.from({ length: 8 }, (_, index) => ({ connectorId: String(index + 1) }));
    const evsesOf = (id: string) =>
      Array.from({ length: 64 }, (_, index) => ({ evseId: index + 1, uid: `${id}-${index}`, connectors }));
    const ids = Array.from({ length: 200 }, freshId);
    for (const id of ids) {
      const json = chargerBody(id, { protocol: 'ocpp2.0.1', evses: evsesOf(id) });
      expect((await call(`/api/chargers/${id}`, { method: 'PUT', json })).status).toBe(201);
    }
    const seen = new Set<string>();
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const path: string = `/api/chargers?limit=500${cursor && `&cursor=${cursor}`}`;
      const text = await (await call(path)).text();
      expect(new TextEncoder().encode(text).byteLength).toBeLessThanOrEqual(8_000_000);
      const page = JSON.parse(text) as { chargers: { chargePointId: string }[]; cursor?: string };
      expect(page.cursor === undefined || page.chargers.length < 500).toBe(true);
      for (const { chargePointId } of page.chargers) seen.add(chargePointId);
      ({ cursor } = page);
    }
    expect(ids.every((id) => seen.has(id))).toBe(true);
  });
});

describe('pairing', () => {
  it('by a code uses few', async () => {
    standInProviders();
    const id = await registered();
    const { response, used } = await counted(`/api/chargers/${id}/pairings`, {
      json: { provider: 'stekker', code: 'PEN4E' },
    });
    expect(response.status).toBe(201);
    expect(used.statements).toBeLessThanOrEqual(25);
    expect(used.calls).toBeLessThanOrEqual(10);
  });
});

describe('charger details by webhook', () => {
  const details = (code: string | undefined) => {
    const chargePointId = freshId();
    const connector = { connectorId: '1', maxVoltage: 230, maxAmperage: 32, powerType: 'AC_3_PHASE' };
    return {
      event: 'ChargePointDetailsNotification',
      chargePointId,
      ...(code !== undefined && { pairingCode: code }),
      name: 'Solar',
      ocppIdentity: `SOLAR_${chargePointId}`,
      country: 'NLD',
      geometry: { type: 'Point', coordinates: [52.583, 5.365] },
      connectors: [{ ...connector, physicalReference: chargePointId, maxPower: 22_080 }],
    };
  };

  const codes = (results: unknown) => JSON.stringify(results).split('batch-too-large').length - 1;

  it('of 500 chargers are written together', async () => {
    const json = Array.from({ length: 500 }, () => details(undefined));
    const { response, used } = await counted('/webhooks/ocpp-event', { json });
    expect(await response.json()).toMatchObject({ received: 500, rejected: [] });
    expect(used.statements).toBeLessThanOrEqual(100);
    expect(used.calls).toBeLessThanOrEqual(MOST);
  });

  it('of chargers that are registered with more than D1 takes in one parameter are stored all the same', async () => {
    const json = Array.from({ length: 40 }, () => details(undefined));
    const capabilities = Array.from({ length: 32 }, (_, index) => `CAPABILITY_${index}_${'x'.repeat(48)}`);
    for (const { chargePointId, ocppIdentity, country } of json) {
      const evses = Array.from({ length: 28 }, (_, index) => ({
        evseId: index + 1,
        capabilities,
        connectors: [{ connectorId: '1' }],
      }));
      const put = { ocppIdentity, protocol: 'ocpp1.6', country, evses };
      expect((await call(`/api/chargers/${chargePointId}`, { method: 'PUT', json: put })).status).toBe(201);
    }
    const many = json.map((each) => ({
      ...each,
      connectors: Array.from({ length: 28 }, (_, index) => ({ connectorId: String(index + 1) })),
    }));
    const { response, used } = await counted('/webhooks/ocpp-event', { json: many });
    expect(await response.json()).toMatchObject({ received: 40 });
    // The platform takes 2 MB; local D1 takes anything.
    expect(used.longest).toBeLessThan(2_000_000);
  });

  it('have at most 20 codes, each of which costs few calls', async () => {
    standInProviders();
    const json = Array.from({ length: 22 }, () => details('PEN4E'));
    const { response, used } = await counted('/webhooks/ocpp-event', { json });
    const answer = await response.json();
    expect(answer).toMatchObject({ received: 20 });
    expect(codes(answer)).toBe(2);
    expect(used.statements).toBeLessThanOrEqual(MOST);
    expect(used.calls).toBeLessThanOrEqual(200);
  });
});
