/** Turns a problem into an RFC 9457 answer. The caller gets what it may know; the problem's context goes to the log. */
import type { Context } from 'hono';
import { PROBLEMS, problem, type Problem } from '../problem.ts';
import { RegistryUnavailable } from '../storage/chargers.ts';
import type { AppEnv } from './app-env.ts';

/** When the caller may try again after a failure of ours that names no time, in seconds. */
const RETRY_AFTER_S = 5;

/** Answers with `application/problem+json`; `members` are extension members (RFC 9457 §3.2) beside ours. */
export function answerProblem(
  c: Context<AppEnv>,
  failure: Problem,
  members: Readonly<Record<string, unknown>> = {},
): Response {
  const { reason, detail, errors } = failure;
  const { status, title } = PROBLEMS[reason];
  noteProblem(c, failure);
  const body = {
    type: `urn:scsp-edge:problem:${reason}`,
    title,
    status,
    detail,
    reason,
    requestId: c.get('requestId'),
    ...(errors === undefined ? {} : { errors }),
    ...members,
  };
  return new Response(JSON.stringify(body), { status, headers: headersOf(failure, status) });
}

/** Puts a problem into this request's log line. A route with its own form of errors calls it before it answers. */
export function noteProblem(c: Context<AppEnv>, { reason, context }: Problem): void {
  const fields = c.get('logFields');
  fields['scsp.reason'] = reason;
  if (context !== undefined) fields['scsp.context'] = context;
}

/** The delay that the caller is told, in seconds; undefined when trying again cannot help. */
export function retryAfterOf({ reason, retryAfterS }: Problem): number | undefined {
  if (retryAfterS !== undefined) return Math.max(1, Math.ceil(retryAfterS));
  const { status } = PROBLEMS[reason];
  return status === 500 || status === 503 ? RETRY_AFTER_S : undefined;
}

function headersOf(failure: Problem, status: number): Headers {
  const headers = new Headers({ 'content-type': 'application/problem+json' });
  const retryAfterS = retryAfterOf(failure);
  if (retryAfterS !== undefined) headers.set('retry-after', String(retryAfterS));
  if (status === 401) headers.set('www-authenticate', 'Bearer');
  return headers;
}

/** The problem of an exception: 'overloaded' when the platform says so, 'registry-unavailable', else 'internal'. */
export function problemOfError(error: unknown): Problem {
  if (error instanceof RegistryUnavailable)
    return problem('registry-unavailable', 'Whose events these are cannot be looked up now; send the request again.');
  if (isOverloaded(error)) return problem('overloaded', 'Too much at once; send the request again later.');
  return problem('internal', 'Something failed on our side; the request may be sent again.');
}

/** Durable Objects mark the error object. D1 says it in the message only. */
function isOverloaded(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('overloaded' in error && error.overloaded === true) || /\boverloaded\b/i.test(error.message);
}
