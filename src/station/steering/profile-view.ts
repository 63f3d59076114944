/** The sessions that run, with what was asked of each and what its meter says, for the charger's view. Pure. */
import { limitAt } from '../../charging/limit.ts';
import { powerOf } from '../../charging/power.ts';
import type { RunningSession } from '../../sessions/book.ts';
import { inForceOf, type ProfileSlot } from './profile-memory.ts';

/** A running session as the API shows it. Instants in RFC 3339; `powerW` null while no meter value told it. */
export type SessionView = {
  readonly transactionId: string;
  readonly evseId: number;
  readonly startedAt: string;
  readonly chargingState: string | null;
  readonly registerWh: number;
  readonly powerW: number | null;
  readonly powerAt: string | null;
  readonly profile: ProfileView | null;
};

/**
 * The profile that steers a session. `status`: Accepted; unconfirmed when the charger's answer never came; clearing while it is
 * being cleared; else what became of the only request so far. `limit` in `unit`, in force now, null when there is none.
 */
export type ProfileView = {
  readonly provider: string;
  readonly status: string;
  readonly requestedAt: string;
  readonly limit: number | null;
  readonly unit: 'W' | 'A' | null;
  readonly notes: readonly string[];
  /** The newest request, whatever became of it. */
  readonly lastRequest: { readonly provider: string; readonly status: string; readonly requestedAt: string };
};

/** Each running session at `now` (ms). */
export function sessionViews(
  sessions: readonly RunningSession[],
  slots: readonly ProfileSlot[],
  now: number,
): SessionView[] {
  return sessions.map((session) => {
    const power = session.lastPower ?? powerOf(session.lastMeterValues);
    return {
      transactionId: session.ref.transactionId.ocpp201,
      evseId: session.ref.evse.evseId,
      startedAt: session.ref.startedAt,
      chargingState: session.chargingState ?? null,
      registerWh: session.lastRegisterWh,
      powerW: power?.powerW ?? null,
      powerAt: power?.at ?? null,
      profile: profileOf(session, slots, now),
    };
  });
}

/** Of several, one that is held before one that is not, the highest stack level first (OCPP 2.0.1 §K.3.3), then the newest. */
function profileOf({ ref }: RunningSession, slots: readonly ProfileSlot[], now: number): ProfileView | null {
  const isHeld = (slot: ProfileSlot) => Number(slot.held !== undefined);
  const [slot] = slots
    .filter(({ transactionId }) => transactionId === ref.transactionId.ocpp201)
    .toSorted(
      (a, b) => isHeld(b) - isHeld(a) || b.stackLevel - a.stackLevel || b.last.requestedAt - a.last.requestedAt,
    );
  if (slot === undefined) return null;
  const { held, last } = slot;
  const inForce = inForceOf(slot);
  const limit = inForce && limitAt(inForce, now);
  return {
    provider: held?.provider ?? last.provider,
    status: slotStatus(slot),
    requestedAt: iso(held?.requestedAt ?? last.requestedAt),
    limit: limit ?? null,
    unit: limit === undefined ? null : (inForce?.schedule.rateUnit ?? null),
    notes: held?.notes ?? [],
    lastRequest: { ...last, requestedAt: iso(last.requestedAt) },
  };
}

function slotStatus({ held, clear, last }: ProfileSlot): string {
  if (clear !== undefined) return 'clearing';
  if (held === undefined) return last.status;
  return held.isConfirmed ? 'Accepted' : 'unconfirmed';
}

const iso = (at: number) => new Date(at).toISOString();
