/** Notifications that belong to no charger, in D1 until the CSMS has taken them. A charger's own are in its object. */
import * as z from 'zod';
import type { Notification } from '../notification.ts';

/** `body` is the notification; `attempts` have failed so far. */
export type Notice = {
  readonly id: number;
  readonly body: Notification;
  readonly createdAt: number;
  readonly attempts: number;
};

const Row = z.object({ id: z.number(), body: z.string(), created_at: z.number(), attempts: z.number() });
const Body = z.object({ type: z.string(), timestamp: z.string(), data: z.record(z.string(), z.unknown()) });

/** At most `limit` notices that are due, the oldest first. Another run does not get them before `until` (ms). */
export async function claimNotices(
  db: D1Database,
  { now, until, limit }: { readonly now: number; readonly until: number; readonly limit: number },
): Promise<Notice[]> {
  const sql = `UPDATE notices SET due_at = ?2, attempts = attempts + 1
    WHERE id IN (SELECT id FROM notices WHERE due_at <= ?1 ORDER BY id LIMIT ?3)
      AND NOT EXISTS (SELECT 1 FROM notices AS earlier WHERE earlier.due_at > ?1 AND earlier.id < notices.id)
    RETURNING id, body, created_at, attempts`;
  const { results } = await db.prepare(sql).bind(now, until, limit).all();
  return z
    .array(Row)
    .parse(results)
    .map(({ created_at: createdAt, body, ...notice }) => ({ ...notice, createdAt, body: Body.parse(JSON.parse(body)) }))
    .toSorted((a, b) => a.id - b.id);
}

/** Forgets a notice that was taken, or parked. */
export async function deleteNotice(db: D1Database, id: number): Promise<void> {
  await db.prepare('DELETE FROM notices WHERE id = ?').bind(id).run();
}

/** Owes a notification to the CSMS. */
export async function addNotice(db: D1Database, body: unknown, now: number): Promise<void> {
  const sql = 'INSERT INTO notices (body, created_at, due_at) VALUES (?1, ?2, ?2)';
  await db.prepare(sql).bind(JSON.stringify(body), now).run();
}
