/** Puts what a release left behind into D1 and into the stations' objects, as an upgrade of the Worker finds it. */
import { applyD1Migrations, evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import * as z from 'zod';
import left from '../fixtures/release-1/left.json';

const Row = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
const Database = z.object({ schema: z.array(z.string()), tables: z.record(z.string(), z.array(Row)) });
const Left = z.object({
  endedAt: z.number(),
  codes: z.record(z.string(), z.string()),
  registry: Database,
  stations: z.record(z.string(), Database.extend({ alarmAt: z.number().nullable() })),
});

/** What the first release left. */
export const RELEASE_1 = Left.parse(left);

/** The tables of a database that are its users' own. */
const TABLES = `SELECT name FROM sqlite_master
  WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`;

type Statement = { readonly sql: string; readonly values: readonly (string | number | null)[] };

function statementsFor({ schema, tables }: z.infer<typeof Database>): Statement[] {
  const made = schema.map((sql) => ({ sql, values: [] }));
  const filled = Object.entries(tables).flatMap(([table, rows]) =>
    rows.map((row) => {
      const columns = Object.keys(row);
      const places = columns.map(() => '?').join(', ');
      return { sql: `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`, values: Object.values(row) };
    }),
  );
  return [...made, ...filled];
}

const dropped = ({ name }: { readonly name: string }): Statement => ({ sql: `DROP TABLE ${name}`, values: [] });

/** Makes the world as the first release left it, then applies the migrations that came since. */
export async function loadRelease1(): Promise<void> {
  const { results } = await env.DB.prepare(TABLES).all<{ name: string }>();
  const statements = [...results.map(dropped), ...statementsFor(RELEASE_1.registry)];
  await env.DB.batch(statements.map(({ sql, values }) => env.DB.prepare(sql).bind(...values)));
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  for (const id of Object.keys(RELEASE_1.stations)) await loadStation(id);
}

/** The object has run by then, because only a running one can be written to; it starts anew with what was written. */
async function loadStation(id: string): Promise<void> {
  const found = RELEASE_1.stations[id];
  if (found === undefined) return;
  const station = env.CHARGING_STATION.getByName(id);
  await runInDurableObject(station, async (_, { storage }) => {
    const tables = storage.sql.exec<{ name: string }>(TABLES).toArray();
    for (const { sql, values } of [...tables.map(dropped), ...statementsFor(found)]) storage.sql.exec(sql, ...values);
    if (found.alarmAt !== null) await storage.setAlarm(found.alarmAt);
  });
  await evictDurableObject(station);
}
