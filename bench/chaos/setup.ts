/** Registers and pairs the chargers of a crash test through the edge's own API. */
import { sandboxSettings } from '../../sandbox/settings.ts';
import { registrationOf, type FleetCharger, type ProviderName } from './fleet.ts';

const AT_ONCE = 8;

/** Tells a provider's app which code it has given out. */
export type GiveOut = (provider: ProviderName, code: string) => void;

/** Every charger registered, and paired by a code with each of its providers. */
export async function enrol(url: string, fleet: readonly FleetCharger[], giveOut: GiveOut): Promise<void> {
  const waiting = [...fleet];
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let charger = waiting.shift(); charger !== undefined; charger = waiting.shift()) {
      await enrolOne(url, charger, giveOut);
    }
  });
  await Promise.all(workers);
}

async function enrolOne(url: string, charger: FleetCharger, giveOut: GiveOut): Promise<void> {
  const path = `${url}/api/chargers/${charger.chargePointId}`;
  await call('PUT', path, registrationOf(charger));
  for (const provider of charger.providers) {
    const code = `${provider}-${charger.chargePointId}`;
    giveOut(provider, code);
    await call('POST', `${path}/pairings`, { provider, code });
  }
}

/** Calls the edge as its operator. Throws unless the answer is 2xx. */
export async function call(method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${sandboxSettings.ADMIN_TOKEN}`, 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}
