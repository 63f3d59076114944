/** With STORE_ID_TOKENS=hashed, a token stands in clear only where it is needed: sessions under way, what is owed, what is parked. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { begun, done, textsAt, textsInD1 } from '../erasure/world.ts';
import { PATIENCE } from '../patience.ts';
import {
  accepted,
  answer,
  backlogOf,
  crash,
  drained,
  paired,
  received,
  rowsOf,
  say,
  say201,
  sentTo,
  standInProviders,
  stub,
  told,
  until,
} from '../station/world.ts';

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const TOKEN = '04DEADBEEF1234';
const start = (transactionId: number, idTag = TOKEN) => ({
  frame: say.start(0, { idTag }),
  response: accepted(transactionId),
});
const stop = (minute: number, transactionId: number) => ({
  frame: [
    2,
    crypto.randomUUID(),
    'StopTransaction',
    { transactionId, meterStop: 2500, timestamp: `2026-03-31T12:0${minute}:00Z` },
  ] as const,
});
const journalOf = async (id: string) => JSON.stringify(await rowsOf(id, 'SELECT entry, deliverables, book FROM log'));
const tagsSent = (id: string) =>
  sentTo('stekker', world.calls, id).flatMap(({ event }) =>
    event?.params?.idTag === undefined ? [] : [event.params.idTag],
  );

describe('a token', () => {
  it('is sent as it is, and is nowhere in clear when its session is over', async () => {
    const id = await paired('stekker');
    await received(id, start(1), { frame: say.meter(1, 1, 1500) });
    await drained(id);
    expect(await journalOf(id)).not.toContain(TOKEN);
    expect(await textsAt(id)).toContain(TOKEN);
    await received(id, stop(3, 1));
    await drained(id);
    expect(tagsSent(id)).toContain(TOKEN);
    expect(await textsAt(id)).not.toContain(TOKEN);
    expect(await textsInD1()).not.toContain(TOKEN);
    expect(await journalOf(id)).toMatch(/"idTag":"h:[\w-]{18}"|\\"idTag\\":\\"h:[\w-]{18}\\"/);
  });

  it('has the same pseudonym at every charger, whatever its case', async () => {
    const [one, two] = [await paired('stekker'), await paired('stekker')];
    await received(one, start(10), stop(3, 10));
    await received(two, start(11, TOKEN.toLowerCase()), stop(3, 11));
    await drained(one);
    await drained(two);
    const pseudonyms = new Set(
      [...(await journalOf(one)).matchAll(/h:[\w-]{18}/g), ...(await journalOf(two)).matchAll(/h:[\w-]{18}/g)].map(
        String,
      ),
    );
    expect(pseudonyms.size).toBe(1);
  });

  it('is known of a session under way after a crash', async () => {
    const id = await paired('stekker');
    await received(id, start(20));
    await drained(id);
    await crash(id);
    await received(id, stop(3, 20));
    await drained(id);
    const [sent] = sentTo('stekker', world.calls, id).filter(({ event }) => event?.method === 'StopTransaction');
    expect(sent).toBeDefined();
    expect(tagsSent(id).every((tag) => tag === TOKEN)).toBe(true);
    expect(told('stekker', world.calls, id)).toEqual(['StartTransaction 1000', 'StopTransaction 2500']);
  });

  it('of a start that waits for its answer is sent as it is, also after a crash', async () => {
    const id = await paired('stekker');
    const [type, messageId, ...rest] = say.start(0, { idTag: TOKEN });
    await received(id, { frame: [type, messageId, ...rest] });
    await crash(id);
    await received(id, { frame: [3, messageId, accepted(30)] as never, direction: 'csms' });
    await drained(id);
    expect(tagsSent(id)).toEqual([TOKEN]);
  });

  it('is kept where it is owed, and goes out after a crash', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(503);
    await received(id, start(40), stop(3, 40));
    await until(1, () => told('stekker', world.calls, id));
    expect(await journalOf(id)).toContain(TOKEN);
    await crash(id);
    world.answers.stekker = answer(200);
    await stub(id).retry('stekker');
    await drained(id);
    expect(new Set(tagsSent(id))).toEqual(new Set([TOKEN]));
    expect(await textsAt(id)).not.toContain(TOKEN);
  });

  it('is kept in what is parked', async () => {
    const id = await paired('stekker');
    world.answers.stekker = answer(422);
    await received(id, start(50), stop(3, 50));
    await drained(id);
    await vi.waitFor(async () => expect(await textsInD1()).toContain(TOKEN), PATIENCE);
    expect(await journalOf(id)).not.toContain(TOKEN);
  });

  it('of OCPP 2.0.1 is hidden too', async () => {
    const id = await paired('jedlix');
    const {
      frame: [type, messageId, action, payload],
      ...event
    } = say201.transaction(0, 'Started', 0);
    const idToken = { idToken: TOKEN, type: 'ISO14443' };
    await received(
      id,
      { ...event, frame: [type, messageId, action, { ...Object(payload), idToken }] },
      say201.transaction(5, 'Ended', 1),
    );
    await drained(id);
    expect(JSON.stringify(sentTo('jedlix', world.calls, id))).toContain(TOKEN);
    expect(await textsAt(id)).not.toContain(TOKEN);
  });

  it('that is erased takes its pseudonym with it', async () => {
    const id = await paired('stekker');
    await received(id, start(60), stop(3, 60), start(61, '04FACE00C0FFEE'));
    await drained(id);
    const before = new Set((await journalOf(id)).match(/h:[\w-]{18}/g));
    expect(before.size).toBe(2);
    await done(await begun({ idToken: TOKEN }));
    const after = new Set((await journalOf(id)).match(/h:[\w-]{18}/g));
    expect([...after].filter((each) => before.has(each))).toHaveLength(1);
    await received(id, stop(9, 61));
    await drained(id);
    expect(await backlogOf(id)).toBe(0);
    expect(tagsSent(id).at(-1)).toBe('04FACE00C0FFEE');
  });
});
