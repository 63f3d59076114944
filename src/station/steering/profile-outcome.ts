/** The outcomes of a provider's profile, and how several become one. Pure. */
import type { ProfileRefusal, ProfileRequest, ProfileVerdict } from '../../charging/charging-profile.ts';
import type { CommandOutcome } from '../../csms/command.ts';
import { defined } from '../../defined.ts';
import type { ChargerFact } from '../../notification.ts';

/** A provider's request. `requestId` is the id of its HTTP request. */
export type ProfileOrder = {
  readonly provider: string;
  readonly request: ProfileRequest;
  readonly requestId: string;
};

/**
 * What the provider is told. answered: the charger's own verdict. refused: no charger was asked. superseded: a newer
 * profile for the same place came while this one waited. busy: too many wait. not-sent: it waited until its deadline.
 * off: no command channel is configured. The others are as in `CommandOutcome`.
 */
export type ProfileOutcome =
  | { readonly kind: 'answered'; readonly verdict: ProfileVerdict }
  | { readonly kind: 'refused'; readonly refusal: ProfileRefusal }
  | { readonly kind: 'charger-unknown' | 'not-controlling' | 'superseded' | 'busy' | 'not-sent' | 'off' }
  | { readonly kind: 'offline' | 'unknown' | 'no-answer' }
  | { readonly kind: 'failed'; readonly reason: string };

const VERDICTS: readonly ProfileVerdict['status'][] = ['Accepted', 'Rejected', 'NotSupported'];

/** The worst outcome of a request's commands: no answer is worse than a refusal, a refusal worse than an acceptance. */
export function worstOf(outcomes: readonly ProfileOutcome[]): ProfileOutcome {
  const rank = (outcome: ProfileOutcome) =>
    outcome.kind === 'answered' ? VERDICTS.indexOf(outcome.verdict.status) : VERDICTS.length;
  const [worst] = outcomes.toSorted((a, b) => rank(b) - rank(a));
  return worst ?? { kind: 'failed', reason: 'no-command' };
}

/** The outcome of one SetChargingProfile; `readVerdict` reads the charger's answer in its version. */
export function outcomeOfCommand(
  outcome: CommandOutcome,
  readVerdict: (payload: unknown) => ProfileVerdict | undefined,
): ProfileOutcome {
  if (outcome.kind === 'failed') return { kind: 'failed', reason: outcome.reason };
  if (outcome.kind === 'occupied') return { kind: 'failed', reason: outcome.kind };
  if (outcome.kind !== 'answered') return { kind: outcome.kind };
  const verdict = readVerdict(outcome.payload);
  return verdict === undefined ? { kind: 'failed', reason: 'answer-unreadable' } : { kind: 'answered', verdict };
}

/** Whether the charger may have carried out the command all the same. */
export function isUncertain(outcome: ProfileOutcome): boolean {
  if (outcome.kind === 'no-answer') return true;
  return outcome.kind === 'failed' && /^(network|answer-unreadable|http-5\d\d)$/.test(outcome.reason);
}

/** One word for logs, the timeline and the charger's view. */
export function wordOf(outcome: ProfileOutcome): string {
  if (outcome.kind === 'answered') return outcome.verdict.status;
  return outcome.kind === 'refused' ? outcome.refusal.reason : outcome.kind;
}

/** What the CSMS is told of a profile that the charger refused: nothing of any other outcome. */
export function rejectionsIn({ provider, request }: ProfileOrder, outcome: ProfileOutcome): readonly ChargerFact[] {
  if (outcome.kind !== 'answered' || outcome.verdict.status === 'Accepted') return [];
  const { status, reasonCode, detail } = outcome.verdict;
  const { evseId, transaction, profile } = request;
  const transactionId = transaction && String(Object.values(transaction)[0]);
  const reason = reasonCode ?? detail;
  const data = { provider, evseId, ...defined({ transactionId, asked: askedIn(profile), status, reason }) };
  return [{ type: 'profile.rejected', data }];
}

/** The limit at the beginning of a profile. */
function askedIn({ schedules: [schedule] }: ProfileRequest['profile']) {
  const limit = schedule?.periods[0]?.limit;
  return limit === undefined ? undefined : { limit, unit: schedule?.rateUnit };
}
