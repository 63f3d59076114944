/** Reads which message of which charger a request to a provider or the CSMS is. Refuses nothing; what is no message of a charger is undefined. */
import { textAt, valueAt } from '../../sandbox/demo/json.ts';
import { PROVIDER_NAMES, type RecipientName } from './fleet.ts';

/** What tells messages of one charger and provider apart: the charger, and the time the message carries (ms). */
export type MessageName = { readonly chargePointId: string; readonly at: number };

const NAMED: Readonly<Record<RecipientName, (path: string, body: unknown) => MessageName | undefined>> = {
  stekker: stekkerMessage,
  jedlix: jedlixMessage,
  csms: notification,
};

/** The time under which a charger's first pairing goes, before all events; that of its second is one more. */
export const PAIRED_AT = 0;

/** Which message a request is, or undefined when it is none of a session, status or pairing. */
export function nameOf(recipient: RecipientName, path: string, body: unknown): MessageName | undefined {
  return NAMED[recipient](path, body);
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

/** What is told of a session carries the time of its end; what is told of a pairing goes by its provider. */
function notification(_path: string, body: unknown): MessageName | undefined {
  const data = valueAt(body, 'data');
  const chargePointId = textAt(data, 'chargePointId');
  const provider = PROVIDER_NAMES.findIndex((name) => name === textAt(data, 'provider'));
  if (textAt(body, 'type') === 'pairing.created' && provider >= 0) return { chargePointId, at: PAIRED_AT + provider };
  return named(chargePointId, textAt(data, 'since'));
}

function named(chargePointId: string, timestamp: string): MessageName | undefined {
  const at = Date.parse(timestamp);
  return chargePointId === '' || Number.isNaN(at) ? undefined : { chargePointId, at };
}
