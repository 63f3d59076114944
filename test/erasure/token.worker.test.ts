/** An id token is forgotten wherever it is stored, while everything else goes on. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { beginErasure, eraseOn } from '../../src/operations/erasing.ts';
import { call, expectProblem } from '../http/client.ts';
import { PATIENCE } from '../patience.ts';
import { ADMIN_TOKEN } from '../settings.ts';
import {
  accepted,
  answer,
  backlogOf,
  crash,
  drained,
  gate,
  paired,
  received,
  rowsOf,
  say,
  say201,
  session,
  standInProviders,
  stub,
  told,
  until,
} from '../station/world.ts';
import { parked } from '../station/letters.ts';
import { admin, begun, done, run, shown, textsAt, textsInD1 } from './world.ts';

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const TOKEN = '04DEADBEEF1234';
const OTHER = '04FACE00C0FFEE';
const tokenOnly = (idTag: string, transactionId: number) => [
  {
    frame: say.start(0, { idTag }),
    response: { ...accepted(transactionId), idTagInfo: { status: 'Accepted', parentIdTag: idTag } },
  },
  { frame: say.meter(1, transactionId, 1500) },
];
const messageWith = (idTag: string, index: number) =>
  ({ name: 'x', method: 'POST', path: '/', body: { idTag, index, text: 'x'.repeat(index) } }) as const;
const stekkerGot = (id: string) => told('stekker', world.calls, id);

async function nowhere(token: string, ...ids: readonly string[]): Promise<void> {
  for (const form of [token, token.toLowerCase()]) {
    expect(await textsInD1()).not.toContain(form);
    for (const id of ids) expect(await textsAt(id)).not.toContain(form);
  }
}

describe('an id token that is erased', () => {
  it('is found nowhere: journals, books, sessions that are over, parked messages here and there', async () => {
    const [running, over, refused, other] = [
      await paired('stekker'),
      await paired('stekker'),
      await paired('jedlix'),
      await paired('stekker'),
    ];
    await received(running, ...tokenOnly(TOKEN, 1));
    await received(over, ...tokenOnly(TOKEN.toLowerCase(), 2), { frame: say.stop(3, 2, 2500) });
    await received(other, ...tokenOnly(OTHER, 3));
    world.answers.jedlix = answer(422, {}, `{"no":"${TOKEN}"}`);
    await received(refused, ...tokenOnly(TOKEN, 4));
    for (const id of [running, over, refused, other]) await drained(id);
    await vi.waitFor(async () => expect(await textsInD1()).toContain(TOKEN), PATIENCE);
    const id = await begun({ idToken: TOKEN });
    const { stations, done: asked } = await done(id);
    expect(asked).toBe(stations);
    await nowhere(TOKEN, running, over, refused, other);
    const search = async (idToken: string) =>
      JSON.parse(await (await admin('/api/sessions/search', { idToken })).text()).sessions;
    expect(await search(TOKEN)).toEqual([]);
    expect(await search(OTHER)).toMatchObject([{ chargePointId: other }]);
    expect(await textsAt(other)).toContain(OTHER);
  });

  it('has one pseudonym, of its own length class, everywhere', async () => {
    const [one, two] = [await paired('stekker'), await paired('stekker')];
    for (const [index, id] of [one, two].entries()) {
      await received(id, ...tokenOnly(TOKEN, 10 + index));
      await drained(id);
    }
    await done(await begun({ idToken: TOKEN }));
    const tags = async (id: string) =>
      (await textsAt(id)).match(/"idTag":"[^"]+"/g)?.map((each) => each.slice(9, -1)) ?? [];
    const found = new Set([...(await tags(one)), ...(await tags(two))]);
    expect(found.size).toBe(1);
    expect([...found][0]).toMatch(/^[0-9A-F]{14}$/);
  });

  it('is replaced within signed data and the forms of OCPP 2.0.1 too', async () => {
    const id = await paired('stekker');
    const start = say201.transaction(0, 'Started', 0);
    const [type, messageId, action, payload] = start.frame;
    const additionalInfo = [{ additionalIdToken: TOKEN, type: 'x' }];
    const signed = { signedMeterData: `OCMF|{"ID":"${TOKEN}"}`, signingMethod: '', encodingMethod: '', publicKey: '' };
    const meterValue = [{ timestamp: '2026-03-31T12:00:00Z', sampledValue: [{ value: 1, signedMeterValue: signed }] }];
    const idToken = { idToken: TOKEN, type: 'ISO14443', additionalInfo };
    await received(id, {
      ...start,
      frame: [type, messageId, action, { ...Object(payload), idToken, meterValue }],
      response: { idTokenInfo: { status: 'Accepted', groupIdToken: { idToken: TOKEN, type: 'Central' } } },
    });
    await drained(id);
    expect(await textsAt(id)).toContain('OCMF');
    await done(await begun({ idToken: TOKEN }));
    await nowhere(TOKEN, id);
    expect(await textsAt(id)).toContain('OCMF');
  });

  it('of digits that the station writes as a number is found too', async () => {
    const id = await paired('stekker');
    await received(id, {
      frame: [
        2,
        'm-1',
        'StartTransaction',
        { connectorId: 1, idTag: 998877665544, meterStart: 1, timestamp: '2026-03-31T12:00:00Z' },
      ],
      response: accepted(5),
    });
    await drained(id);
    await done(await begun({ idToken: '998877665544' }));
    await nowhere('998877665544', id);
  });

  it.each(['  04DEADBEEF1234 \0', '04deadbeef1234', 'A"B\\C€-12345', `MSP-${'7'.repeat(30)}`])(
    'is found as stations write it: %j',
    async (written) => {
      const [id, parkedAt] = [await paired('stekker'), await paired('stekker')];
      const start = { frame: say.start(0, { idTag: written }), response: accepted(80) };
      await received(id, start);
      await drained(id);
      world.answers.stekker = answer(422);
      await received(parkedAt, start);
      await drained(parkedAt);
      const idToken = written.replaceAll('\0', '');
      await done(await begun({ idToken }));
      for (const texts of [await textsAt(id), await textsAt(parkedAt), await textsInD1()])
        for (const form of [JSON.stringify(idToken.trim()).slice(1, -1), idToken.trim().slice(0, 20)])
          expect(texts).not.toContain(form);
    },
  );

  it('goes out first where it is owed, while other chargers are served', async () => {
    const [id, other] = [await paired('stekker'), await paired('jedlix')];
    const { state, host } = gate();
    world.answers.stekker = host;
    await received(id, ...tokenOnly(TOKEN, 20));
    await until(1, () => (state.waiting > 0 ? [1] : []));
    const erasure = await begun({ idToken: TOKEN });
    for (let runs = 0; runs < 4; runs += 1) await run();
    expect(await shown(erasure)).toMatchObject({ status: 'running' });
    await received(other, ...tokenOnly(OTHER, 21));
    await drained(other);
    expect(told('jedlix', world.calls, other).length).toBeGreaterThan(0);
    state.allowed = 1000;
    await drained(id);
    expect(world.calls.filter(({ body }) => body.includes(TOKEN)).length).toBeGreaterThan(0);
    expect(stekkerGot(id)).toEqual(['StartTransaction 1000', 'MeterValues 1500']);
    await done(erasure);
    await nowhere(TOKEN, id, other);
  });

  it('is given up where it is owed, if that is asked for, and the timeline says so', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503);
    await received(id, ...tokenOnly(TOKEN, 30));
    await until(1, () => stekkerGot(id));
    const before = stekkerGot(id).length;
    await done(await begun({ idToken: TOKEN, drop: true }));
    await nowhere(TOKEN, id);
    expect(await backlogOf(id)).toBe(0);
    world.answers.stekker = answer(200);
    await stub(id).retry('stekker');
    expect(stekkerGot(id).length).toBe(before);
    const { timeline } = JSON.parse(await (await admin(`/api/chargers/${id}/timeline`)).text());
    expect(JSON.stringify(timeline)).toContain('"kind":"given-up"');
  });

  it('may come again: that is new data, and it is delivered', async () => {
    const id = await paired('stekker');
    await received(id, ...tokenOnly(TOKEN, 40), { frame: say.stop(3, 40, 2500) });
    await drained(id);
    await done(await begun({ idToken: TOKEN }));
    await received(id, { frame: say.start(10, { idTag: TOKEN }), response: accepted(41) });
    await drained(id);
    expect(stekkerGot(id).at(-1)).toBe('StartTransaction 1000');
    expect(await textsAt(id)).toContain(TOKEN);
  });

  it('is erased at a charger that was removed, too', async () => {
    const id = await paired('stekker');
    await received(id, ...session(50));
    await drained(id);
    expect((await call(`/api/chargers/${id}`, { method: 'DELETE' })).status).toBe(204);
    await drained(id);
    expect(await textsAt(id)).toContain('04A3C1F2B95E80');
    await done(await begun({ idToken: '04A3C1F2B95E80' }));
    await nowhere('04A3C1F2B95E80', id);
  });

  it('survives a station that crashes, and steps that fail half-way', async () => {
    const id = await paired('stekker');
    await received(id, ...tokenOnly(TOKEN, 60));
    await drained(id);
    const batch = env.DB.batch.bind(env.DB);
    const failing = vi
      .spyOn(env.DB, 'batch')
      .mockImplementationOnce(batch)
      .mockRejectedValueOnce(new Error('D1 is away'));
    const erasure = await begun({ idToken: TOKEN });
    await crash(id);
    await vi.waitFor(() => expect(failing.mock.calls.length).toBeGreaterThan(1), PATIENCE);
    await done(erasure);
    await nowhere(TOKEN, id);
    expect((await rowsOf(id, 'SELECT seq FROM log')).length).toBe(3);
    await crash(id);
    await received(id, { frame: say.stop(5, 60, 2500) });
    await drained(id);
    expect(stekkerGot(id)).toEqual(['StartTransaction 1000', 'MeterValues 1500', 'StopTransaction 2500']);
  });

  it('is erased in bounded steps: a run asks a part of the stations, and the next one goes on', async () => {
    const chargers = Array.from({ length: 150 }, (_, index) => `erase-${String(index).padStart(3, '0')}`);
    const sql = 'INSERT INTO removed_chargers (charge_point_id, removed_at) VALUES (?, 0)';
    await env.DB.batch(chargers.map((each) => env.DB.prepare(sql).bind(each)));
    for (let index = 0; index < 1100; index += 1)
      await parked('erase-000', {
        seq: index,
        deliverables: [{ message: messageWith(TOKEN, index), to: { stekker: 0 } }],
      });
    const config = readConfig({ ...env });
    const id = await beginErasure(
      env,
      { idToken: TOKEN, pepper: config.pairingCodePepper ?? '', isDropping: false },
      Date.now(),
    );
    const statements = vi.spyOn(env.DB, 'prepare');
    const doneAfter: number[] = [];
    while ((await shown(id)).status !== 'done') {
      statements.mockClear();
      await run();
      expect(statements.mock.calls.length).toBeLessThan(500);
      doneAfter.push((await shown(id)).done);
    }
    const letters = await env.DB.prepare(
      `SELECT count(DISTINCT json_extract(record, '$.deliverables[0].message.body.index')) AS n FROM dead_letters WHERE charge_point_id = 'erase-000'`,
    ).first('n');
    expect(letters).toBe(1100);
    expect(doneAfter.length).toBeGreaterThan(2);
    expect(doneAfter[0]).toBeLessThan(150);
    expect(doneAfter).toEqual(doneAfter.toSorted((a, b) => a - b));
    await nowhere(TOKEN);
  });

  it('counts a station once, though two runs do the same at the same time', async () => {
    const id = await paired('stekker');
    await received(id, ...tokenOnly(TOKEN, 70));
    await drained(id);
    const erasure = await begun({ idToken: TOKEN });
    await Promise.all([1, 2, 3].map(() => eraseOn(env, readConfig({ ...env }), erasure, Date.now())));
    const { stations, done: asked } = await done(erasure);
    expect(asked).toBe(stations);
  });
});

describe('a request to erase', () => {
  it.each([
    {},
    { idToken: '' },
    { idToken: 7 },
    { idToken: 'anonymous' },
    { idToken: 'A', chargePointId: 'B' },
    { chargePointId: 'no spaces' },
    { idToken: 'A', drop: 'yes' },
    { idToken: 'A', other: 1 },
    [],
  ])('%j is refused', async (body) => {
    await expectProblem(await admin('/api/erasures', body), 400, 'erasure-invalid');
  });

  it('needs the admin token, and an erasure that is unknown is 404', async () => {
    await expectProblem(await call('/api/erasures', { json: { idToken: 'A' } }), 401, 'unauthorized');
    await expectProblem(await call('/api/erasures/x', { token: ADMIN_TOKEN }), 404, 'erasure-unknown');
  });
});
