/** A journal that is too long for one step is erased page by page, also when the object dies in between. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { digestsOf } from '../../src/storage/erased-tokens.ts';
import { readConfig } from '../../src/config.ts';
import { registered } from '../http/client.ts';
import { accepted, crash, received, rowsOf, say, stub } from '../station/world.ts';
import { begun, done, textsAt } from './world.ts';

const TOKEN = '04DEADBEEF1234';
const BATCH = 400;

/** A charger with 1,201 rows that all have the token. */
async function longJournal(): Promise<string> {
  const id = await registered();
  await received(id, { frame: say.start(0, { idTag: TOKEN }), response: accepted(1) });
  for (let batch = 0; batch < 3; batch += 1) {
    const readings = Array.from({ length: BATCH }, (_, index) => say.meter(1 + batch, 1, 1500 + batch * BATCH + index));
    await received(id, ...readings.map((frame) => ({ frame })));
  }
  expect(await rowsOf(id, `SELECT count(*) AS n FROM log WHERE book LIKE '%${TOKEN}%'`)).toEqual([{ n: 1201 }]);
  return id;
}

it('a long journal is erased page by page, and a page that was done stays done', async () => {
  const id = await longJournal();
  const digests = digestsOf(readConfig({ ...env }).pairingCodePepper ?? '', TOKEN);
  const order = { erasureId: 'e', isDropping: false, token: { digests, pseudonym: 'ABCD1234' } };
  const first = await stub(id).erase(order);
  expect(first).toEqual({ next: { from: 501, until: 1201 }, isOwing: false });
  await crash(id);
  const [{ n } = { n: undefined }] = await rowsOf(id, `SELECT count(*) AS n FROM log WHERE book LIKE '%${TOKEN}%'`);
  expect(n).toBe(700);
  const second = await stub(id).erase({ ...order, ...(first.next && { place: first.next }) });
  expect(second).toEqual({ next: { from: 1001, until: 1201 }, isOwing: false });
  const third = await stub(id).erase({ ...order, ...(second.next && { place: second.next }) });
  expect(third).toEqual({ isOwing: false });
  expect(await textsAt(id)).not.toContain(TOKEN);
});

it('a long journal is erased by the job', async () => {
  const id = await longJournal();
  await done(await begun({ idToken: TOKEN }));
  expect(await textsAt(id)).not.toContain(TOKEN);
});

it('rows that are very long are erased a few at a time', async () => {
  const id = await longJournal();
  await runInDurableObject(stub(id), (_, { storage: { sql } }) => {
    sql.exec(`UPDATE log SET book = ? WHERE seq <= 30`, JSON.stringify({ idTag: TOKEN, text: 'x'.repeat(900_000) }));
  });
  const digests = digestsOf(readConfig({ ...env }).pairingCodePepper ?? '', TOKEN);
  const order = { erasureId: 'e', isDropping: false, token: { digests, pseudonym: 'ABCD1234' } };
  const first = await stub(id).erase(order);
  expect(first.next?.from).toBe(9);
  await done(await begun({ idToken: TOKEN }));
  expect(await textsAt(id)).not.toContain(TOKEN);
});
