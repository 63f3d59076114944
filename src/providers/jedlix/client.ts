/** Calls Jedlix: bearer token and API key on every call; a refused token is renewed once (Jedlix guide: authentication). */
import type { DeliveryIo, Exchange, OutgoingMessage } from '../../recipient.ts';
import { exchange } from '../../outgoing.ts';
import type { JedlixSettings } from './settings.ts';
import { accessToken } from './token.ts';
import { defined } from '../../defined.ts';

/** Statuses of a token that is no good, or not for this. */
const REFUSED = [401, 403];

/** Sends one message; on 401 and 403 once more with a new token. Without a token, the token server's answer is the exchange. */
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
