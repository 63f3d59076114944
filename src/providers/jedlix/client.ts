/** Calls Jedlix, with bearer token and API key. A refused token is renewed once (Jedlix guide: authentication). */
import type { DeliveryIo, Exchange, OutgoingMessage } from '../../recipient.ts';
import { exchange } from '../../outgoing.ts';
import type { JedlixSettings } from './settings.ts';
import { accessToken } from './token.ts';
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
