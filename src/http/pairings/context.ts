/** What pairing functions are given, from a request. */
import type { Context } from 'hono';
import type { PairingContext } from '../../pairing/context.ts';
import type { AppEnv } from '../app-env.ts';

/** A webhook comes from the CSMS, however it was authenticated. */
const WEBHOOK: PairingContext['actor'] = { by: 'csms', caller: 'webhook' };

/** The pairing context of this request, at this moment. */
export function pairingContextOf(c: Context<AppEnv>): PairingContext {
  const actor = c.get('caller') ?? WEBHOOK;
  return { env: c.env, config: c.get('config'), now: Date.now(), requestId: c.get('requestId'), actor };
}
