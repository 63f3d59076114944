/** What an operation of the API is, and what operations have in common. */
import type * as z from 'zod';
import type { ProblemReason } from '../src/problem.ts';
import { JedlixMessage, Problem } from './answers/index.ts';

/** Who may call: the CSMS (or the operator), the operator alone, a provider, a webhook's sender, or everyone. */
export type Caller = 'csms' | 'admin' | 'jedlix' | 'stekker' | 'webhook' | 'everyone';

/** `path` in OpenAPI's form. `answers`: status → its body, null for none. `examples` are of the request's body. */
export type Operation = {
  readonly id: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly caller: Caller;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: z.ZodType;
  readonly examples?: Readonly<Record<string, unknown>>;
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
  readonly problems: readonly ProblemReason[];
  /** The statuses of refusals in the provider's own form. */
  readonly refusals?: readonly number[];
};

/** Any route may be answered with these: what happens to us happens to all. */
const ANYWHERE: readonly ProblemReason[] = ['internal', 'misconfigured', 'overloaded'];
const WITH_TOKEN: readonly ProblemReason[] = ['unauthorized', 'query-invalid', 'console-header-missing'];

/** The reasons of a JSON body that cannot be read. */
export const BODY: readonly ProblemReason[] = [
  'body-not-json',
  'body-too-deep',
  'body-too-large',
  'content-type-unsupported',
];

export const PAGE = {
  limit: 'How many, 1 to 500; 100 unless told otherwise.',
  cursor: 'Where the page begins, as the page before gave it.',
};

/** The reasons of a provider or target that cannot be chosen. */
export const PAIRING_CHOICE = [
  'provider-unknown',
  'provider-off',
  'provider-half-configured',
  'pairing-invalid',
] as const satisfies readonly ProblemReason[];

/** The reasons for which a pairing does not come to be. */
export const PAIRING = [
  ...PAIRING_CHOICE,
  'charger-unknown',
  'pairing-code-incorrect',
  'charger-already-paired',
  'pairing-in-progress',
  'provider-rejected',
  'provider-misconfigured',
  'provider-unavailable',
] as const satisfies readonly ProblemReason[];

/** The reasons that an operation may be refused for. */
export function reasonsOf({ caller, problems }: Operation): readonly ProblemReason[] {
  return [...new Set([...problems, ...(['csms', 'admin'].includes(caller) ? WITH_TOKEN : []), ...ANYWHERE])].toSorted();
}

/** The body of an answer with this status; null for none, undefined when the operation has no such status. */
export function answerSchema(operation: Operation, status: number, statusOf: (reason: ProblemReason) => number) {
  const answer = operation.answers[status];
  if (answer !== undefined) return answer;
  if (status === 304 && isConditional(operation)) return null;
  if (operation.refusals !== undefined) return operation.refusals.includes(status) ? JedlixMessage : undefined;
  return reasonsOf(operation).some((reason) => statusOf(reason) === status) ? Problem : undefined;
}

/** Whether a caller who has the answer already can be told that it has not changed. */
export const isConditional = ({ method, path }: Operation) => method === 'GET' && path.startsWith('/api/');
