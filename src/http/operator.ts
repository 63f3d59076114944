/**
 * Who asks as the operator: by the admin token, by the cookie of a console session, or as an identity that Cloudflare
 * Access has verified.
 */
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { accessIdentity } from './console/access.ts';
import { isSession, SESSION_COOKIE } from './console/session.ts';
import type { AppEnv, Caller } from './app-env.ts';
import { credentialOf, recognise } from '../secret.ts';

/** The header that a console's writes carry: no other site can make a browser send it. */
export const CONSOLE_HEADER = 'x-scsp-console';

/** An operator, and whether it is a browser that says so without being asked: with a cookie. */
export type Operator = Caller & { readonly isBrowser: boolean };

/** The operator who asks; undefined when nobody does. A request with an `authorization` header is judged by that alone. */
export async function operatorOf(c: Context<AppEnv>): Promise<Operator | undefined> {
  const config = c.get('config');
  const authorization = c.req.header('authorization');
  if (authorization !== undefined) {
    const caller = recognise(credentialOf(authorization), config.adminTokens);
    return caller === undefined ? undefined : { by: 'operator', caller, isBrowser: false };
  }
  const session = getCookie(c, SESSION_COOKIE);
  if (session !== undefined && isSession(config.adminTokens, session, Date.now()))
    return { by: 'operator', caller: 'console', isBrowser: true };
  const identity = await accessIdentity(config.access, c.req.header('cf-access-jwt-assertion'));
  return identity === undefined ? undefined : { by: 'operator', caller: identity, isBrowser: true };
}

/** Whether a browser may do this: it reads, or its page has said that it is the console. */
export function isMeant(c: Context<AppEnv>, { isBrowser }: Operator): boolean {
  return !isBrowser || c.req.method === 'GET' || c.req.method === 'HEAD' || c.req.header(CONSOLE_HEADER) !== undefined;
}
