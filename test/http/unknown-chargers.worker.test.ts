/** Events of chargers that nobody registered: ignored, and named in the log. */
import { afterEach, expect, it, vi } from 'vitest';
import { call, freshId, registered } from './client.ts';

afterEach(() => vi.restoreAllMocks());

const booted = (station: object) => ({
  ...station,
  protocol: 'ocpp1.6',
  timestamp: '2026-03-31T12:00:00Z',
  frame: [2, crypto.randomUUID(), 'StatusNotification', { connectorId: 1, status: 'Available', errorCode: 'NoError' }],
});

it('names at most five of them in the request line, and says how many there are', async () => {
  const lines: Record<string, unknown>[] = [];
  vi.spyOn(console, 'info').mockImplementation((line) => void lines.push(JSON.parse(String(line))));
  const identities = Array.from({ length: 6 }, () => freshId());
  const [id, chargePointId] = [await registered(), freshId()];
  const stations = [...identities.map((ocppIdentity) => ({ ocppIdentity })), { chargePointId }, { chargePointId: id }];
  const json = [...stations, ...stations].map(booted);
  const response = await call('/webhooks/ocpp', { json });
  expect(await response.json()).toMatchObject({ received: 2, ignoredReasons: { 'charger-unknown': 14 } });
  expect(lines.find((line) => line['http.route'] === '/webhooks/:csms')).toMatchObject({
    'scsp.unknown_chargers': identities.slice(0, 5),
    'scsp.unknown_chargers_count': 7,
  });
});

it('says nothing of them when all are registered', async () => {
  const lines: string[] = [];
  vi.spyOn(console, 'info').mockImplementation((line) => void lines.push(String(line)));
  const response = await call('/webhooks/ocpp', { json: booted({ chargePointId: await registered() }) });
  expect(response.status).toBe(202);
  expect(lines.join()).not.toContain('unknown_chargers');
});
