/**
 * Jedlix's OAuth token. It is fetched by client credentials, and used until shortly before it expires (RFC 6749 §4.4).
 * It is kept in memory. KV keeps it for other isolates and for restarts.
 */
import type { DeliveryIo, Exchange } from '../../recipient.ts';
import * as z from 'zod';
import { err, ok, type Result } from '../../result.ts';
import { parseJson } from '../../json.ts';
import { exchange } from '../../outgoing.ts';
import type { JedlixSettings } from './settings.ts';

/** A token is not used in the last seconds of its life: so many, in s. */
const MARGIN_S = 60;
/** KV keeps nothing for less than a minute. */
const MIN_KV_TTL_S = 60;

/** 4xx answers that do not mean that our credentials are wrong. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().default(300),
});
const CachedToken = z.object({ token: z.string().min(1), expiresAt: z.number() });
type CachedToken = z.infer<typeof CachedToken>;

/** One token for each settings object: new credentials bring a new object, so no old token is used with them. */
const inMemory = new WeakMap<JedlixSettings, CachedToken>();

/**
 * A valid access token. `refused` is a token that Jedlix just refused, so a cached token is used only if it is another
 * one. The failure is the exchange with the token server, which can be classified.
 */
export async function accessToken(
  settings: JedlixSettings,
  io: DeliveryIo,
  refused?: string,
): Promise<Result<string, Exchange>> {
  const isGood = ({ token, expiresAt }: CachedToken) => token !== refused && expiresAt > io.now;
  const known = inMemory.get(settings);
  if (known !== undefined && isGood(known)) return ok(known.token);
  const key = await cacheKey(settings);
  const cached = await readCached(io.cache, key);
  if (cached !== undefined && isGood(cached)) {
    inMemory.set(settings, cached);
    return ok(cached.token);
  }
  const fetched = await fetchToken(settings, io);
  if (!fetched.ok) return fetched;
  const { access_token: token, expires_in: lifeS } = fetched.value;
  const expiresAt = io.now + Math.max(lifeS - MARGIN_S, lifeS / 2) * 1000;
  inMemory.set(settings, { token, expiresAt });
  const stored = io.cache.put(key, JSON.stringify({ token, expiresAt }), {
    expirationTtl: Math.max(MIN_KV_TTL_S, Math.floor(lifeS)),
  });
  // KV takes one write a second for a key. When several stations fetch at once, some writes fail, without harm.
  await Promise.allSettled([stored]);
  return ok(token);
}

/** The cached token; undefined when KV fails or has something else. Then the token server is asked. */
async function readCached(cache: KVNamespace, key: string): Promise<CachedToken | undefined> {
  const [read] = await Promise.allSettled([cache.get(key)]);
  if (read.status === 'rejected' || read.value === null) return undefined;
  const cached = CachedToken.safeParse(parseJson(read.value));
  return cached.success ? cached.data : undefined;
}

/** The cache key changes with the credentials, so new ones take effect at once. It has a digest of the secret only. */
async function cacheKey(settings: JedlixSettings): Promise<string> {
  const { JEDLIX_TOKEN_URL, JEDLIX_AUDIENCE, JEDLIX_CLIENT_ID, JEDLIX_CLIENT_SECRET } = settings;
  const identity = JSON.stringify([JEDLIX_TOKEN_URL, JEDLIX_AUDIENCE, JEDLIX_CLIENT_ID, JEDLIX_CLIENT_SECRET]);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(identity));
  const hex = Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `jedlix:token:${hex}`;
}

/** A new token from the token server. The failure is the exchange with it, ready to be classified. */
export async function fetchToken(
  settings: JedlixSettings,
  io: DeliveryIo,
): Promise<Result<z.infer<typeof TokenAnswer>, Exchange>> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: settings.JEDLIX_CLIENT_ID,
    client_secret: settings.JEDLIX_CLIENT_SECRET,
    audience: settings.JEDLIX_AUDIENCE,
  });
  const answer = await exchange(settings.JEDLIX_TOKEN_URL, { method: 'POST', body }, io.timeoutMs);
  if (answer.kind === 'no-answer') return err(answer);
  const isRefusal = answer.status >= 400 && answer.status < 500 && !PASSING.has(answer.status);
  if (isRefusal) return err({ kind: 'no-answer', cause: 'credential', detail: `token-server-http-${answer.status}` });
  const token = answer.status === 200 ? TokenAnswer.safeParse(parseJson(answer.body)) : undefined;
  if (token?.success) return ok(token.data);
  const isPassing = answer.status >= 500 || PASSING.has(answer.status);
  return err({ ...answer, status: isPassing ? answer.status : 502, body: '' });
}
