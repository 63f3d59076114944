/** The port of a provider: how charge events become its payloads, and how it is called. Nothing here knows any provider. */
import type { DeliveryIo, Recipient } from '../recipient.ts';
import type { ChargeEvent } from '../charging/charge-event.ts';
import type { Charger } from '../charging/charger.ts';
import type { Problem } from '../problem.ts';
import type { Result } from '../result.ts';
import type { InboundRoute } from './inbound.ts';
import type { PairingTarget } from '../charging/pairing-target.ts';

/** A provider with its settings read: the only form in which it can be used. */
export type ConfiguredProvider = Recipient & {
  /** What the provider was told of the charger when it was paired; absent when it is not told again after a change. Pure. */
  readonly details?: (charger: Charger) => unknown;
  /** Redeems a code that the provider's app showed the user. The problem is ready for the CSMS. */
  readonly pair: (
    request: { readonly code: string; readonly charger: Charger; readonly target: PairingTarget },
    io: DeliveryIo,
  ) => Promise<Result<undefined, Problem>>;
  /** Whether the provider issues codes only, or also accepts ours (and in which formats). */
  readonly issuedCodeFormats: readonly PairingTarget['format'][];
  /** The fingerprint of the credentials that the provider showed with a call of its own; undefined when they are not its. */
  readonly recognise?: (headers: Headers) => string | undefined;
};

/**
 * One provider. `configure` reads its settings: undefined when it is off (none of its settings is there), a problem when half
 * of them are.
 */
export type Provider = {
  readonly name: string;
  /** Whether the event is of interest at all: what is not wanted is never owed. Pure; needs no settings. */
  readonly wants: (event: ChargeEvent) => boolean;
  /** Whether a pairing code that comes with a charger's details is this provider's: its own guide lets a CSMS send it so. */
  readonly isPairedByDetails?: true;
  readonly configure: (settings: SettingsSource) => Result<ConfiguredProvider | undefined, Problem>;
  /** What the provider calls on us, in its own form of errors. */
  readonly inbound?: readonly InboundRoute[];
};

/** Vars and secrets by name, as the Worker's environment has them. */
export type SettingsSource = Readonly<Record<string, unknown>>;
