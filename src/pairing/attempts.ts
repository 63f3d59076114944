/**
 * Wrong codes, counted for each caller. Codes are too long to be guessed, so the count refuses nobody: it tells the
 * operator.
 */
import { writeLog } from '../log.ts';

/** Failures are counted by the hour, from the first one on. */
export const HOUR_MS = 3_600_000;

/** So many failures of one caller in an hour are far more than people mistype. */
export const GUESSING_FROM = 1000;

/**
 * Tells the operator, once in an hour, that a caller sends far too many wrong codes: someone is guessing, or a form is
 * broken.
 */
export function alertGuessing(caller: string, failures: number, requestId: string): void {
  if (failures !== GUESSING_FROM) return;
  writeLog('error', 'pairing.guessing', {
    'scsp.caller': caller,
    'scsp.failures': failures,
    'scsp.request_id': requestId,
  });
}
