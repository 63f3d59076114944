/** How long parked messages are kept: 7 days, and 30 for those of the release before. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { SCHEMA, upgrade } from '../../src/station/journal/schema.ts';
import { pruneLetters } from '../../src/station/journal/letters.ts';
import { sweep } from '../../src/sweep.ts';
import { freshId } from '../http/client.ts';
import { parked } from '../station/letters.ts';
import { stub } from '../station/world.ts';

const DAY = 24 * 60 * 60_000;

describe('parked messages in D1', () => {
  const left = async (id: string) =>
    (await env.DB.prepare('SELECT delivery_id FROM dead_letters WHERE charge_point_id = ?').bind(id).all()).results
      .length;

  it('go after 7 days, and those of the release before after 30', async () => {
    const [older, newer] = [freshId(), freshId()];
    const now = Date.now();
    await parked(older, {}, now);
    await env.DB.prepare(
      `INSERT OR REPLACE INTO deployment SELECT 'last-older-letter', max(id) FROM dead_letters`,
    ).run();
    await parked(newer, {}, now);
    await sweep(env, now + 6 * DAY);
    expect([await left(older), await left(newer)]).toEqual([1, 1]);
    await sweep(env, now + 8 * DAY);
    expect([await left(older), await left(newer)]).toEqual([1, 0]);
    await sweep(env, now + 31 * DAY);
    expect(await left(older)).toBe(0);
  });
});

describe('parked messages at a station', () => {
  it('of the release before are kept longer than those since', async () => {
    await runInDurableObject(stub(freshId()), (_, { storage: { sql } }) => {
      sql.exec(SCHEMA);
      sql.exec('ALTER TABLE letters DROP COLUMN is_older');
      const park = (id: number) =>
        sql.exec(
          `INSERT INTO letters (id, delivery_id, provider, reason, parked_at, octets, record)
           VALUES (?, ?, 'stekker', 'http-400', 1, 2, '{}')`,
          id,
          String(id),
        );
      park(1);
      upgrade(sql);
      upgrade(sql);
      park(2);
      const left = () =>
        sql
          .exec('SELECT id FROM letters')
          .toArray()
          .map(({ id }) => id);
      pruneLetters(sql, 2, 1);
      expect(left()).toEqual([1]);
      pruneLetters(sql, 2, 2);
      expect(left()).toEqual([]);
    });
  });
});
