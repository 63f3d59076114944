/** The answers of requests with an Idempotency-Key, for their repeats. D1 has hashes of keys and bodies only. */
import * as z from 'zod';

/** How long an answer is kept, in ms. */
export const ANSWER_KEPT_MS = 24 * 60 * 60_000;
/** After this time, the first request must have died with its Worker. */
const RUNNING_MS = 120_000;

/** `now` (ms) is when the request came. */
export type KeyedRequest = { readonly keyHash: string; readonly bodyHash: string; readonly now: number };

/** 'first': run it. 'answered': it ran. 'running': the first one runs. 'other-body': it is another request's key. */
export type KeyState =
  | { readonly kind: 'first' | 'running' | 'other-body' }
  | { readonly kind: 'answered'; readonly answer: string };

const KeyRow = z.object({ body_hash: z.string(), answer: z.string().nullable() });

/** Takes the key, or says what is stored under it. One round trip. */
export async function takeKey(db: D1Database, { keyHash, bodyHash, now }: KeyedRequest): Promise<KeyState> {
  const [taken, present] = await db.batch([
    db.prepare(TAKE).bind(keyHash, bodyHash, now, now - ANSWER_KEPT_MS, now - RUNNING_MS),
    db.prepare('SELECT body_hash, answer FROM idempotency_keys WHERE key_hash = ?1').bind(keyHash),
  ]);
  if (taken?.results.length === 1) return { kind: 'first' };
  const [row] = z.array(KeyRow).parse(present?.results ?? []);
  if (row === undefined || row.body_hash !== bodyHash) return { kind: 'other-body' };
  return row.answer === null ? { kind: 'running' } : { kind: 'answered', answer: row.answer };
}

const TAKE = `
INSERT INTO idempotency_keys (key_hash, body_hash, started_at) VALUES (?1, ?2, ?3)
ON CONFLICT (key_hash) DO UPDATE SET body_hash = excluded.body_hash, answer = NULL, started_at = excluded.started_at
 WHERE started_at <= ?4 OR (answer IS NULL AND started_at <= ?5 AND body_hash = excluded.body_hash)
RETURNING key_hash`;

/** Keeps the final answer of the first request. */
export async function keepAnswer(db: D1Database, { keyHash, now }: KeyedRequest, answer: string): Promise<void> {
  const sql = 'UPDATE idempotency_keys SET answer = ?3 WHERE key_hash = ?1 AND started_at = ?2';
  await db.prepare(sql).bind(keyHash, now, answer).run();
}

/** Frees the key of a first request whose answer was not final. */
export async function releaseKey(db: D1Database, { keyHash, now }: KeyedRequest): Promise<void> {
  const sql = 'DELETE FROM idempotency_keys WHERE key_hash = ?1 AND started_at = ?2 AND answer IS NULL';
  await db.prepare(sql).bind(keyHash, now).run();
}

/** Forgets keys that are older than an answer is kept. */
export async function pruneKeys(db: D1Database, now: number): Promise<void> {
  const sql = 'DELETE FROM idempotency_keys WHERE started_at <= ?1';
  await db
    .prepare(sql)
    .bind(now - ANSWER_KEPT_MS)
    .run();
}
