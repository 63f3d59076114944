/** `Idempotency-Key`: a repeated request gets the first one's answer. Refuses a key of another request. */
import type { Context } from 'hono';
import { problem, type Problem, type ProblemReason } from '../problem.ts';
import { err, type Result } from '../result.ts';
import { keepAnswer, releaseKey, takeKey, type KeyedRequest } from '../storage/idempotency.ts';
import type { AppEnv } from './app-env.ts';
import { hexDigestOf } from '../secret.ts';

/** Printable ASCII. Quotes are allowed, since the sender makes the key up. */
const KEY = /^[ -~]{1,255}$/;
/** How long a repeat is asked to wait for the first request, in s. */
const RETRY_AFTER_S = 30;

/** The body of a success, or the problem. */
export type KeptAnswer = Result<Readonly<Record<string, unknown>>, Problem>;

/** `isReplayed`: nothing was done; this is the answer of the first request. */
export type KeyedOutcome = { readonly outcome: KeptAnswer; readonly isReplayed: boolean };

/**
 * Runs `work` once within 24 hours for each key of a caller at a path. A repeat must have the same `request`. Only a
 * final outcome is kept: success, or the refusal of an incorrect code. Without the header, `work` just runs.
 */
export async function onceByKey(
  c: Context<AppEnv>,
  request: unknown,
  work: () => Promise<KeptAnswer>,
): Promise<KeyedOutcome> {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return fresh(await work());
  if (!KEY.test(key)) {
    return refused('idempotency-key-invalid', 'Idempotency-Key must be 1 to 255 printable characters.');
  }
  const name = JSON.stringify([c.get('caller'), c.req.path, key]);
  const [keyHash, bodyHash] = [hexDigestOf(name), hexDigestOf(name + JSON.stringify(request))];
  const keyed = { keyHash, bodyHash, now: Date.now() };
  const state = await takeKey(c.env.DB, keyed);
  switch (state.kind) {
    case 'first':
      return fresh(await keepFinal(c.env.DB, keyed, work));
    case 'answered':
      return { outcome: outcomeOf(state.answer), isReplayed: true };
    case 'running':
      return refused('pairing-in-progress', 'The first request with this key is running.', RETRY_AFTER_S);
    case 'other-body':
      return refused('idempotency-key-reused', 'This Idempotency-Key came with another body before.');
  }
}

const fresh = (outcome: KeptAnswer): KeyedOutcome => ({ outcome, isReplayed: false });

const refused = (reason: ProblemReason, detail: string, retryAfterS?: number): KeyedOutcome =>
  fresh(err(problem(reason, detail, retryAfterS === undefined ? {} : { retryAfterS })));

async function keepFinal(db: D1Database, keyed: KeyedRequest, work: () => Promise<KeptAnswer>): Promise<KeptAnswer> {
  let isKept = false;
  try {
    const outcome = await work();
    isKept = isFinal(outcome);
    if (isKept) await keepAnswer(db, keyed, JSON.stringify(outcome));
    return outcome;
  } finally {
    if (!isKept) await releaseKey(db, keyed);
  }
}

/** Any other refusal may change: the charger gets registered, its other pairing ends, the provider comes back. */
function isFinal(outcome: KeptAnswer): boolean {
  return outcome.ok || outcome.error.reason === 'pairing-code-incorrect';
}

/** Only we write this column, so it is what we wrote. */
function outcomeOf(answer: string): KeptAnswer {
  return JSON.parse(answer) as KeptAnswer;
}
