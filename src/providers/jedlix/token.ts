/**
 * Jedlix's OAuth token: fetched by client credentials, used until shortly before it expires (RFC 6749 §4.4). It is kept in memory;
 * KV is for other isolates and for restarts.
 */
import type { DeliveryIo, Exchange } from '../../recipient.ts';
import * as z from 'zod';
import { err, ok, type Result } from '../../result.ts';
import { parseJson } from '../../json.ts';
import { exchange } from '../../outgoing.ts';
import type { JedlixSettings } from './settings.ts';

/** A token this close to its end is not used any more, in s. */
const MARGIN_S = 60;
/** KV keeps nothing for less than a minute. */
const MIN_KV_TTL_S = 60;

/** 4xx answers that do not mean our credentials. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().default(300),
});
const CachedToken = z.object({ token: z.string().min(1), expiresAt: z.number() });
type CachedToken = z.infer<typeof CachedToken>;

/** One token for each settings object: rotated credentials bring another object, so an old token is never used for them. */
const inMemory = new WeakMap<JedlixSettings, CachedToken>();

/**
 * A valid access token. `refused` is a token that Jedlix just answered with 401: the cached one is used only when it is another.
 * The failure is the exchange with the token server, ready to be classified.
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
  // KV takes one write a second for a key: of several stations that fetch at once, some are refused, and need not mind.
  await Promise.allSettled([stored]);
  return ok(token);
}

/** The cached token; none when KV cannot be read or holds something else: then it costs a request to the token server. */
async function readCached(cache: KVNamespace, key: string): Promise<CachedToken | undefined> {
  const [read] = await Promise.allSettled([cache.get(key)]);
  if (read.status === 'rejected' || read.value === null) return undefined;
  const cached = CachedToken.safeParse(parseJson(read.value));
  return cached.success ? cached.data : undefined;
}

/** The cache key changes with the credentials, so that rotated ones take effect at once; the secret is only in it as a digest. */
async function cacheKey(settings: JedlixSettings): Promise<string> {
  const { JEDLIX_TOKEN_URL, JEDLIX_AUDIENCE, JEDLIX_CLIENT_ID, JEDLIX_CLIENT_SECRET } = settings;
  const identity = JSON.stringify([JEDLIX_TOKEN_URL, JEDLIX_AUDIENCE, JEDLIX_CLIENT_ID, JEDLIX_CLIENT_SECRET]);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(identity));
  const hex = Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `jedlix:token:${hex}`;
}

async function fetchToken(
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
