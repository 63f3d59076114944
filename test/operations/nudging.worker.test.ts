/** What finds a backlog whose alarm was lost: the next event, the restarted object, and the cron sweep. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ChargingStation } from '../../src/index.ts';
import { RUN_EVERY_MS } from '../../src/operations/nudging.ts';
import { listPairedInTurn } from '../../src/storage/troubled-lanes.ts';
import { sweep } from '../../src/sweep.ts';
import {
  answer,
  backlogOf,
  drained,
  paired,
  received,
  rowsOf,
  say,
  standInProviders,
  stub,
  told,
  travel,
  until,
} from '../station/world.ts';
import { PATIENCE } from '../patience.ts';

const HOUR_MS = 3_600_000;

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await env.DB.exec('DELETE FROM pairings');
});

const alarmOf = (id: string) => runInDurableObject(stub(id), (_, state) => state.storage.getAlarm());
const stekkerGot = (id: string) => told('stekker', world.calls, id);

/** A station that failed once, long ago, whose alarm is gone; the provider is back. Nobody else knows of its backlog. */
async function forgotten(): Promise<string> {
  const id = await paired('stekker');
  world.answers.stekker = answer(503);
  await received(id, { frame: say.status(0, 'Preparing', 1) });
  await until(1, () => stekkerGot(id));
  await vi.waitFor(
    async () => expect(await rowsOf(id, 'SELECT attempts FROM lanes')).toEqual([{ attempts: 1 }]),
    PATIENCE,
  );
  await runInDurableObject(stub(id), (_, state) => state.storage.deleteAlarm());
  world.answers.stekker = answer(200);
  travel(3 * RUN_EVERY_MS);
  expect(await env.DB.prepare('SELECT 1 FROM troubled_lanes WHERE charge_point_id = ?').bind(id).first()).toBeNull();
  return id;
}

describe('a backlog whose alarm was lost after a single failure', () => {
  test('is delivered when the sweep comes to a station whose object is in memory', async () => {
    const id = await forgotten();
    await sweep(env, Date.now());
    await until(2, () => stekkerGot(id));
    await drained(id);
    expect(stekkerGot(id)).toEqual(Array(2).fill('StatusNotification Preparing'));
  });

  test('is delivered when the sweep comes to a station whose object is not in memory', async () => {
    const id = await forgotten();
    await evictDurableObject(stub(id));
    await sweep(env, Date.now());
    // Nothing but the sweep has touched the object: looking into it would start it.
    await until(2, () => stekkerGot(id));
    expect(stekkerGot(id)).toHaveLength(2);
  });

  test('is delivered before the next event of its charger', async () => {
    const id = await forgotten();
    await received(id, { frame: say.status(1, 'Charging', 2) });
    await drained(id);
    expect(stekkerGot(id).slice(1)).toEqual(['StatusNotification Preparing', 'StatusNotification Charging']);
  });
});

describe('the turn of a station', () => {
  test('comes once in a round, whatever it is paired with, and nobody is left out', async () => {
    const insert = env.DB.prepare(
      `INSERT INTO pairings (charge_point_id, provider, generation, last_generation, status, format, claimed_at)
       VALUES (?, ?, 1, 1, ?, 'ocpp', 0)`,
    );
    const ids = Array.from({ length: 8 }, (_, place) => `turn-${place}`);
    await env.DB.batch([
      ...ids.map((id) => insert.bind(id, 'stekker', 'paired')),
      insert.bind('turn-3', 'jedlix', 'paired'),
      insert.bind('turn-8', 'jedlix', 'ended'),
      insert.bind('turn-9', 'jedlix', 'claimed'),
    ]);
    const turns = await Promise.all([0, 1, 2, 3].map((turn) => listPairedInTurn(env.DB, turn, 3)));
    expect(turns.map((each) => each.length)).toEqual([3, 3, 2, 3]);
    expect(turns.slice(0, 3).flat()).toEqual(ids);
    expect(turns[3]).toEqual(turns[0]);
  });

  test('is nobody’s while nobody is paired', async () => {
    expect(await listPairedInTurn(env.DB, 7, 3)).toEqual([]);
  });

  test('writes nothing at a station that is well', async () => {
    travel(HOUR_MS - (Date.now() % HOUR_MS));
    const id = await paired('stekker');
    await received(id, { frame: say.status(0, 'Available') });
    await drained(id);
    const tables = ['log', 'repeats', 'lanes', 'attempts', 'facts'];
    const stored = async () => Promise.all(tables.map((table) => rowsOf(id, `SELECT * FROM ${table}`)));
    const before = { rows: await stored(), alarm: await alarmOf(id) };
    await evictDurableObject(stub(id));
    travel(RUN_EVERY_MS);
    const nudges = vi.spyOn(ChargingStation.prototype, 'nudge');
    await sweep(env, Date.now());
    expect(nudges).toHaveBeenCalledTimes(1);
    expect({ rows: await stored(), alarm: await alarmOf(id) }).toEqual(before);
    expect(before.alarm).not.toBeNull();
    expect(await backlogOf(id)).toBe(0);
  });
});
