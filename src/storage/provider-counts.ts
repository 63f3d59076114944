/** How deliveries ended, by provider and hour, added up over all stations; and why a provider's lanes waited last. */
import * as z from 'zod';

export type Counts = { readonly delivered: number; readonly rejected: number; readonly retried: number };
/** What one station adds: the counts of an hour that began at `hour` (ms). */
export type HourCounts = Counts & { readonly provider: string; readonly hour: number };

/** Adds one station's counts. One row written for each. */
export async function addCounts(db: D1Database, counts: readonly HourCounts[]): Promise<void> {
  const statement = db.prepare(
    `INSERT INTO provider_counts (provider, hour, delivered, rejected, retried) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET delivered = delivered + excluded.delivered, rejected = rejected + excluded.rejected,
       retried = retried + excluded.retried`,
  );
  if (counts.length === 0) return;
  await db.batch(
    counts.map(({ provider, hour, delivered, rejected, retried }) =>
      statement.bind(provider, hour, delivered, rejected, retried),
    ),
  );
}

const Row = z.object({
  provider: z.string(),
  first: z.number(),
  last: z.number(),
  delivered: z.number(),
  rejected: z.number(),
  retried: z.number(),
});

/** The counts of one provider, and in which hours (ms) they lie. */
export type CountsOf = Counts & { readonly provider: string; readonly first: number; readonly last: number };

/** The counts of each provider that has any. */
export async function listCounts(db: D1Database): Promise<CountsOf[]> {
  const sql = `SELECT provider, min(hour) AS first, max(hour) AS last, sum(delivered) AS delivered,
      sum(rejected) AS rejected, sum(retried) AS retried FROM provider_counts GROUP BY provider`;
  return z.array(Row).parse((await db.prepare(sql).all()).results);
}

/** Forgets the hours that began before `before` (ms). */
export async function pruneCounts(db: D1Database, before: number): Promise<void> {
  await db.prepare('DELETE FROM provider_counts WHERE hour < ?').bind(before).run();
}

export type LastError = { readonly provider: string; readonly reason: string; readonly at: number };

/** Notes why a provider's lanes waited last. */
export async function noteError(db: D1Database, { provider, reason, at }: LastError): Promise<void> {
  const sql = `INSERT INTO provider_errors (provider, reason, at) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET reason = excluded.reason, at = excluded.at WHERE excluded.at > at`;
  await db.prepare(sql).bind(provider, reason, at).run();
}

/** Why each provider's lanes waited last. */
export async function listErrors(db: D1Database): Promise<LastError[]> {
  const { results } = await db.prepare('SELECT provider, reason, at FROM provider_errors').all();
  return z.array(z.object({ provider: z.string(), reason: z.string(), at: z.number() })).parse(results);
}
