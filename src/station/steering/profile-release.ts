/** When the profile of a silent provider is cleared, so that it does not curtail a car for ever. Pure. */
import { curtailedSince, nextCurtailedAt } from '../../charging/limit.ts';
import { inForceOf, type ProfileSlot } from './profile-memory.ts';

/** silent: clear it now. ask: clear it if the breaker is open; look again at `at`. wait: look again at `at`. */
export type ReleaseCheck =
  | { readonly kind: 'silent' }
  | { readonly kind: 'ask'; readonly at: number }
  | { readonly kind: 'wait'; readonly at: number | undefined };

/** How often the breaker is asked about a provider that still sends profiles. */
export const ASK_EVERY_MS = 60_000;

/** Checks one place at `now`. A silent provider may curtail a car for `afterMs`. */
export function checkRelease(slot: ProfileSlot, now: number, afterMs: number): ReleaseCheck {
  const inForce = inForceOf(slot);
  if (inForce === undefined || slot.transactionId === undefined || slot.clear !== undefined) {
    return { kind: 'wait', at: undefined };
  }
  const since = curtailedSince(inForce, now, slot.active?.curtailedSince);
  if (since === undefined) {
    const next = nextCurtailedAt(inForce, now);
    return { kind: 'wait', at: next === undefined ? undefined : next + afterMs };
  }
  if (now - since < afterMs) return { kind: 'wait', at: since + afterMs };
  const silentAt = slot.last.requestedAt + afterMs;
  return now >= silentAt ? { kind: 'silent' } : { kind: 'ask', at: Math.min(silentAt, now + ASK_EVERY_MS) };
}
