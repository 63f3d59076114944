/**
 * Wrong codes, counted for each caller. Codes are too long to be guessed, so the count refuses nobody: it tells the
 * operator.
 */
import { writeLog } from '../log.ts';
import { openAlert } from '../storage/alerts.ts';
import type { PairingContext } from './context.ts';

/** Failures are counted by the hour, from the first one on. */
export const HOUR_MS = 3_600_000;

/** So many failures of one caller in an hour are far more than people mistype. */
export const GUESSING_FROM = 1000;

/** Who guesses: a caller, and how many of its codes were wrong in this hour. */
type Guessing = { readonly caller: string; readonly failures: number };

/**
 * Tells the operator and the CSMS, once in an hour, that a caller sends far too many wrong codes: someone is guessing,
 * or a form is broken.
 */
export async function alertGuessing(context: PairingContext, { caller, failures }: Guessing): Promise<void> {
  if (failures !== GUESSING_FROM) return;
  const { env, config, now, audit } = context;
  const type = 'pairing.guessing';
  const data = { caller, failures };
  const notification = config.isNotifying ? { type, timestamp: new Date(now).toISOString(), data } : undefined;
  await openAlert(env.DB, { type, subject: caller, detail: { failures } }, { now, notification });
  const fields = { 'scsp.caller': caller, 'scsp.failures': failures, 'scsp.request_id': audit.requestId };
  writeLog('error', type, fields);
}
