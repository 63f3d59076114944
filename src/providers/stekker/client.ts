/** Calls Stekker (Stekker guide: authentication). */
import type { DeliveryIo, Exchange, OutgoingMessage } from '../../recipient.ts';
import { exchange } from '../../outgoing.ts';
import type { StekkerSettings } from './settings.ts';
import { defined } from '../../defined.ts';

/** Sends one message with Stekker's static token. */
export function send(message: OutgoingMessage, settings: StekkerSettings, io: DeliveryIo): Promise<Exchange> {
  const headers = {
    'content-type': 'application/json',
    authorization: `${settings.STEKKER_AUTH_SCHEME} ${settings.STEKKER_TOKEN}`,
    ...defined({ traceparent: io.traceparent }),
  };
  const url = `${settings.STEKKER_BASE_URL.replace(/\/+$/, '')}${message.path}`;
  return exchange(url, { method: message.method, headers, body: JSON.stringify(message.body) }, io.timeoutMs);
}
