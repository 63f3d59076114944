/**
 * Pairs a charger by the code that a provider's app showed its user. The user waits: one call, no repeats. Refuses a
 * second provider.
 */
import type { Charger } from '../charging/charger.ts';
import type { Config } from '../config.ts';
import { problem, type Problem } from '../problem.ts';
import type { PairingTarget } from '../charging/pairing-target.ts';
import type { ConfiguredProvider } from '../providers/provider.ts';
import { err, ok, type Result } from '../result.ts';
import { findCharger } from '../storage/chargers.ts';
import { claimPairing, completePairing, endPairing, type Claimed, type ExistingPairing } from './claims.ts';
import { alreadyPaired, chooseProvider, chooseTarget, invalidField, type TargetChoice } from './choice.ts';
import type { PairingContext } from './context.ts';
import { hashCode } from './hash.ts';
import { listPairings, type Pairing } from './pairings.ts';
import { catchUp } from './restored.ts';
import { end, isUnpairingTold, tellPaired, tellUnpaired, type Ending } from './telling.ts';

export type PairRequest = TargetChoice & { readonly provider: string; readonly code: string };

/** For this long after a pairing the same code again is a repeat whose answer was lost, in ms. */
const REPEAT_MS = 600_000;
/**
 * A person waits, so no call of the provider may take longer than this, in ms. Four of them (a token, the code, both
 * again) end before the claim counts for nothing.
 */
const PATIENCE_MS = 25_000;
/** How long the caller is asked to wait for what another request or a lane is about to finish, in s. */
const RETRY_AFTER_S = 30;

type Made = Extract<Claimed, { kind: 'claimed' }>;

/** What is to be paired, and the hash of its code, which is undefined when there is no pepper. */
type Order = {
  readonly charger: Charger;
  readonly provider: ConfiguredProvider;
  readonly target: PairingTarget;
  readonly code: string;
  readonly codeHash: string | undefined;
};

/**
 * Claims the charger, asks the provider, and makes the claim a pairing or gives it back. Pairing again with the same
 * provider asks it again and keeps the pairing whatever it says; that it does not take the same code twice within 10
 * minutes is no refusal. The provider's own problem is passed on as it is.
 */
export async function pairCharger(
  context: PairingContext,
  charger: Charger,
  request: PairRequest,
): Promise<Result<Pairing, Problem>> {
  const chosen = choose(context.config, charger, request);
  if (!chosen.ok) return chosen;
  const hashed = hashCode(context.config, request.provider, request.code);
  const order = { ...chosen.value, charger, code: request.code, codeHash: hashed.ok ? hashed.value : undefined };
  await catchUp(context.env, charger.chargePointId);
  const claimed = await claimPairing(context.env.DB, { ...keyOf(order), ...rulesOf(context) });
  return claimed.kind === 'claimed' ? ask(context, order, claimed) : err(refusalOf(claimed.kind));
}

function choose(
  config: Config,
  charger: Charger,
  request: PairRequest,
): Result<Pick<Order, 'provider' | 'target'>, Problem> {
  const provider = chooseProvider(config, request.provider);
  if (!provider.ok) return provider;
  if (request.format !== 'ocpp' && !provider.value.issuedCodeFormats.includes(request.format)) {
    return err(invalidField('format', 'is none in which this provider pairs'));
  }
  const target = chooseTarget(charger, request);
  return target.ok ? ok({ provider: provider.value, target: target.value }) : target;
}

/** The provider is asked only after it was told of every unpairing: what is told later would end the new pairing. */
async function ask(context: PairingContext, order: Order, claim: Made): Promise<Result<Pairing, Problem>> {
  const { env, config, now } = context;
  const { charger, code, target, provider } = order;
  const { existing, takenOver } = claim;
  const claimed = claimedIn(order, claim);
  if (takenOver !== undefined) await tellUnpaired(context, { ...claimed, ...takenOver }, true);
  if (!(await isUnpairingTold(context, claimed, true))) {
    await endPairing(env.DB, claimed, now);
    const detail = 'The provider is still to be told that an earlier pairing ended; try again.';
    return err(problem('provider-unavailable', detail, { retryAfterS: RETRY_AFTER_S }));
  }
  const io = { cache: env.CACHE, timeoutMs: Math.min(config.providerTimeoutMs, PATIENCE_MS), now };
  const answer = await provider.pair({ code, charger, target }, io);
  if (answer.ok || isRepeat(order, existing, answer.error, now)) return conclude(context, order, claim);
  // Without an answer it may have paired all the same.
  const isUnsure = answer.error.reason === 'provider-unavailable' && existing === undefined;
  if (isUnsure) await end(context, claimed, true);
  else await endPairing(env.DB, claimed, now);
  return answer;
}

/** Whether a refusal only says that the code was used: by this very pairing, whose answer did not reach the caller. */
function isRepeat(
  { codeHash }: Order,
  existing: ExistingPairing | undefined,
  { reason }: Problem,
  now: number,
): boolean {
  const isUsedUp = reason === 'pairing-code-incorrect' || reason === 'charger-already-paired';
  if (!isUsedUp || codeHash === undefined || existing === undefined) return false;
  return existing.codeHash === codeHash && now - existing.pairedAt <= REPEAT_MS;
}

/**
 * The registry first: it is the truth. Should the station not hear of it, pairing again tells it, and so does the cron
 * sweep.
 */
async function conclude(context: PairingContext, order: Order, claim: Made): Promise<Result<Pairing, Problem>> {
  const audit = { ...context.audit, origin: 'code-from-provider' } as const;
  const claimed = claimedIn(order, claim);
  const completion = { ...claimed, ...rulesOf(context), codeHash: order.codeHash, audit };
  const completed = await completePairing(context.env.DB, completion);
  if (completed === undefined) return undo(context, claimed);
  await tellPaired(context.env, completed);
  return ok(completed);
}

/** The provider has paired what is not ours to give any more, and is told so. */
async function undo(context: PairingContext, claimed: Ending): Promise<Result<Pairing, Problem>> {
  const { chargePointId } = claimed;
  await end(context, claimed, true);
  if ((await findCharger(context.env.DB, chargePointId)) === undefined) {
    return err(problem('charger-unknown', 'The charger was removed while it was being paired.'));
  }
  const present = await listPairings(context.env.DB, chargePointId, context.now);
  return err(present.some(({ status }) => status === 'paired') ? alreadyPaired() : inProgress());
}

const keyOf = ({ charger: { chargePointId }, provider: { name: provider }, target }: Order) => ({
  chargePointId,
  provider,
  target,
});

/** What this request claimed. */
const claimedIn = (order: Order, { generation }: Made): Ending => ({ ...keyOf(order), generation });

const rulesOf = ({ config, now }: PairingContext) => ({ now, isExclusive: config.isOneProviderPerCharger });

function refusalOf(claimed: 'held' | 'in-progress'): Problem {
  return claimed === 'held' ? alreadyPaired() : inProgress();
}

function inProgress(): Problem {
  return problem('pairing-in-progress', 'Another request is pairing or unpairing this charger with this provider.', {
    retryAfterS: RETRY_AFTER_S,
  });
}
