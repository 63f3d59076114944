/** What a station is told when a provider is paired or unpaired, and what of it the station keeps and shows. Pure. */
import type { ProviderUnpaired } from '../../charging/charge-event.ts';
import { defined } from '../../defined.ts';
import type { ChargerFact } from '../../notification.ts';
import type { Audit, PairingAudit } from '../../storage/pairing-audit.ts';
import type { Entry, Registration } from './store.ts';

/**
 * A pairing, made at `pairedAt` (ms). `evseUid`: of this EVSE only. `isPaused`: nothing is to be sent to the provider yet.
 * `isRetold`: not new, so that it counts for nothing when the provider was unpaired since.
 */
export type PairingNote = {
  readonly pairedAt: number;
  readonly evseUid?: string;
  readonly isPaused: boolean;
  readonly isRetold?: boolean;
  readonly audit?: PairingAudit;
};

/**
 * The end, at `unpairedAt` (ms), of the pairing that was made at `pairedAt`; without it, of one that never came to be. `isTold`:
 * the provider does not know yet, and is told.
 */
export type UnpairingNote = {
  readonly unpairedAt: number;
  readonly pairedAt?: number;
  readonly evseUid?: string;
  readonly isTold: boolean;
  readonly audit?: Audit;
};

/** Whether a pairing has ended already: its end came before it, or it is told again and one ended since it was made. */
export function isOver(
  { unpairedAt, endedPairing }: Registration,
  provider: string,
  { pairedAt, isRetold }: PairingNote,
): boolean {
  if (endedPairing?.[provider] === pairedAt) return true;
  return isRetold === true && (unpairedAt?.[provider] ?? Number.NEGATIVE_INFINITY) >= pairedAt;
}

/**
 * Whether the pairing whose end is told has ended before, or another one was made since: a repeat that came late. What never came to
 * be is past when a pairing was made after it was begun, by a code of the other direction.
 */
export function isPast(
  { providers, pairedAt: made, unpairedAt: ended }: Registration,
  provider: string,
  { pairedAt, unpairedAt }: UnpairingNote,
): boolean {
  if (providers.includes(provider)) return (made?.[provider] ?? Number.NEGATIVE_INFINITY) > (pairedAt ?? unpairedAt);
  return pairedAt !== undefined && (ended?.[provider] ?? Number.NEGATIVE_INFINITY) >= pairedAt;
}

/** The registration with one provider more. */
export function withProvider(registration: Registration, provider: string, note: PairingNote): Registration {
  const { [provider]: _, ...others } = registration.evseUids ?? {};
  return {
    ...registration,
    providers: [...registration.providers, provider],
    evseUids: note.evseUid === undefined ? others : { ...others, [provider]: note.evseUid },
    pairedAt: { ...registration.pairedAt, [provider]: note.pairedAt },
  };
}

/** The registration with a pairing made anew before the end of the old one was told, or as it is: that end must not end the new one. */
export function renewed(registration: Registration, provider: string, { pairedAt }: PairingNote): Registration {
  if (pairedAt <= (registration.pairedAt?.[provider] ?? Number.NEGATIVE_INFINITY)) return registration;
  return { ...registration, pairedAt: { ...registration.pairedAt, [provider]: pairedAt } };
}

/** The registration that remembers which pairing has ended, or as it is: what is told of that pairing later comes too late. */
export function withEnded(registration: Registration, provider: string, { pairedAt }: UnpairingNote): Registration {
  if (pairedAt === undefined || registration.endedPairing?.[provider] === pairedAt) return registration;
  return { ...registration, endedPairing: { ...registration.endedPairing, [provider]: pairedAt } };
}

/** The registration without this provider, which it remembers to have had. No pairing ends before it was made, whatever clocks say. */
export function withoutProvider(registration: Registration, provider: string, unpairedAt: number): Registration {
  const madeAt = registration.pairedAt?.[provider] ?? unpairedAt;
  return {
    ...registration,
    providers: registration.providers.filter((name) => name !== provider),
    unpairedAt: { ...registration.unpairedAt, [provider]: Math.max(unpairedAt, madeAt) },
  };
}

/** What the timeline shows of a pairing or its end; the request's id stands beside it. */
export function entryOf(kind: 'paired' | 'unpaired' | 'pairing-undone', provider: string, note: Noted): Entry {
  const { requestId: _, ...who } = note.audit ?? { requestId: '' };
  return { kind, provider, ...(note.evseUid !== undefined && { evseUid: note.evseUid }), ...who };
}

type Noted = Pick<UnpairingNote, 'evseUid'> & { readonly audit?: Audit | PairingAudit };

/** What a provider is told of the end of its pairing. */
export function unpairingOf({ evseUid, unpairedAt }: UnpairingNote): ProviderUnpaired {
  const at = new Date(unpairedAt).toISOString();
  return { kind: 'unpaired', at, ...(evseUid !== undefined && { evseUid }) };
}

/** What the CSMS is told of a pairing. */
export function created(provider: string, { evseUid, pairedAt, audit }: PairingNote): ChargerFact {
  const origin = audit && ORIGINS[audit.origin];
  const data = { provider, ...factOf({ evseUid, at: pairedAt, audit }), ...(origin !== undefined && { origin }) };
  return { type: 'pairing.created', data };
}

/** What the CSMS is told of the end of a pairing. */
export function ended(provider: string, { evseUid, unpairedAt, audit }: UnpairingNote): ChargerFact {
  return { type: 'pairing.ended', data: { provider, ...factOf({ evseUid, at: unpairedAt, audit }) } };
}

const ORIGINS = { 'code-from-provider': 'provider-code', 'code-from-us': 'our-code' } as const;
const SIDES = { csms: 'csms', provider: 'provider', operator: 'admin' } as const;

function factOf({ evseUid, at, audit }: { evseUid: string | undefined; at: number; audit: Audit | undefined }) {
  return defined({ evseUid, by: audit && SIDES[audit.by], at: new Date(at).toISOString() });
}
