/** Calls Stekker (Stekker guide: authentication). */
import type { DeliveryIo, Exchange, OutgoingMessage } from '../../recipient.ts';
import { exchange } from '../../outgoing.ts';
import type { StekkerSettings } from './settings.ts';
import { EVENTS_PATH } from './translate.ts';
import { defined } from '../../defined.ts';

/**
 * What Stekker answers to a GET of the address that takes events, with our token. Its guide names no such request, so
 * any answer but a refusal says only that the host is there.
 */
export function probe(settings: StekkerSettings, io: DeliveryIo): Promise<Exchange> {
  return exchange(
    urlOf(EVENTS_PATH, settings),
    { headers: { authorization: authorizationOf(settings) } },
    io.timeoutMs,
  );
}

/** Sends one message with Stekker's static token. */
export function send(message: OutgoingMessage, settings: StekkerSettings, io: DeliveryIo): Promise<Exchange> {
  const headers = {
    'content-type': 'application/json',
    authorization: authorizationOf(settings),
    ...defined({ traceparent: io.traceparent }),
  };
  return exchange(
    urlOf(message.path, settings),
    { method: message.method, headers, body: JSON.stringify(message.body) },
    io.timeoutMs,
  );
}

const authorizationOf = ({ STEKKER_AUTH_SCHEME, STEKKER_TOKEN }: StekkerSettings) =>
  `${STEKKER_AUTH_SCHEME} ${STEKKER_TOKEN}`;

const urlOf = (path: string, { STEKKER_BASE_URL }: StekkerSettings) => `${STEKKER_BASE_URL.replace(/\/+$/, '')}${path}`;
