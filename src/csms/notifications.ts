/**
 * The CSMS as a recipient: notifications by Standard Webhooks. It takes what every recipient takes, and is paired with
 * nothing.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { defined } from '../defined.ts';
import { classifyByHttp } from '../http-outcome.ts';
import { CSMS } from '../notification.ts';
import { exchange } from '../outgoing.ts';
import type { Problem } from '../problem.ts';
import type { Recipient } from '../recipient.ts';
import { err, ok, type Result } from '../result.ts';
import { misconfigured, parseSettings } from '../settings.ts';
import { signedHeaders, webhookSecret } from '../standard-webhooks.ts';

type Source = Readonly<Record<string, unknown>>;

const Settings = z.object({ CSMS_EVENTS_URL: z.url({ protocol: /^https?$/ }), CSMS_EVENTS_SECRET: webhookSecret });

/** Reads the settings: undefined when notifications are off. A URL of our own would only tell us what we know. */
export function configureNotifications(source: Source): Result<Recipient | undefined, Problem> {
  if (!source['CSMS_EVENTS_URL'] && !source['CSMS_EVENTS_SECRET']) return ok(undefined);
  const settings = parseSettings(Settings, source);
  if (!settings.ok) return settings;
  const { CSMS_EVENTS_URL: url, CSMS_EVENTS_SECRET: secret } = settings.value;
  if (originOf(url) === originOf(source['PUBLIC_BASE_URL'])) return err(misconfigured(['CSMS_EVENTS_URL']));
  return ok(recipientAt(url, secret));
}

/** The origin of a URL, or undefined when it is none. */
export function originOf(url: unknown): string | undefined {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : undefined;
}

const recipientAt = (url: string, secret: string): Recipient => ({
  name: CSMS,
  // What is owed to the CSMS is a message from the start.
  translate: () => [],
  send: (message, { timeoutMs, now, traceparent }) => {
    const body = JSON.stringify(message.body);
    const signed = signedHeaders(secret, { id: idOf(body), timestampS: Math.floor(now / 1000), body });
    const headers = { 'content-type': 'application/json', ...defined({ traceparent }), ...signed };
    return exchange(url, { method: message.method, headers, body }, timeoutMs);
  },
  classify: classifyByHttp,
});

/** The same notification has the same id whenever it is sent, so that the receiver knows a repeat. */
const idOf = (body: string) => `msg_${createHash('sha256').update(body).digest('base64url').slice(0, 27)}`;
