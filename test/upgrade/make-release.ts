/** Writes down what a release left behind; runs as a test in its tree (test/fixtures/release-1/README.md). */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { CHARGERS, Day, NOON } from './days.ts';

const TABLES = `SELECT name, sql FROM sqlite_master
  WHERE type IN ('table', 'index') AND sql IS NOT NULL
    AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
  ORDER BY type DESC, rowid`;

type Made = { readonly name: string; readonly sql: string };
type Rows = readonly Readonly<Record<string, unknown>>[];

/** The statements that made a database's tables, and their rows in the order of their keys. */
async function dump(made: readonly Made[], rowsOf: (sql: string) => Promise<Rows>) {
  const tables: Record<string, Rows> = {};
  for (const { name } of made.filter(({ sql }) => sql.startsWith('CREATE TABLE'))) {
    tables[name] = await rowsOf(`SELECT * FROM ${name} ORDER BY 1, 2`);
  }
  return { schema: made.map(({ sql }) => sql), tables };
}

async function registry() {
  const rowsOf = async (sql: string) => (await env.DB.prepare(sql).all()).results;
  const { results } = await env.DB.prepare(TABLES).all<Made>();
  const { schema, tables } = await dump(results, rowsOf);
  const applied = tables.d1_migrations?.map((row) => ({ ...row, applied_at: '2040-01-01 12:00:00' })) ?? [];
  return { schema, tables: { ...tables, d1_migrations: applied } };
}

function station(id: string) {
  return runInDurableObject(env.CHARGING_STATION.getByName(id), async (_, { storage }) => {
    const made = storage.sql.exec<Made>(TABLES).toArray();
    const alarmAt = await storage.getAlarm();
    return { alarmAt, ...(await dump(made, async (sql) => storage.sql.exec(sql).toArray())) };
  });
}

it('leaves a registry and stations', async () => {
  const day = new Day();
  const answerClaim = await day.live();
  const stations: Record<string, unknown> = {};
  for (const id of CHARGERS) stations[id] = await station(id);
  const left = { endedAt: Date.now(), madeAt: NOON, codes: day.codes, registry: await registry(), stations };
  await answerClaim();
  await expect(`${JSON.stringify(left, null, 1)}\n`).toMatchFileSnapshot('../fixtures/release-1/left.json');
});
