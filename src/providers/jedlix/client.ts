/** Calls Jedlix, with bearer token and API key. A refused token is renewed once (Jedlix guide: authentication). */
import type { DeliveryIo, Exchange, OutgoingMessage } from '../../recipient.ts';
import { exchange } from '../../outgoing.ts';
import type { JedlixSettings } from './settings.ts';
import { accessToken, fetchToken } from './token.ts';
import { stepsOfProbe, type CheckStep } from '../check.ts';
import { defined } from '../../defined.ts';

/** Statuses which mean that the token is not valid, or not for this call. */
const REFUSED = [401, 403];

/** Sends one message; on 401 and 403, once more with a new token. Without a token, gives the token server's answer. */
export async function send(message: OutgoingMessage, settings: JedlixSettings, io: DeliveryIo): Promise<Exchange> {
  const token = await accessToken(settings, io);
  if (!token.ok) return token.error;
  const first = await sendWith(token.value, message, settings, io);
  if (first.kind === 'no-answer' || !REFUSED.includes(first.status)) return first;
  const renewed = await accessToken(settings, io, token.value);
  return renewed.ok ? sendWith(renewed.value, message, settings, io) : renewed.error;
}

/**
 * A uid that no charger of ours can have, because of its spaces: Jedlix's guide says 404 for it, and 401 without
 * credentials.
 */
const NOBODY = {
  name: 'Check',
  method: 'POST',
  path: `/v1/scsp/chargingstations/${encodeURIComponent('scsp edge check')}/unpair`,
  body: {},
} as const;

/** The steps "token", "host" and "credentials": gets a new token, then asks to unpair a charger that does not exist. */
export async function check(settings: JedlixSettings, io: DeliveryIo): Promise<readonly CheckStep[]> {
  const token = await fetchToken(settings, io);
  if (!token.ok) {
    const { error } = token;
    const cause = error.kind === 'answer' ? `it answered ${error.status}` : error.detail;
    return [{ name: 'token', ok: false, detail: `The token server gave no token: ${cause}.` }];
  }
  const probe = await sendWith(token.value.access_token, NOBODY, settings, io);
  return [{ name: 'token', ok: true, detail: 'The token server gave a token.' }, ...stepsOfProbe(probe, 404)];
}

function sendWith(
  token: string,
  message: OutgoingMessage,
  settings: JedlixSettings,
  io: DeliveryIo,
): Promise<Exchange> {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    ApiKey: settings.JEDLIX_API_KEY,
    ...defined({ traceparent: io.traceparent }),
  };
  const url = `${settings.JEDLIX_BASE_URL.replace(/\/+$/, '')}${message.path}`;
  return exchange(url, { method: message.method, headers, body: JSON.stringify(message.body) }, io.timeoutMs);
}
