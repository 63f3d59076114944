/** What pairing tests start from: a context at a moment of choice, codes, and stand-ins for both providers. */
import { env } from 'cloudflare:workers';
import { readConfig } from '../../src/config.ts';
import type { PairingContext } from '../../src/pairing/context.ts';
import { issueCode, type CodeRequest } from '../../src/pairing/issue.ts';
import { verifyCode } from '../../src/pairing/verify.ts';
import { findCharger } from '../../src/storage/chargers.ts';
import { stationOf } from '../../src/station/station-of.ts';
import { standIn, type Host, type OutsideCall } from '../outside.ts';
import { JEDLIX_HOST, JEDLIX_TOKEN_HOST, STEKKER_HOST } from '../settings.ts';

export const T0 = Date.parse('2026-03-31T12:00:00Z');
export const MINUTE = 60_000;

/** The context of a pairing function at `now`; `settings` change what the environment says. */
export function contextAt(now: number, settings: Record<string, unknown> = {}): PairingContext {
  const config = readConfig({ ...env, ...settings });
  return { env, config, now, audit: { by: 'csms', caller: 'test', requestId: crypto.randomUUID() } };
}

/** Issues a code for a registered charger at T0; it lives 15 minutes unless the request says otherwise. */
export async function issuedAt(chargePointId: string, now = T0, request: Partial<CodeRequest> = {}): Promise<string> {
  const charger = await findCharger(env.DB, chargePointId);
  if (charger === undefined) throw new Error('no such charger');
  const order = { provider: 'jedlix', ttlMs: 15 * MINUTE, format: 'ocpp', ...request } as const;
  const issued = await issueCode(contextAt(now), charger, order);
  if (!issued.ok) throw new Error(issued.error.reason);
  return issued.value.code;
}

export type Attempt = { readonly at?: number; readonly caller?: string; readonly format?: 'ocpp' | 'ocpi' };

/** Verifies a code as Jedlix would; gives the charger's id, or the reason of the refusal. */
export async function verify(code: string, { at = T0, caller = crypto.randomUUID(), format = 'ocpp' }: Attempt = {}) {
  const verified = await verifyCode(contextAt(at), { provider: 'jedlix', code, format, caller });
  return verified.ok ? verified.value.charger.chargePointId : verified.error.reason;
}

/** What a charger's station noted, oldest first: the entries of its timeline. */
export async function entriesOf(chargePointId: string): Promise<unknown[]> {
  const { items } = await stationOf(env, chargePointId).timeline({ limit: 500, isUnmasked: false });
  return items.map(({ entry }) => entry).toReversed();
}

/** Stands in for both providers: `answer` is what they say to everything but the token request. */
export function providersAnswer(answer: Host): { readonly calls: readonly OutsideCall[] } {
  return standIn({
    [STEKKER_HOST]: answer,
    [JEDLIX_HOST]: answer,
    [JEDLIX_TOKEN_HOST]: () => Response.json({ access_token: 'token', token_type: 'Bearer', expires_in: 3600 }),
  });
}
