// Jedlix's OAuth 2.0 token endpoint for client credentials; it refuses wrong credentials, audiences and tokens that expired or were revoked.
import { randomBytes } from 'node:crypto';
import type { SandboxAnswer, SandboxRequest } from './http-server.ts';

/** The client that may ask for tokens, and how long a token lives (`expires_in`). */
export type TokenOptions = {
  clientId: string;
  clientSecret: string;
  audience: string;
  tokenLifetimeS?: number;
};

/** The token endpoint and the tokens that it gave out. */
export type TokenIssuer = {
  readonly issued: number;
  answer: (request: SandboxRequest) => SandboxAnswer;
  isValid: (authorization: string | undefined) => boolean;
  revokeAll: () => void;
};

/** Starts without tokens. Source: Jedlix guide, authentication; RFC 6749 §4.4 for the errors. */
export function createTokenIssuer(options: TokenOptions, now: () => Date): TokenIssuer {
  const lifetimeS = options.tokenLifetimeS ?? 3600;
  const expiryByToken = new Map<string, number>();
  let issued = 0;
  return {
    get issued() {
      return issued;
    },
    answer(request) {
      const refusal = tokenRefusal(request, options);
      if (refusal) return refusal;
      const token = `sandbox.${randomBytes(24).toString('base64url')}`;
      expiryByToken.set(token, now().getTime() + lifetimeS * 1000);
      issued += 1;
      return { status: 200, body: { access_token: token, expires_in: lifetimeS, token_type: 'Bearer' } };
    },
    isValid(authorization) {
      const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? '';
      return (expiryByToken.get(token) ?? 0) > now().getTime();
    },
    revokeAll: () => expiryByToken.clear(),
  };
}

function tokenRefusal(request: SandboxRequest, options: TokenOptions): SandboxAnswer | undefined {
  const isForm = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers['content-type'] ?? '');
  if (request.method !== 'POST') return oauthError(405, 'invalid_request');
  if (!isForm) return oauthError(400, 'invalid_request');
  const form = new URLSearchParams(request.bodyText);
  if (form.get('grant_type') !== 'client_credentials') return oauthError(400, 'unsupported_grant_type');
  const isClient = form.get('client_id') === options.clientId && form.get('client_secret') === options.clientSecret;
  if (!isClient) return oauthError(401, 'invalid_client');
  return form.get('audience') === options.audience ? undefined : oauthError(403, 'access_denied');
}

function oauthError(status: number, error: string): SandboxAnswer {
  return { status, body: { error } };
}
