/** When a profile of a provider that fell silent is cleared, so that a car is not held down for ever. Pure. */
import { curtailedSince, nextCurtailedAt } from '../../charging/limit.ts';
import { inForceOf, type ProfileSlot } from './profile-memory.ts';

/** silent: clear it now. ask: clear it when the provider's breaker is open, and look again at `at`. wait: look again at `at`, if ever. */
export type ReleaseCheck =
  | { readonly kind: 'silent' }
  | { readonly kind: 'ask'; readonly at: number }
  | { readonly kind: 'wait'; readonly at: number | undefined };

/** How often the breaker of a provider that still sends profiles is looked at. */
export const ASK_EVERY_MS = 60_000;

/** Looks at one slot at `now`; a car may be held at a trickle for `afterMs` by a provider that says nothing. */
export function checkRelease(slot: ProfileSlot, now: number, afterMs: number): ReleaseCheck {
  const inForce = inForceOf(slot);
  if (inForce === undefined || slot.transactionId === undefined || slot.clear !== undefined) {
    return { kind: 'wait', at: undefined };
  }
  const since = curtailedSince(inForce, now, slot.held?.heldDownSince);
  if (since === undefined) {
    const next = nextCurtailedAt(inForce, now);
    return { kind: 'wait', at: next === undefined ? undefined : next + afterMs };
  }
  if (now - since < afterMs) return { kind: 'wait', at: since + afterMs };
  const silentAt = slot.last.requestedAt + afterMs;
  return now >= silentAt ? { kind: 'silent' } : { kind: 'ask', at: Math.min(silentAt, now + ASK_EVERY_MS) };
}
