/** When a profile that holds a car down is cleared because its provider is gone, or has forgotten it. Pure; times in ms. */
import { curtailedSince, nextCurtailedAt, spansFrom } from '../../charging/limit.ts';
import { inForceOf, type ClearReason, type ProfileSlot } from './profile-memory.ts';

/** A plan that stays at 0 without an end is released when its provider has sent nothing for so long. */
const FORGOTTEN_MS = 24 * 60 * 60_000;

/** Clear it now, and why; or look again at `at`. */
export type ReleaseCheck = { readonly why: ClearReason } | { readonly at: number | undefined };

/**
 * Checks one place at `now`. A provider that is gone since `goneSince` may hold a car down for `afterMs`; undefined: it
 * is there. A provider that is there may be silent: only a plan that never rises again is taken for forgotten.
 */
export function checkRelease(
  slot: ProfileSlot,
  {
    now,
    afterMs,
    goneSince,
  }: { readonly now: number; readonly afterMs: number; readonly goneSince?: number | undefined },
): ReleaseCheck {
  const inForce = inForceOf(slot);
  if (inForce === undefined || slot.clear !== undefined) return { at: undefined };
  const since = curtailedSince(inForce, now, slot.active?.curtailedSince);
  if (since === undefined) {
    const next = nextCurtailedAt(inForce, now);
    return { at: next === undefined ? undefined : next + afterMs };
  }
  const goneAt = goneSince === undefined ? undefined : Math.max(since, goneSince) + afterMs;
  if (goneAt !== undefined && goneAt <= now) return { why: 'provider-gone' };
  const [span] = spansFrom(inForce, now);
  const isForEver = span?.limit === 0 && span.to === Number.POSITIVE_INFINITY;
  const forgottenAt = isForEver ? Math.max(since, slot.last.requestedAt) + FORGOTTEN_MS : undefined;
  if (forgottenAt !== undefined && forgottenAt <= now) return { why: 'provider-silent' };
  const due = [goneAt, forgottenAt].filter((at) => at !== undefined);
  return { at: due.length === 0 ? undefined : Math.min(...due) };
}
