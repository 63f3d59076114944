/** What erasure tests look at: every text that is stored anywhere, and an erasure until it is done. */
import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { eraseMore } from '../../src/operations/erasing.ts';
import { call } from '../http/client.ts';
import { ADMIN_TOKEN } from '../settings.ts';
import { rowsOf } from '../station/world.ts';

export const admin = (path: string, json?: unknown) =>
  call(path, { token: ADMIN_TOKEN, ...(json !== undefined && { json }) });

type Shown = { readonly status: string; readonly stations: number; readonly done: number };

/** How far an erasure is. */
export async function shown(id: string): Promise<Shown> {
  return JSON.parse(await (await admin(`/api/erasures/${id}`)).text());
}

/** Begins an erasure; gives its id. */
export async function begun(json: unknown): Promise<string> {
  const response = await admin('/api/erasures', json);
  expect(response.status).toBe(202);
  return JSON.parse(await response.text()).erasureId;
}

/** One run of the cron trigger. */
export const run = () => eraseMore(env, readConfig({ ...env }), Date.now());

/** Runs the cron trigger until the erasure is done. */
export async function done(id: string): Promise<Shown> {
  for (let runs = 0; runs < 50; runs += 1) {
    const now = await shown(id);
    if (now.status === 'done') return now;
    await run();
  }
  throw new Error('the erasure does not end');
}

/** Every value in a table, as text. */
const cells = (rows: readonly object[]) => rows.flatMap((row) => Object.values(row)).map(String);

/** Every text in D1. */
export async function textsInD1(): Promise<string> {
  const tables = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{ name: string }>();
  const names = tables.results.map(({ name }) => name).filter((name) => !/^(?:_cf|sqlite_|d1_)/.test(name));
  expect(names).toContain('dead_letters');
  const all = await Promise.all(names.map((name) => env.DB.prepare(`SELECT * FROM ${name}`).all()));
  return all.flatMap(({ results }) => cells(results)).join('\n');
}

/** Every text in the storage of a station. */
export async function textsAt(chargePointId: string): Promise<string> {
  const tables = await rowsOf(chargePointId, "SELECT name FROM sqlite_master WHERE type = 'table'");
  const names = tables.map(({ name }) => String(name)).filter((name) => !name.startsWith('_cf'));
  const all = await Promise.all(names.map((name) => rowsOf(chargePointId, `SELECT * FROM ${name}`)));
  return all.flatMap(cells).join('\n');
}
