/** Lets a CSMS's webhook in by bearer token, path token or signature: one is enough. Refuses all when none is set. */
import type { Config } from '../../config.ts';
import type { Problem } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import { unauthorized } from '../bearer.ts';
import { readBody } from '../body.ts';
import { credentialOf, isOneOf } from '../../secret.ts';
import { isSignedBy, signatureHeadersOf } from '../../standard-webhooks.ts';

export type WebhookCaller = {
  readonly request: Request;
  readonly pathToken: string | undefined;
  readonly config: Config;
  readonly now: number;
};

/**
 * The raw body of an authenticated webhook. A token is checked before the body is read. A signature needs the body,
 * which is bounded. 'unauthorized' or 'body-too-large'.
 */
export async function readAuthenticated(caller: WebhookCaller): Promise<Result<Uint8Array, Problem>> {
  const { request, pathToken, config } = caller;
  const bearer = credentialOf(request.headers.get('authorization') ?? undefined);
  const hasToken = isOneOf(bearer, config.csmsTokens) || isOneOf(pathToken, config.csmsTokens);
  return hasToken ? readBody(request) : readSigned(caller);
}

async function readSigned({ request, config, now }: WebhookCaller): Promise<Result<Uint8Array, Problem>> {
  const headers = signatureHeadersOf(request.headers);
  if (headers === undefined || config.csmsWebhookSecrets.length === 0) return err(unauthorized());
  const body = await readBody(request);
  if (!body.ok) return body;
  const isSigned = isSignedBy(config.csmsWebhookSecrets, headers, body.value, now);
  return isSigned ? ok(body.value) : err(unauthorized());
}
