/** A console session: a signed text in a cookie, so that nothing is stored. It ends with its token, or after 12 hours. */
import { isSignedToken, recognise, signedToken } from '../../secret.ts';

/** `__Host-`: the browser takes it over HTTPS only (or from localhost), for this host only. */
export const SESSION_COOKIE = '__Host-scsp-session';
export const SESSION_MS = 12 * 60 * 60_000;

const PURPOSE = 'console-session';

/**
 * A session for who presented one of the admin tokens at `now` (ms); undefined for anything else. It is signed with that
 * token, so it ends when the token is taken away.
 */
export function sessionFor(candidate: string, adminTokens: readonly string[], now: number): string | undefined {
  if (recognise(candidate, adminTokens) === undefined) return undefined;
  return signedToken(candidate, PURPOSE, String(now + SESSION_MS));
}

/** Whether we made this session, with a token that still counts, and its time is not over. */
export function isSession(adminTokens: readonly string[], session: string, now: number): boolean {
  const expiresAt = Number(/^(\d{13,15})\./.exec(session)?.[1] ?? 0);
  return expiresAt > now && adminTokens.some((token) => isSignedToken(token, PURPOSE, session));
}
