/**
 * Issues a code for the user to type into a provider's app. Refuses providers that take no codes of ours. The code is
 * shown once.
 */
import type { Charger } from '../charging/charger.ts';
import { problem, type Problem } from '../problem.ts';
import type { PairingTarget } from '../charging/pairing-target.ts';
import { err, ok, type Result } from '../result.ts';
import { findSituation, ISSUED_PER_CHARGER, storeCode } from './stored-codes.ts';
import { chooseProvider, chooseTarget, invalidField, type TargetChoice } from './choice.ts';
import { codeShape, drawCode } from './code.ts';
import type { PairingContext } from './context.ts';
import { hashCode } from './hash.ts';
import { tryCatchUp } from './restored.ts';

/**
 * Another draw is needed about once in 10^8 times, or when many issue at once; ten in a row mean that something else is
 * wrong.
 */
const MAX_DRAWS = 10;

export type CodeRequest = TargetChoice & { readonly provider: string; readonly ttlMs: number };
/** `expiresAt` in ms since the epoch. */
export type NewCode = { readonly code: string; readonly expiresAt: number };

/** A new code for a charger, in place of an older one for the same provider. */
export async function issueCode(
  context: PairingContext,
  charger: Charger,
  request: CodeRequest,
): Promise<Result<NewCode, Problem>> {
  const provider = chooseProvider(context.config, request.provider);
  if (!provider.ok) return provider;
  if (!provider.value.issuedCodeFormats.includes(request.format)) {
    return err(invalidField('format', 'is none in which this provider takes our codes'));
  }
  const target = chooseTarget(charger, request);
  return target.ok ? issueFor(context, { charger, target: target.value, request }) : target;
}

type Order = { readonly charger: Charger; readonly target: PairingTarget; readonly request: CodeRequest };

/**
 * Others may issue codes meanwhile: before each draw the situation is looked at, and what no longer fits it is not
 * stored.
 */
async function issueFor(context: PairingContext, order: Order): Promise<Result<NewCode, Problem>> {
  const { env, config, now } = context;
  const { provider, ttlMs } = order.request;
  const expiresAt = now + ttlMs;
  const { chargePointId } = order.charger;
  await tryCatchUp(env, chargePointId);
  for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
    const { live, isRegistered, nextAt } = await findSituation(env.DB, { provider, chargePointId }, now);
    if (!isRegistered)
      return err(problem('charger-unknown', 'The charger was removed while the code was being issued.'));
    if (nextAt !== undefined) return err(tooManyCodes(nextAt - now));
    const shape = codeShape(live, config.pairingCodeAlphabet);
    const code = drawCode(shape, (count) => crypto.getRandomValues(new Uint8Array(count)));
    const codeHash = hashCode(config, provider, code);
    if (!codeHash.ok) return codeHash;
    const named = { codeHash: codeHash.value, provider, chargePointId, target: order.target };
    if (await storeCode(env.DB, { ...named, createdAt: now, expiresAt }, shape.maxLive)) return ok({ code, expiresAt });
  }
  throw new Error('no free pairing code was drawn');
}

function tooManyCodes(waitMs: number): Problem {
  const { codes } = ISSUED_PER_CHARGER;
  return problem('too-many-codes', `This charger was given ${codes} codes within an hour; wait for the next one.`, {
    retryAfterS: Math.ceil(waitMs / 1000),
  });
}
