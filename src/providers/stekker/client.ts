/** Calls Stekker: the one file of its folder that touches the network (Stekker guide: authentication). */
import { exchange } from '../../outgoing.ts';
import type { Exchange, ProviderIo, ProviderMessage } from '../provider.ts';
import type { StekkerSettings } from './settings.ts';

/** Sends one message with Stekker's static token. */
export function send(message: ProviderMessage, settings: StekkerSettings, io: ProviderIo): Promise<Exchange> {
  const headers = {
    'content-type': 'application/json',
    authorization: `${settings.STEKKER_AUTH_SCHEME} ${settings.STEKKER_TOKEN}`,
    ...(io.traceparent !== undefined && { traceparent: io.traceparent }),
  };
  const url = `${settings.STEKKER_BASE_URL.replace(/\/+$/, '')}${message.path}`;
  return exchange(url, { method: message.method, headers, body: JSON.stringify(message.body) }, io.timeoutMs);
}
