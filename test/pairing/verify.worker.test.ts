import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashCode } from '../../src/pairing/hash.ts';
import { verifyCode } from '../../src/pairing/verify.ts';
import { unpairByProvider } from '../../src/pairing/unpair.ts';
import { findSituation, storeCode } from '../../src/pairing/stored-codes.ts';
import { claimPairing } from '../../src/pairing/claims.ts';
import { listPairings } from '../../src/pairing/pairings.ts';
import { redeemCode } from '../../src/pairing/redemption.ts';
import { call, chargerBody, freshId, registered, uidOf } from '../http/client.ts';
import { standIn } from '../outside.ts';
import { JEDLIX_TOKEN } from '../settings.ts';
import { contextAt, issuedAt, MINUTE, T0, verify } from './world.ts';

beforeEach(() => {
  standIn();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const pairingsOf = (id: string, now = T0) => listPairings(env.DB, id, now);
const DAY = 24 * 60 * MINUTE;
const live = async (now: number) => (await findSituation(env.DB, { provider: 'jedlix', chargePointId: '' }, now)).live;

/** Redeems, at T0, a code of a charger of its own. */
async function redemption() {
  const codeHash = hashCode(contextAt(T0).config, 'jedlix', await issuedAt(await registered()));
  if (!codeHash.ok) throw new Error('there is no pepper');
  const audit = { by: 'provider', caller: 'test', requestId: 'test', origin: 'code-from-us' } as const;
  const place = { codeHash: codeHash.value, provider: 'jedlix', format: 'ocpp', caller: freshId() } as const;
  return { ...place, now: T0, isExclusive: true, audit };
}

describe('a code that was drawn', () => {
  const codeOf = (chargePointId: string, codeHash: string, createdAt: number) => {
    const expiresAt = createdAt + 15 * MINUTE;
    return { codeHash, provider: 'jedlix', chargePointId, target: { format: 'ocpp' }, createdAt, expiresAt } as const;
  };

  it('is not given to a second charger while the first can use it, and then is', async () => {
    const [hash, first, second] = [freshId(), await registered(), await registered()];
    expect(await storeCode(env.DB, codeOf(first, hash, T0), 10)).toBe(true);
    expect(await storeCode(env.DB, codeOf(second, hash, T0 + 15 * MINUTE - 1), 10)).toBe(false);
    expect(await storeCode(env.DB, codeOf(second, hash, T0 + 15 * MINUTE), 10)).toBe(true);
  });
});

describe('a code that we issued', () => {
  it('pairs its charger, however it is written', async () => {
    const id = await registered();
    const code = await issuedAt(id);
    expect(await verify(` ${code.slice(0, 3)}-${code.slice(3)} `)).toBe(id);
    expect(await pairingsOf(id)).toMatchObject([
      { chargePointId: id, provider: 'jedlix', status: 'paired', target: { format: 'ocpp' }, pairedAt: T0 },
    ]);
  });

  it('gives the same answer again for ten minutes, then no more', async () => {
    const id = await registered();
    const code = await issuedAt(id);
    expect(await verify(code)).toBe(id);
    expect(await verify(code, { at: T0 + 10 * MINUTE - 1 })).toBe(id);
    expect(await verify(code, { at: T0 + 10 * MINUTE })).toBe('pairing-code-incorrect');
    expect(await pairingsOf(id)).toMatchObject([{ pairedAt: T0 }]);
  });

  it('is redeemed within its life and repeated beyond it, and counts as live for as long as a guess may hit it', async () => {
    const [id, later] = [await registered(), T0 + 300 * DAY];
    const code = await issuedAt(id, later);
    expect(await verify(code, { at: later + 15 * MINUTE - 1 })).toBe(id);
    expect(await verify(code, { at: later + 20 * MINUTE })).toBe(id);
    expect(await live(later + 20 * MINUTE)).toBe(1);
    expect(await live(later + 25 * MINUTE)).toBe(0);
  });

  it('gives one pairing and the same charger to two that verify it at once', async () => {
    const id = await registered();
    const code = await issuedAt(id);
    expect(await Promise.all([verify(code), verify(code), verify(code, { at: T0 + 1 })])).toEqual([id, id, id]);
    expect(await pairingsOf(id)).toHaveLength(1);
  });

  it('is incorrect when it is unknown, expired, revoked, or another provider’s', async () => {
    const id = await registered();
    const expired = await issuedAt(id);
    const incorrect = 'pairing-code-incorrect';
    expect(await verify('000000000000')).toBe(incorrect);
    expect(await verify('')).toBe(incorrect);
    expect(await verify(expired, { at: T0 + 15 * MINUTE })).toBe(incorrect);
    const newer = await issuedAt(id);
    expect(await verify(expired)).toBe(incorrect);
    const context = contextAt(T0);
    const foreign = { provider: 'stekker', code: newer, format: 'ocpp', caller: freshId() } as const;
    expect(await verifyCode(context, foreign)).toMatchObject({ ok: false, error: { reason: incorrect } });
    expect(await verify(newer)).toBe(id);
  });

  it('tells the same of every incorrect code', async () => {
    const id = await registered();
    const revoked = await issuedAt(id);
    const used = await issuedAt(id);
    await verify(used);
    const caller = freshId();
    const refusals = await Promise.all(
      [revoked, used, 'unknown'].map((code) =>
        verifyCode(contextAt(T0 + 11 * MINUTE), { provider: 'jedlix', code, format: 'ocpp', caller }),
      ),
    );
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1);
  });

  it('is of no use to another provider, whatever that one’s codes are stored as', async () => {
    const request = await redemption();
    const redeem = (provider: string) => redeemCode(env.DB, { ...request, provider });
    expect(await redeem('stekker')).toEqual({ kind: 'incorrect', failures: 1 });
    expect(await redeem('jedlix')).toMatchObject({ kind: 'redeemed' });
  });

  it('is held, and stays good, while the provider is asked about another part of the charger', async () => {
    const id = await registered();
    const code = await issuedAt(id, T0, { format: 'ocpi', evseUid: uidOf(id) });
    const claim = { chargePointId: id, provider: 'jedlix', target: { format: 'ocpp' }, isExclusive: true } as const;
    expect(await claimPairing(env.DB, { ...claim, now: T0 })).toEqual({ kind: 'claimed', generation: 1 });
    expect(await verify(code, { format: 'ocpi' })).toBe('charger-already-paired');
    expect(await verify(code, { format: 'ocpi', at: T0 + 5 * MINUTE })).toBe(id);
  });

  it('makes a pairing of a later generation than the one it takes over, whatever the clocks say', async () => {
    const id = await registered();
    await verify(await issuedAt(id, T0), { at: T0 + 9 });
    await verify(await issuedAt(id, T0), { at: T0 + 4 });
    expect(await pairingsOf(id)).toMatchObject([{ status: 'paired', generation: 2, pairedAt: T0 + 4 }]);
  });

  it('is revoked when its EVSE is taken out of the charger, and others are not', async () => {
    const id = await registered();
    const gone = await issuedAt(id, T0, { format: 'ocpi', evseUid: uidOf(id) });
    const json = chargerBody(id, { evses: [{ evseId: 1, uid: `other-${id}`, connectors: [{ connectorId: '1' }] }] });
    expect((await call(`/api/chargers/${id}`, { method: 'PUT', json })).status).toBe(200);
    expect(await verify(gone, { format: 'ocpi' })).toBe('pairing-code-incorrect');
    const other = await registered();
    const [whole, part] = [await issuedAt(id), await issuedAt(other, T0, { format: 'ocpi', evseUid: uidOf(other) })];
    const without = chargerBody(id, { evses: [{ evseId: 1, connectors: [{ connectorId: '1' }] }] });
    expect((await call(`/api/chargers/${id}`, { method: 'PUT', json: without })).status).toBe(200);
    expect(await verify(whole)).toBe(id);
    expect(await verify(part, { format: 'ocpi' })).not.toBe('pairing-code-incorrect');
  });

  it('is incorrect when it comes again after its EVSE was taken out', async () => {
    const id = await registered();
    const code = await issuedAt(id, Date.now(), { format: 'ocpi', evseUid: uidOf(id) });
    const again = () => call('/v1/cpo/ocpi2.2.1/pair', { token: JEDLIX_TOKEN, json: { code } });
    expect((await again()).status).toBe(200);
    const json = chargerBody(id, { evses: [{ evseId: 1, uid: `other-${id}`, connectors: [{ connectorId: '1' }] }] });
    expect((await call(`/api/chargers/${id}`, { method: 'PUT', json })).status).toBe(200);
    const response = await again();
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ message: 'Incorrect Code, please check the code and try again.' });
  });

  it('is redeemed by one of two that come in the same millisecond; the other one is its repeat', async () => {
    const request = await redemption();
    const redemptions = [await redeemCode(env.DB, request), await redeemCode(env.DB, request)];
    const redeemed = { kind: 'redeemed', pairing: { generation: 1, pairedAt: T0 } };
    expect(redemptions).toMatchObject([redeemed, redeemed]);
  });

  it('is revoked by the next one for its charger, whichever part of it that is for', async () => {
    const id = await registered();
    const whole = await issuedAt(id);
    const part = await issuedAt(id, T0, { format: 'ocpi', evseUid: uidOf(id) });
    expect(await verify(whole)).toBe('pairing-code-incorrect');
    const last = await issuedAt(id);
    expect(await verify(part, { format: 'ocpi' })).toBe('pairing-code-incorrect');
    expect(await verify(last)).toBe(id);
  });

  it('is incorrect in another format than it was issued in', async () => {
    const id = await registered();
    const code = await issuedAt(id, T0, { format: 'ocpi', evseUid: uidOf(id) });
    expect(await verify(code)).toBe('pairing-code-incorrect');
    expect(await verify(code, { format: 'ocpi' })).toBe(id);
    expect(await pairingsOf(id)).toMatchObject([{ target: { format: 'ocpi', evseUid: uidOf(id) } }]);
  });

  it('is refused, and stays good, while another provider has the charger or is about to', async () => {
    const id = await registered();
    const code = await issuedAt(id);
    const claim = { chargePointId: id, provider: 'stekker', target: { format: 'ocpp' }, isExclusive: true } as const;
    expect(await claimPairing(env.DB, { ...claim, now: T0 })).toMatchObject({ kind: 'claimed' });
    expect(await verify(code)).toBe('charger-already-paired');
    expect(await verify(code, { at: T0 + 2 * MINUTE })).toBe(id);
  });

  it('pairs beside another provider where the operator allows it', async () => {
    const id = await registered();
    const code = await issuedAt(id);
    const claim = { chargePointId: id, provider: 'stekker', target: { format: 'ocpp' }, isExclusive: true } as const;
    await claimPairing(env.DB, { ...claim, now: T0 });
    const context = contextAt(T0, { ONE_PROVIDER_PER_CHARGER: 'false' });
    const attempt = { provider: 'jedlix', code, format: 'ocpp', caller: freshId() } as const;
    expect(await verifyCode(context, attempt)).toMatchObject({ ok: true });
  });

  it('does not take one EVSE’s pairing away for another', async () => {
    const connectors = [{ connectorId: '1' }];
    const id = await registered({
      evses: [
        { evseId: 1, uid: 'A', connectors },
        { evseId: 2, uid: 'B', connectors },
      ],
    });
    const first = await issuedAt(id, T0, { format: 'ocpi', evseUid: 'A' });
    expect(await verify(first, { format: 'ocpi' })).toBe(id);
    const second = await issuedAt(id, T0, { format: 'ocpi', evseUid: 'B' });
    expect(await verify(second, { format: 'ocpi' })).toBe('charger-already-paired');
    expect(await pairingsOf(id)).toMatchObject([{ target: { evseUid: 'A' } }]);
  });

  it('does not pair again what was unpaired after it', async () => {
    const id = await registered();
    const code = await issuedAt(id);
    await verify(code);
    expect(await unpairByProvider(contextAt(T0 + 1), 'jedlix', { chargePointId: id })).toMatchObject({ ok: true });
    expect(await verify(code, { at: T0 + 2 })).toBe('pairing-code-incorrect');
    expect(await pairingsOf(id)).toEqual([]);
  });

  it('does not pair again what was unpaired in the very millisecond of the first verification', async () => {
    const id = await registered();
    const code = await issuedAt(id);
    await verify(code);
    expect(await unpairByProvider(contextAt(T0), 'jedlix', { chargePointId: id })).toMatchObject({ ok: true });
    expect(await verify(code)).toBe('pairing-code-incorrect');
    expect(await pairingsOf(id)).toEqual([]);
  });

  it('is gone with its charger', async () => {
    const id = await registered();
    const code = await issuedAt(id);
    await call(`/api/chargers/${id}`, { method: 'DELETE' });
    expect(await verify(code)).toBe('pairing-code-incorrect');
    await call(`/api/chargers/${id}`, { method: 'PUT', json: chargerBody(id) });
    expect(await verify(code)).toBe('pairing-code-incorrect');
  });

  it('cannot be verified without a pepper, and is nowhere in the database', async () => {
    const id = await registered();
    const code = await issuedAt(id, T0, { ttlMs: 2 * DAY });
    const { results } = await env.DB.prepare('SELECT * FROM pairing_codes WHERE charge_point_id = ?').bind(id).all();
    expect(results).toHaveLength(1);
    expect(JSON.stringify(results)).not.toContain(code);
    const context = contextAt(T0, { PAIRING_CODE_PEPPER: '' });
    const attempt = { provider: 'jedlix', code, format: 'ocpp', caller: freshId() } as const;
    expect(await verifyCode(context, attempt)).toMatchObject({ ok: false, error: { reason: 'misconfigured' } });
  });
});
