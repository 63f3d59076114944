/** Reads what reached a provider: which message of which charger it was. Refuses nothing; what is no message of a charger is left out. */
import { parseJson } from '../../sandbox/journal.ts';
import { valueAt, textAt } from '../../sandbox/demo/json.ts';
import { isTaken, type Reached, type Trouble } from './faults.ts';
import type { ProviderName } from './fleet.ts';

/** One arrival. `at` is the time the message carries, `reachedAt` when it came (both ms); `isTaken`: the provider acted on it. */
export type Arrival = {
  readonly provider: ProviderName;
  readonly chargePointId: string;
  readonly at: number;
  readonly reachedAt: number;
  /** Counts arrivals at this provider. */
  readonly place: number;
  readonly trouble: Trouble;
  readonly isTaken: boolean;
};

/** What tells messages of one charger and provider apart. */
export type MessageName = Pick<Arrival, 'chargePointId' | 'at'>;

const NAMED: Readonly<Record<ProviderName, (path: string, body: unknown) => MessageName | undefined>> = {
  stekker: stekkerMessage,
  jedlix: jedlixMessage,
};

/** The messages among what reached a provider. `refused` are bodies, letter by letter, that the provider's own checks refused. */
export function arrivalsAt(
  provider: ProviderName,
  reached: readonly Reached[],
  refused: ReadonlySet<string>,
): Arrival[] {
  return reached.flatMap(({ at: reachedAt, request, trouble }, place) => {
    const name = nameOf(provider, request.path, parseJson(request.bodyText));
    if (name === undefined) return [];
    return [
      { provider, ...name, reachedAt, place, trouble, isTaken: isTaken(trouble) && !refused.has(request.bodyText) },
    ];
  });
}

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
