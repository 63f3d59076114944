/** Reads which message of which charger a provider's request is. Refuses nothing; what is no message of a charger is undefined. */
import { textAt, valueAt } from '../../sandbox/demo/json.ts';
import type { ProviderName } from './fleet.ts';

/** What tells messages of one charger and provider apart: the charger, and the time the message carries (ms). */
export type MessageName = { readonly chargePointId: string; readonly at: number };

const NAMED: Readonly<Record<ProviderName, (path: string, body: unknown) => MessageName | undefined>> = {
  stekker: stekkerMessage,
  jedlix: jedlixMessage,
};

/** Which message a provider's request is, or undefined when it is none of a session or status. */
export function nameOf(provider: ProviderName, path: string, body: unknown): MessageName | undefined {
  return NAMED[provider](path, body);
}

function stekkerMessage(_path: string, body: unknown): MessageName | undefined {
  const params = valueAt(body, 'event', 'params');
  const timestamp = textAt(params, 'timestamp') || textAt(params, 'meterValue', 0, 'timestamp');
  return named(textAt(body, 'chargePointId'), timestamp);
}

function jedlixMessage(path: string, body: unknown): MessageName | undefined {
  const uid = /\/chargingstations\/([^/]+)\/events\/[^/]+\/TransactionEvent$/.exec(path)?.[1];
  return uid === undefined ? undefined : named(decodeURIComponent(uid), textAt(body, 'timestamp'));
}

function named(chargePointId: string, timestamp: string): MessageName | undefined {
  const at = Date.parse(timestamp);
  return chargePointId === '' || Number.isNaN(at) ? undefined : { chargePointId, at };
}
