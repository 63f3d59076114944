/** An older database under newer stations: they tell what they know, nothing is sent twice, what was erased is erased again. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listPairings } from '../../src/pairing/pairings.ts';
import { call, chargerBody, expectProblem, registered } from '../http/client.ts';
import { PATIENCE } from '../patience.ts';
import { accepted, answer, drained, received, say, standInProviders, stub, told } from '../station/world.ts';
import { admin, begun, done, run, textsAt, textsInD1 } from './world.ts';

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const TOKEN = '04DEADBEEF1234';
const pair = (id: string, code = 'PEN4E') =>
  call(`/api/chargers/${id}/pairings`, { json: { provider: 'stekker', code } });
const unpair = (id: string) => call(`/api/chargers/${id}/pairings/stekker`, { method: 'DELETE' });
const pairingsOf = (id: string) => listPairings(env.DB, id, Date.now());
const TABLES = ['chargers', 'pairings', 'dead_letters', 'erasures', 'erasure_stations', 'removed_chargers', 'sessions'];

/** The tables as they are now; gives what puts them back. */
async function backup(): Promise<() => Promise<void>> {
  const kept = await Promise.all(
    TABLES.map(async (table) => ({ table, rows: (await env.DB.prepare(`SELECT * FROM ${table}`).all()).results })),
  );
  return async () => {
    await env.DB.batch([
      ...TABLES.map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
      ...kept.flatMap(({ table, rows }) =>
        rows.map((row) =>
          env.DB.prepare(
            `INSERT INTO ${table} (${Object.keys(row).join()}) VALUES (${Object.keys(row).fill('?').join()})`,
          ).bind(...Object.values(row)),
        ),
      ),
    ]);
  };
}

type Step = {
  readonly stations: number;
  readonly pairings: number;
  readonly erasures: number;
  readonly cursor?: string;
};

/** All calls of a restore; what they did. */
async function restored(): Promise<Step[]> {
  const steps: Step[] = [];
  for (let cursor: string | undefined; ;) {
    const response = await admin('/api/restore', cursor === undefined ? {} : { cursor });
    expect(response.status).toBe(202);
    const step: Step = JSON.parse(await response.text());
    steps.push(step);
    cursor = step.cursor;
    if (cursor === undefined) return steps;
  }
}

describe('a restored registry', () => {
  it('learns of pairings that were made and ended since, and tells nobody', async () => {
    const [made, ended, again] = [await registered(), await registered(), await registered()];
    await pair(ended);
    await pair(again);
    const putBack = await backup();
    await pair(made);
    await unpair(ended);
    await unpair(again);
    await pair(again, 'SECOND');
    const generations = await Promise.all(
      [made, ended, again].map(async (id) => (await stub(id).pairings())['stekker']),
    );
    await putBack();
    const before = world.calls.length;
    const steps = await restored();
    expect(steps.reduce((sum, { pairings }) => sum + pairings, 0)).toBe(3);
    expect(await pairingsOf(made)).toMatchObject([{ status: 'paired', generation: generations[0]?.generation }]);
    expect(await pairingsOf(ended)).toEqual([]);
    expect(await pairingsOf(again)).toMatchObject([{ status: 'paired', generation: generations[2]?.generation }]);
    expect(world.calls.length).toBe(before);
    expect((await restored()).reduce((sum, { pairings }) => sum + pairings, 0)).toBe(0);
    expect((await pair(ended, 'THIRD')).status).toBe(201);
    expect((await stub(ended).pairings())['stekker']?.generation).toBeGreaterThan(1_000_000);
    await received(ended, { frame: say.start(0), response: accepted(1) });
    await drained(ended);
    expect(told('stekker', world.calls, ended)).toEqual(['StartTransaction 1000']);
  });

  it('that lost a charger keeps its pairing when the charger is registered again', async () => {
    const putBack = await backup();
    const id = await registered();
    await pair(id);
    await putBack();
    const before = world.calls.length;
    expect((await call(`/api/chargers/${id}`, { method: 'PUT', json: chargerBody(id) })).status).toBe(201);
    expect(await pairingsOf(id)).toMatchObject([{ status: 'paired' }]);
    expect(world.calls.length).toBe(before);
  });

  it('tells stations what is paused now', async () => {
    const id = await registered();
    await pair(id);
    const putBack = await backup();
    await admin('/api/providers/stekker/pause', {});
    await putBack();
    await admin('/api/restore', {});
    await env.DB.prepare(`DELETE FROM paused_providers`).run();
    await restored();
    await received(id, { frame: say.start(0), response: accepted(5) });
    await drained(id);
    expect(told('stekker', world.calls, id)).toEqual(['StartTransaction 1000']);
  });

  it('is erased again, also of an erasure that it does not know any more', async () => {
    const id = await registered();
    await pair(id);
    world.answers.stekker = answer(422);
    await received(id, { frame: say.start(0, { idTag: TOKEN }), response: accepted(7) });
    await drained(id);
    await vi.waitFor(async () => expect(await textsInD1()).toContain(TOKEN), PATIENCE);
    const putBack = await backup();
    await done(await begun({ idToken: TOKEN }));
    expect(await textsInD1()).not.toContain(TOKEN);
    await putBack();
    expect(await textsInD1()).toContain(TOKEN);
    world.answers.stekker = answer(200);
    const steps = await restored();
    expect(steps[0]?.erasures).toBeGreaterThan(0);
    for (let runs = 0; runs < 5; runs += 1) await run();
    expect(await textsInD1()).not.toContain(TOKEN);
    const open = await env.DB.prepare(`SELECT 1 FROM erasures WHERE phase <> 'done'`).all();
    expect(open.results).toEqual([]);
  });

  it('forgets again a charger that was removed and erased', async () => {
    const id = await registered({ name: 'The house of nobody' });
    await pair(id);
    const putBack = await backup();
    expect((await call(`/api/chargers/${id}?erase=true`, { method: 'DELETE' })).status).toBe(204);
    for (let runs = 0; runs < 5; runs += 1) await run();
    await putBack();
    expect(await textsInD1()).toContain('The house of nobody');
    // Until it is erased again, the charger is taken for a registered one.
    await received(id, { frame: say.start(0), response: accepted(9) });
    await restored();
    for (let runs = 0; runs < 5; runs += 1) await run();
    expect(await textsInD1()).not.toContain('The house of nobody');
    expect(await textsAt(id)).not.toContain('The house of nobody');
    expect(await pairingsOf(id)).toEqual([]);
  });

  it('is asked for by the operator only, with a cursor of ours only', async () => {
    await expectProblem(await call('/api/restore', { json: {} }), 401, 'unauthorized');
    await expectProblem(await admin('/api/restore', { cursor: 'eHl6' }), 400, 'cursor-invalid');
    await expectProblem(await admin('/api/restore', { other: 1 }), 400, 'envelope-invalid');
  });
});
