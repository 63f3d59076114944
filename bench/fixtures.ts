/** Chargers in the middle of a session, and their readings as requests made ready. */
import { signedWebhook } from '../sandbox/csms-webhook.ts';
import { sandboxSettings } from '../sandbox/settings.ts';
import type { FleetCharger } from './chaos/fleet.ts';
import { narratorOf, type Narrator, type Told } from './cost/session.ts';
import { rateOf, type Prepared } from './load.ts';

/** How a webhook proves where it comes from. */
export type Auth = 'token' | 'signature';

/** Chargers paired with both providers. */
export function chargersFor(count: number): FleetCharger[] {
  return idsOf(count).map((id) => {
    return { chargePointId: id, ocppIdentity: id, connectors: 1, providers: ['stekker', 'jedlix'] };
  });
}

/** Who speaks for these chargers. */
export function narratorsFor(count: number): Narrator[] {
  return idsOf(count).map(narratorOf);
}

/** Tells the edge of a start on every charger. */
export async function startSessions(url: string, count: number): Promise<Narrator[]> {
  const narrators = narratorsFor(count);
  const requests = narrators.map(({ start }) => requestOf(start(), 'token'));
  await rateOf({ origin: url, requests, atOnce: 1, expects: 202 });
  return narrators;
}

/** One reading a request, the chargers by turns, each so many times. */
export function readingsOf(narrators: readonly Narrator[], each: number, auth: Auth): Prepared[] {
  return Array.from({ length: each }, () => narrators.map(({ meterValues }) => requestOf(meterValues(), auth))).flat();
}

/** The request of one event. */
export function requestOf({ event }: Told, auth: Auth): Prepared {
  const body = JSON.stringify(event);
  const token = { 'content-type': 'application/json', authorization: `Bearer ${sandboxSettings.CSMS_TOKENS}` };
  const headers = auth === 'token' ? token : signedWebhook(sandboxSettings.CSMS_WEBHOOK_SECRETS, body);
  return { path: '/webhooks/ocpp', headers, body };
}

const idsOf = (count: number) => Array.from({ length: count }, (_, index) => `cp-${index}`);
