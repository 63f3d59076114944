// How a CSMS calls the edge's webhook: signed by Standard Webhooks, with a token, or with the token in the path.
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { parseJson } from './journal.ts';

/** How a webhook proves where it comes from. `Token` and `Bearer` mean the same to the edge. */
export type WebhookAuth =
  | { secret: string; id?: string; at?: Date }
  | { token: string; scheme?: 'Bearer' | 'Token' }
  | { pathToken: string };

/** A webhook call. `csms` names the format and defaults to `ocpp`. */
export type WebhookCall = { edgeUrl: string; events: unknown; auth: WebhookAuth; csms?: string };

/** The headers of a signed webhook. Source: Standard Webhooks 1.0, symmetric signatures. */
export function signedWebhook(
  secret: string,
  body: string,
  message: { id?: string; at?: Date } = {},
): Record<string, string> {
  const id = message.id ?? `msg_${randomUUID()}`;
  const at = message.at ?? new Date();
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}

/** Posts one event or an array of events to the edge. */
export async function postWebhook(call: WebhookCall): Promise<{ status: number; headers: Headers; body: unknown }> {
  const body = JSON.stringify(call.events);
  const pathToken = 'pathToken' in call.auth ? `/${encodeURIComponent(call.auth.pathToken)}` : '';
  const response = await fetch(new URL(`/webhooks/${call.csms ?? 'ocpp'}${pathToken}`, call.edgeUrl), {
    method: 'POST',
    headers: headersOf(call.auth, body),
    body,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parseJson(text) ?? text };
}

function headersOf(auth: WebhookAuth, body: string): Record<string, string> {
  if ('secret' in auth) return signedWebhook(auth.secret, body, auth);
  const json = { 'content-type': 'application/json' };
  return 'token' in auth ? { ...json, authorization: `${auth.scheme ?? 'Bearer'} ${auth.token}` } : json;
}
