/** Gives each request its id and its one log line. Logs the route, not the path, because a path may have a token. */
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { writeLog, type LogLevel } from '../log.ts';
import type { AppEnv } from './app-env.ts';

/** Sets `x-request-id` on every answer, and writes one "http.request" line with the routes' `logFields`. */
export const requestLog: MiddlewareHandler<AppEnv> = async (c, next) => {
  const startedAt = Date.now();
  const requestId = crypto.randomUUID();
  c.set('requestId', requestId);
  c.set('logFields', {});
  await next();
  const { headers } = c.res;
  headers.set('x-request-id', requestId);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  writeLog(levelOf(c.res.status, c.get('logFields')['scsp.reason']), 'http.request', {
    'http.request.method': c.req.method,
    'http.route': routePath(c, -1),
    'http.response.status_code': c.res.status,
    duration_ms: Date.now() - startedAt,
    'scsp.request_id': requestId,
    ...(c.error === undefined ? {} : errorFields(c.error)),
    ...c.get('logFields'),
  });
};

/**
 * 5xx answers that are nobody's fault here: chargers go offline every day, and what else fails has an alert of its own.
 */
const HARMLESS: Readonly<Record<string, LogLevel>> = {
  'charger-offline': 'info',
  'pairing-in-progress': 'info',
  'provider-unavailable': 'warn',
  'charger-no-answer': 'warn',
  'provider-rejected': 'warn',
};

/** The level of a request's line: 'error' only where somebody has to act. */
export function levelOf(status: number, reason: unknown): LogLevel {
  const harmless = HARMLESS[String(reason)];
  if (harmless !== undefined) return harmless;
  if (status >= 500) return 'error';
  return status >= 400 ? 'warn' : 'info';
}

function errorFields(error: Error): Record<string, unknown> {
  return {
    'exception.type': error.name,
    'exception.message': error.message.slice(0, 500),
    'exception.stacktrace': error.stack?.slice(0, 2000),
  };
}
