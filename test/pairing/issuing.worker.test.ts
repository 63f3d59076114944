import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { issueCode } from '../../src/pairing/issue.ts';
import { prunePairingCodes } from '../../src/pairing/stored-codes.ts';
import { findCharger } from '../../src/storage/chargers.ts';
import { registered } from '../http/client.ts';
import { standIn } from '../outside.ts';
import { contextAt, issuedAt, MINUTE, T0, verify } from './world.ts';

beforeEach(() => {
  standIn();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const DAY = 24 * 60 * MINUTE;

/** What comes of asking for a code: its length, or the refusal. */
async function issue(id: string, now = T0, settings: Record<string, unknown> = {}) {
  const charger = await findCharger(env.DB, id);
  if (charger === undefined) throw new Error('no such charger');
  const order = { provider: 'jedlix', ttlMs: 15 * MINUTE, format: 'ocpp' } as const;
  const issued = await issueCode(contextAt(now, settings), charger, order);
  return issued.ok ? issued.value.code.length : issued.error;
}

describe('a charger', () => {
  it('gets ten codes an hour, and is told when the next may come', async () => {
    const id = await registered();
    for (let n = 0; n < 10; n += 1) expect(await issue(id, T0 + n * MINUTE)).toEqual(expect.any(Number));
    expect(await issue(id, T0 + 30 * MINUTE)).toMatchObject({ reason: 'too-many-codes', retryAfterS: 1800 });
    expect(await issue(await registered(), T0 + 30 * MINUTE)).toEqual(expect.any(Number));
    expect(await issue(id, T0 + 60 * MINUTE)).toEqual(expect.any(Number));
    expect(await issue(id, T0 + 60 * MINUTE)).toMatchObject({ reason: 'too-many-codes', retryAfterS: 60 });
  });

  it('gets no more when they are asked for all at once, and its last code is good', async () => {
    const id = await registered();
    const issued = await Promise.all(Array.from({ length: 30 }, () => issue(id)));
    expect(issued.filter((each) => typeof each === 'number')).toHaveLength(10);
    expect(await issue(id)).toMatchObject({ reason: 'too-many-codes' });
  });

  it('gets digits only where the operator says so', async () => {
    const now = T0 + 30 * DAY;
    for (let n = 0; n < 11; n += 1) await issuedAt(await registered(), now);
    expect(await issue(await registered(), now, { PAIRING_CODE_ALPHABET: 'digits' })).toBe(10);
    expect(await issue(await registered(), now)).toBe(8);
  });
});

describe('codes of old', () => {
  it('are not read when one is issued: the work is that of the codes that are live', async () => {
    const id = await registered();
    const later = T0 + 60 * DAY;
    const rowsRead = async () => {
      const before = await read(later);
      await issue(id, later);
      return before;
    };
    const without = await rowsRead();
    await old(2000, later);
    expect(await read(later)).toBeLessThanOrEqual(without + 1);
  });

  it('go a day after they could last be used, and not before', async () => {
    const [expired, redeemed, revoked] = [await registered(), await registered(), await registered()];
    await issuedAt(expired);
    expect(await verify(await issuedAt(redeemed, T0, { ttlMs: 90 * DAY }))).toBe(redeemed);
    await issuedAt(revoked, T0 - MINUTE, { ttlMs: 90 * DAY });
    await env.DB.prepare('UPDATE pairing_codes SET revoked_at = ?2 WHERE charge_point_id = ?1').bind(revoked, T0).run();
    const left = async (at: number) => {
      await prunePairingCodes(env.DB, at);
      const { results } = await env.DB.prepare('SELECT charge_point_id AS id FROM pairing_codes').all();
      return [expired, redeemed, revoked].map((id) => results.some((row) => row['id'] === id));
    };
    expect(await left(T0 + DAY)).toEqual([true, true, true]);
    expect(await left(T0 + DAY + 1)).toEqual([true, true, false]);
    expect(await left(T0 + DAY + 10 * MINUTE + 1)).toEqual([true, false, false]);
    expect(await left(T0 + DAY + 15 * MINUTE + 1)).toEqual([false, false, false]);
  });

  it('go so many at a time', async () => {
    const at = T0 + 200 * DAY;
    await env.DB.prepare('DELETE FROM pairing_codes').run();
    await old(10_001, at);
    await prunePairingCodes(env.DB, at + DAY + 1);
    expect(await env.DB.prepare('SELECT count(*) AS n FROM pairing_codes').first('n')).toBe(1);
  });
});

/** Codes that were redeemed, or revoked, although they would live for weeks yet. */
async function old(count: number, now: number): Promise<void> {
  await env.DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
     INSERT INTO pairing_codes (code_hash, provider, charge_point_id, format, created_at, expires_at, redeemed_at)
     SELECT 'old ' || ?2 || ' ' || i, 'jedlix', 'old', 'ocpp', ?2 - 1, ?2 + 864000000, ?2 - 600000 FROM n`,
  )
    .bind(count, now)
    .run();
}

/** How many rows are read to count the codes that a guess could hit. */
async function read(now: number): Promise<number> {
  const { meta } = await env.DB.prepare(
    `SELECT count(*) FROM pairing_codes WHERE live_until > ?1 AND revoked_at IS NULL AND provider = 'jedlix'`,
  )
    .bind(now)
    .run();
  return meta.rows_read;
}
