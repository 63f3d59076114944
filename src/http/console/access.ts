/** Cloudflare Access in front of the console: the identity that it has verified, by its signed assertion. */
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type { AccessSettings } from '../../config.ts';
import { writeLog } from '../../log.ts';

/** The keys of each team, fetched when they are needed and kept by `jose`. */
const keysOf = new Map<string, JWTVerifyGetKey>();

/**
 * The e-mail (else the name of a service token, else the subject) of a valid assertion; undefined for none, for one of
 * another team or application, and when the team's keys cannot be fetched.
 */
export async function accessIdentity(
  access: AccessSettings | undefined,
  assertion: string | undefined,
): Promise<string | undefined> {
  if (access === undefined || assertion === undefined) return undefined;
  const { origin, audience } = access;
  const keys = keysOf.get(origin) ?? createRemoteJWKSet(new URL(`${origin}/cdn-cgi/access/certs`));
  keysOf.set(origin, keys);
  try {
    const { payload } = await jwtVerify(assertion, keys, { issuer: origin, audience, algorithms: ['RS256'] });
    const { email, common_name: name, sub } = payload;
    return [email, name, sub].find((each): each is string => typeof each === 'string' && each !== '');
  } catch (error) {
    // A forged or old assertion is everyday. Keys that cannot be fetched lock the operators out.
    const isOfCaller = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
    if (!isOfCaller) writeLog('error', 'access.fault', { 'scsp.access_team': origin, error: String(error) });
    return undefined;
  }
}
