/** A charger is forgotten: what it said, what was parked of it, who paired it. The numbers of its pairings stay. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { call, chargerBody, expectProblem, registered } from '../http/client.ts';
import {
  accepted,
  answer,
  drained,
  paired,
  received,
  rowsOf,
  say,
  session,
  standInProviders,
  stub,
  told,
  until,
} from '../station/world.ts';
import { admin, begun, done, run, shown, textsAt, textsInD1 } from './world.ts';

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const TOKEN = '04A3C1F2B95E80';
const remove = (id: string, query = '?erase=true') => call(`/api/chargers/${id}${query}`, { method: 'DELETE' });
const put = (id: string) => call(`/api/chargers/${id}`, { method: 'PUT', json: chargerBody(id) });
const timelineOf = async (id: string): Promise<{ entry: { kind: string } }[]> =>
  JSON.parse(await (await admin(`/api/chargers/${id}/timeline`)).text()).timeline;
const pair = (id: string) => call(`/api/chargers/${id}/pairings`, { json: { provider: 'stekker', code: 'PEN4E' } });

/** Runs the cron trigger until no erasure is left. */
async function allDone(): Promise<void> {
  for (let runs = 0; runs < 20; runs += 1) await run();
  const open = await env.DB.prepare(`SELECT id FROM erasures WHERE phase <> 'done'`).all();
  expect(open.results).toEqual([]);
}

describe('a charger that is removed and erased', () => {
  it('leaves its id and the generations of its pairings, and shows nothing of its past when it comes again', async () => {
    const id = await registered();
    expect((await pair(id)).status).toBe(201);
    await received(id, ...session(7));
    world.answers.stekker = answer(422);
    await received(id, ...session(8).map(({ frame, ...rest }) => ({ frame, ...rest })));
    await drained(id);
    world.answers.stekker = answer(200);
    const { generation } = (await stub(id).pairings())['stekker'] ?? { generation: 0 };
    expect((await remove(id)).status).toBe(204);
    await allDone();
    const left = await textsAt(id);
    for (const gone of [TOKEN, 'Solar 0213', `CP_${id}`, 'Transaction', '52.583', 'csms'])
      expect(left).not.toContain(gone);
    const letters = await env.DB.prepare('SELECT 1 FROM dead_letters WHERE charge_point_id = ?').bind(id).all();
    expect(letters.results).toEqual([]);
    const audit = await env.DB.prepare('SELECT audit FROM pairings WHERE charge_point_id = ?').bind(id).first('audit');
    expect(audit).toBeNull();
    expect((await stub(id).pairings())['stekker']).toEqual({ generation, status: 'ended' });
    expect((await put(id)).status).toBe(201);
    expect(await timelineOf(id)).toEqual([]);
    expect(JSON.parse(await (await call(`/api/chargers/${id}/sessions`)).text())).toMatchObject({ sessions: [] });
    expect((await pair(id)).status).toBe(201);
    expect((await stub(id).pairings())['stekker']?.generation).toBeGreaterThan(generation);
    await received(id, { frame: say.start(20), response: accepted(9) });
    await drained(id);
    expect(told('stekker', world.calls, id).at(-1)).toBe('StartTransaction 1000');
  });

  it('keeps what is owed until that was told', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503);
    await received(id, { frame: say.start(0), response: accepted(10) });
    await until(1, () => told('stekker', world.calls, id));
    expect((await remove(id)).status).toBe(204);
    for (let runs = 0; runs < 3; runs += 1) await run();
    expect(await textsAt(id)).toContain(TOKEN);
    world.answers.stekker = answer(200);
    await stub(id).retry('stekker');
    await drained(id);
    await allDone();
    expect(await textsAt(id)).not.toContain(TOKEN);
    expect(await textsInD1()).not.toContain(TOKEN);
  });

  it('is erased by a repeat, when the first request died after the removal', async () => {
    const id = await registered();
    expect((await remove(id, '')).status).toBe(204);
    expect((await remove(id)).status).toBe(204);
    await allDone();
    expect(await textsAt(id)).not.toContain('Solar 0213');
    await expectProblem(await remove(id), 404, 'charger-unknown');
  });

  it('is only removed without the parameter, and a parameter that is neither is refused', async () => {
    const id = await registered();
    await expectProblem(await remove(id, '?erase=yes'), 400, 'query-invalid');
    expect((await remove(id, '')).status).toBe(204);
    expect(await textsAt(id)).toContain('Solar 0213');
    expect(await shown(await begun({ chargePointId: id }))).toMatchObject({ stations: 1 });
    await allDone();
    expect(await textsAt(id)).not.toContain('Solar 0213');
  });
});

describe('a charger that is erased and stays', () => {
  it('goes on with the session that runs, and with its pairing', async () => {
    const id = await paired('stekker');
    await received(id, ...session(20), { frame: say.start(10), response: accepted(21) });
    await drained(id);
    await done(await begun({ chargePointId: id }));
    expect((await timelineOf(id)).map(({ entry }) => entry.kind)).toEqual(['erased']);
    await received(id, { frame: say.stop(12, 21, 3000) });
    await drained(id);
    expect(told('stekker', world.calls, id).at(-1)).toBe('StopTransaction 3000');
    expect(await rowsOf(id, 'SELECT seq FROM log')).toHaveLength(2);
  });

  it('gives up what is owed, if that is asked for', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503);
    await received(id, ...session(30));
    await until(1, () => told('stekker', world.calls, id));
    await done(await begun({ chargePointId: id, drop: true }));
    expect(await rowsOf(id, "SELECT seq FROM log WHERE owed <> ''")).toEqual([]);
    expect(await textsAt(id)).not.toContain(TOKEN);
  });

  it('that nobody knows is nothing to erase', async () => {
    expect(await done(await begun({ chargePointId: 'never-heard-of' }))).toMatchObject({ stations: 1, done: 1 });
  });
});
