/** Every failure that a caller may be told of, and the table from its reason to the HTTP answer. */

/** `detail` is for the caller, and never has a secret. `context` is for the log only. */
export type Problem = {
  readonly reason: ProblemReason;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterS?: number;
  readonly context?: Readonly<Record<string, unknown>>;
};

/** One wrong field: `path` is dotted ("evses.0.connectors.1.maxVoltage"). */
export type FieldError = { readonly path: string; readonly message: string };

/** Reason → status and title. A reason that is not here does not compile. docs/problems.md is checked against it. */
export const PROBLEMS = {
  'batch-too-large': { status: 400, title: 'Too many events in one request' },
  'body-not-json': { status: 400, title: 'The body is not JSON' },
  'body-too-deep': { status: 400, title: 'The body is nested too deep' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'callback-unknown': { status: 404, title: 'No command waits for this answer' },
  'charger-already-paired': { status: 409, title: 'The charger is already paired' },
  'charger-invalid': { status: 400, title: 'The charger is invalid' },
  'charger-no-answer': { status: 503, title: 'The charger does not answer' },
  'charger-offline': { status: 503, title: 'The charger is offline' },
  'charger-unknown': { status: 404, title: 'No such charger' },
  'charger-unknown-to-csms': { status: 404, title: 'The CSMS does not know the charger' },
  'command-failed': { status: 502, title: 'The CSMS failed' },
  'console-header-missing': { status: 403, title: 'The header of the console is missing' },
  'content-type-unsupported': { status: 415, title: 'The content type is not JSON' },
  'cursor-invalid': { status: 400, title: 'The cursor or limit is invalid' },
  'dead-letter-unknown': { status: 404, title: 'No such parked message' },
  'envelope-invalid': { status: 400, title: 'The body is not the documented envelope' },
  'erasure-invalid': { status: 400, title: 'The erasure is invalid' },
  'erasure-unknown': { status: 404, title: 'No such erasure' },
  'event-too-old': { status: 400, title: 'The event is too old' },
  'evse-mismatch': { status: 400, title: 'The profile names the wrong EVSE' },
  'evse-uid-taken': { status: 409, title: 'Another charger has this EVSE uid' },
  'evse-unknown': { status: 400, title: 'No such EVSE' },
  'frame-invalid': { status: 400, title: 'The OCPP frame cannot be read' },
  'idempotency-key-invalid': { status: 400, title: 'The Idempotency-Key is malformed' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key belongs to another request' },
  internal: { status: 500, title: 'Internal error' },
  'limit-negative': { status: 400, title: 'The charger cannot discharge' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  misconfigured: { status: 500, title: 'The service is misconfigured' },
  'no-session': { status: 400, title: 'No session is running' },
  'not-found': { status: 404, title: 'No such route' },
  'ocpp-identity-taken': { status: 409, title: 'Another charger has this OCPP identity' },
  overloaded: { status: 503, title: 'Overloaded' },
  'pairing-code-incorrect': { status: 404, title: 'The pairing code is incorrect' },
  'pairing-in-progress': { status: 409, title: 'The charger is being paired at this moment' },
  'pairing-invalid': { status: 400, title: 'The pairing request is invalid' },
  'pairing-unknown': { status: 404, title: 'The charger is not paired with this provider' },
  'profile-invalid': { status: 400, title: 'The charging profile is invalid' },
  'profile-not-supported': { status: 400, title: 'The charger does not support the profile' },
  'profile-rejected': { status: 400, title: 'The charger rejected the profile' },
  'protocol-unknown': { status: 400, title: 'The OCPP version is not supported' },
  'provider-half-configured': { status: 503, title: 'This provider is only half configured' },
  'provider-misconfigured': { status: 502, title: 'The provider refused our credentials' },
  'provider-off': { status: 404, title: 'This provider is not configured' },
  'provider-rejected': { status: 502, title: 'The provider refused the request' },
  'provider-unavailable': { status: 503, title: 'The provider does not answer' },
  'provider-unknown': { status: 400, title: 'No such provider' },
  'purpose-not-allowed': { status: 400, title: 'This purpose may not be set' },
  'query-invalid': { status: 400, title: 'No such query parameter' },
  'registry-unavailable': { status: 503, title: 'The registry cannot be read' },
  'several-schedules': { status: 400, title: 'The charger takes one schedule' },
  'start-period-not-zero': { status: 400, title: 'The schedule does not start at 0' },
  'station-full': { status: 503, title: 'The charger’s storage is full' },
  superseded: { status: 503, title: 'A newer profile came' },
  'too-many-codes': { status: 429, title: 'Too many codes for this charger' },
  'too-many-profiles': { status: 400, title: 'Too many charging profiles in one place' },
  'transaction-unknown': { status: 400, title: 'No such transaction' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  unauthorized: { status: 401, title: 'Authentication is missing or wrong' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemReason = keyof typeof PROBLEMS;

/** A status that some problem is answered with. */
export type ProblemStatus = (typeof PROBLEMS)[ProblemReason]['status'];

/** Builds a problem; `extra` carries field errors, a retry delay or context for the log. */
export function problem(
  reason: ProblemReason,
  detail: string,
  extra: Omit<Problem, 'reason' | 'detail'> = {},
): Problem {
  return { reason, detail, ...extra };
}

/** A detail as a sentence, with a capital letter and a full stop. */
export function sentence(detail: string): string {
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
}
