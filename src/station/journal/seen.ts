/**
 * Recognises repeated events for at least a day. Keys stand side by side in a few rows, so that an event costs one row written
 * however many keys it has, and forgetting costs next to nothing.
 */
import { createHash } from 'node:crypto';
import type { IndexedIncoming, WebhookContext } from '../station-rpc.ts';

/** Keys are remembered for at least this long. */
const REMEMBERED_MS = 24 * 60 * 60_000;
/** A row takes this many keys, then a new one begins. */
const KEYS_PER_ROW = 128;

/** The names of one event; an event may have none. */
export type Keys = readonly [] | readonly [string] | readonly [string, string];

/**
 * The names of an event: the same direction, message id and frame, or the same place in a webhook of the same `webhook-id`.
 * Hashes of 96 bits: a chance repeat among a million events of one charger has a probability under 1e-17.
 */
export function keysOf({ index, incoming }: IndexedIncoming, { webhookId }: WebhookContext): Keys {
  const named: [] | [string] = webhookId === undefined ? [] : [keyOf(`webhook|${webhookId}|${index}`)];
  if (incoming.kind === 'connection') return named;
  const { direction, frame } = incoming.message;
  return [keyOf(`frame|${direction}|${JSON.stringify(frame)}`), ...named];
}

/** The key of a name that is unique by itself. */
export const keyOf = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 16);

/**
 * Whether none of these keys was remembered within the last day; remembers them then. One row written for news, and rarely one more.
 * What has no key is always news.
 */
export function isNews(sql: SqlStorage, keys: Keys, nowMs: number): boolean {
  const [key] = keys;
  if (key === undefined) return true;
  const [last] = sql.exec<{ id: number; size: number; hits: number }>(LOOK, key, keys[1] ?? key);
  if (last !== undefined && last.hits > 0) return false;
  remember(sql, keys, { last, nowMs });
  return true;
}

/** The newest row, and in how many rows one of two keys stands. */
const LOOK = `
SELECT id, size, (SELECT count(*) FROM seen WHERE instr(keys, ?1) > 0 OR instr(keys, ?2) > 0) AS hits
  FROM seen ORDER BY id DESC LIMIT 1`;

type Remembering = {
  readonly last: { readonly id: number; readonly size: number } | undefined;
  readonly nowMs: number;
};

function remember(sql: SqlStorage, keys: Keys, { last, nowMs }: Remembering): void {
  const text = `${keys.join(' ')} `;
  if (last !== undefined && last.size < KEYS_PER_ROW) {
    sql.exec('UPDATE seen SET keys = keys || ?, size = size + ? WHERE id = ?', text, keys.length, last.id);
    return;
  }
  sql.exec(
    'INSERT INTO seen (id, started_at, size, keys) VALUES (?, ?, ?, ?)',
    (last?.id ?? 0) + 1,
    nowMs,
    keys.length,
    text,
  );
  forgetSeen(sql, nowMs);
}

/** A row may go when the row after it began more than a day ago: then its last key is older than a day. */
function forgetSeen(sql: SqlStorage, nowMs: number): void {
  sql.exec('DELETE FROM seen WHERE id < (SELECT max(id) FROM seen WHERE started_at <= ?)', nowMs - REMEMBERED_MS);
}
