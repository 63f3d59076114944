/** What pairing functions are given, from a request. */
import type { Context } from 'hono';
import type { PairingContext } from '../../pairing/context.ts';
import type { AppEnv, Caller } from '../app-env.ts';

/** A webhook comes from the CSMS, however it was authenticated. */
const WEBHOOK: Caller = { by: 'csms', caller: 'webhook' };

/** The pairing context of this request, at this moment. */
export function pairingContextOf(c: Context<AppEnv>): PairingContext {
  const audit = { ...(c.get('caller') ?? WEBHOOK), requestId: c.get('requestId') };
  return { env: c.env, config: c.get('config'), now: Date.now(), audit };
}
