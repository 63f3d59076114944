/**
 * Open alerts in D1, and the notifications that come with them. A notification is stored with its alert, or not at all.
 */
import * as z from 'zod';

/** `subject` is whom or what it is about. `detail` has the figures. */
export type Alert = {
  readonly type: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
};

/** An alert that is open, since `since` (ms). */
export type OpenAlert = Alert & { readonly since: number };

const Row = z.object({ type: z.string(), subject: z.string(), since: z.number(), detail: z.string() });
const Detail = z.record(z.string(), z.unknown());

/** Opens an alert; gives false when it was open. `notification` is owed to the CSMS when the alert is new. */
export async function openAlert(
  db: D1Database,
  { type, subject, detail }: Alert,
  { now, notification }: { readonly now: number; readonly notification?: object | undefined },
): Promise<boolean> {
  const open = db
    .prepare('INSERT INTO alerts (type, subject, since, detail) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
    .bind(type, subject, now, JSON.stringify(detail));
  return ranWith(db, open, notification, now);
}

/** Closes an alert; gives false when it was not open. `notification` is owed to the CSMS when it was. */
export async function closeAlert(
  db: D1Database,
  { type, subject }: Pick<Alert, 'type' | 'subject'>,
  { now, notification }: { readonly now: number; readonly notification?: object | undefined },
): Promise<boolean> {
  const close = db.prepare('DELETE FROM alerts WHERE type = ? AND subject = ?').bind(type, subject);
  return ranWith(db, close, notification, now);
}

/** Runs a statement, and owes the notification when it changed a row: both in one transaction. */
async function ranWith(
  db: D1Database,
  statement: D1PreparedStatement,
  notification: object | undefined,
  now: number,
): Promise<boolean> {
  if (notification === undefined) return (await statement.run()).meta.changes > 0;
  const owe = db
    .prepare('INSERT INTO notices (body, created_at, due_at) SELECT ?1, ?2, ?2 WHERE changes() > 0')
    .bind(JSON.stringify(notification), now);
  const [ran] = await db.batch([statement, owe]);
  return (ran?.meta.changes ?? 0) > 0;
}

/** The open alerts, the oldest first. */
export async function listAlerts(db: D1Database): Promise<OpenAlert[]> {
  const { results } = await db.prepare('SELECT type, subject, since, detail FROM alerts ORDER BY since, type').all();
  return z
    .array(Row)
    .parse(results)
    .map(({ detail, ...alert }) => ({ ...alert, detail: Detail.parse(JSON.parse(detail)) }));
}

/** Closes alerts of this type when no message of their subject is parked any more. */
export async function closeParked(db: D1Database): Promise<void> {
  const sql = `DELETE FROM alerts WHERE type = 'delivery.parked'
    AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE dead_letters.provider = alerts.subject)`;
  await db.prepare(sql).run();
}

/** Forgets alerts of these types that were opened before `before` (ms): they tell what happened, not how it is. */
export async function forgetAlerts(db: D1Database, types: readonly string[], before: number): Promise<void> {
  const sql = 'DELETE FROM alerts WHERE since < ?1 AND type IN (SELECT value FROM json_each(?2))';
  await db.prepare(sql).bind(before, JSON.stringify(types)).run();
}
