import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { prune } from '../../src/station/journal/history.ts';
import { fingerprintOf } from '../../src/secret.ts';
import { call, nativeEvent, registered, uidOf } from '../http/client.ts';
import { ADMIN_TOKEN, CSMS_TOKEN, JEDLIX_TOKEN } from '../settings.ts';
import { entriesOf, issuedAt, providersAnswer } from './world.ts';

beforeEach(() => {
  providersAnswer(() => Response.json({}));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const KEPT = 'SELECT entry, deliverables, book FROM log ORDER BY seq';

type Item = { readonly at: string; readonly requestId: string; readonly entry: Record<string, unknown> };

/** What the operator sees of pairings, oldest first. */
async function timelineOf(id: string): Promise<Item[]> {
  const response = await call(`/api/chargers/${id}/timeline`, { token: ADMIN_TOKEN });
  const { timeline } = await response.json<{ timeline: Item[] }>();
  return timeline.filter(({ entry }) => /pair/.test(String(entry['kind']))).toReversed();
}

const pair = (id: string, token = CSMS_TOKEN, json: unknown = { provider: 'jedlix', code: '123456' }) =>
  call(`/api/chargers/${id}/pairings`, { json, token });
const unpair = (id: string, token = CSMS_TOKEN) =>
  call(`/api/chargers/${id}/pairings/jedlix`, { method: 'DELETE', token });

describe('the timeline', () => {
  it.each([
    ['csms', CSMS_TOKEN],
    ['operator', ADMIN_TOKEN],
  ])('says that the %s paired and unpaired, when, by which request and token', async (by, token) => {
    const id = await registered();
    const before = Date.now();
    const requests = [await pair(id, token), await unpair(id, token)];
    const items = await timelineOf(id);
    const caller = fingerprintOf(token);
    expect(items.map(({ entry }) => entry)).toEqual([
      { kind: 'paired', provider: 'jedlix', by, caller, origin: 'code-from-provider' },
      { kind: 'unpaired', provider: 'jedlix', by, caller },
    ]);
    expect(items.map(({ requestId }) => requestId)).toEqual(requests.map(({ headers }) => headers.get('x-request-id')));
    for (const { at } of items) expect(Math.abs(Date.parse(at) - before)).toBeLessThan(60_000);
    expect(JSON.stringify(items)).not.toContain(token);
  });

  it('says that the provider paired by a code of ours, and unpaired', async () => {
    const id = await registered();
    const options = { token: JEDLIX_TOKEN, json: { code: await issuedAt(id, Date.now()) } };
    const verified = await call('/v1/cpo/ocpp2.0.1/pair', options);
    await call('/v1/cpo/ocpp2.0.1/pair', options);
    await call(`/v1/cpo/chargingstations/${id}/unpair`, { method: 'POST', token: JEDLIX_TOKEN });
    const items = await timelineOf(id);
    const who = { provider: 'jedlix', by: 'provider', caller: `jedlix:${fingerprintOf(JEDLIX_TOKEN)}` };
    expect(items.map(({ entry }) => entry)).toEqual([
      { kind: 'paired', ...who, origin: 'code-from-us' },
      { kind: 'unpaired', ...who },
    ]);
    expect(items[0]?.requestId).toBe(verified.headers.get('x-request-id'));
  });

  it('names the EVSE when one EVSE was paired', async () => {
    const id = await registered();
    await pair(id, CSMS_TOKEN, { provider: 'jedlix', code: '1', format: 'ocpi', evseUid: uidOf(id) });
    await unpair(id);
    expect((await timelineOf(id)).map(({ entry }) => entry)).toMatchObject([
      { kind: 'paired', evseUid: uidOf(id) },
      { kind: 'unpaired', evseUid: uidOf(id) },
    ]);
  });

  it('says who unpaired a charger by removing it', async () => {
    const id = await registered();
    await pair(id);
    await call(`/api/chargers/${id}`, { method: 'DELETE' });
    expect(await entriesOf(id)).toMatchObject([
      { kind: 'paired' },
      { kind: 'unpaired', by: 'csms', caller: fingerprintOf(CSMS_TOKEN) },
      { kind: 'deregistered' },
    ]);
  });

  it('says nothing of a pairing that did not come to be', async () => {
    providersAnswer(() => new Response('{}', { status: 404 }));
    const id = await registered();
    await pair(id);
    expect(await timelineOf(id)).toEqual([]);
  });

  it('keeps who paired when the rest is forgotten, but no card and no session with it', async () => {
    const id = await registered();
    const start = { connectorId: 1, idTag: 'CARD', timestamp: '2026-03-31T13:00:00Z', meterStart: 100 };
    const response = { transactionId: 7, idTagInfo: { status: 'Accepted' } };
    const event = nativeEvent(id, { frame: [2, 'start', 'StartTransaction', start], response });
    await call('/webhooks/ocpp', { json: event });
    await pair(id);
    await call('/webhooks/ocpp', { json: nativeEvent(id) });
    await unpair(id);
    await call('/webhooks/ocpp', { json: nativeEvent(id) });
    const rows = await runInDurableObject(env.CHARGING_STATION.getByName(id), (_, { storage }) => {
      prune(storage.sql, Date.now() + 1);
      return storage.sql.exec<Record<'entry' | 'deliverables' | 'book', string>>(KEPT).toArray();
    });
    const records = rows.slice(0, -1);
    expect(records.map(({ entry }) => JSON.parse(entry).kind)).toEqual(['paired', 'unpaired']);
    expect(JSON.stringify(records)).not.toContain('CARD');
  });
});
