/** The port of a provider: how charge events become its messages, and how it is called. */
import type { DeliveryIo, Recipient } from '../recipient.ts';
import type { ChargeEvent } from '../charging/charge-event.ts';
import type { Charger } from '../charging/charger.ts';
import type { Problem } from '../problem.ts';
import type { Result } from '../result.ts';
import type { CheckStep } from './check.ts';
import type { InboundRoute } from './inbound.ts';
import type { PairingTarget } from '../charging/pairing-target.ts';

/** A provider with its settings. It can be used only in this form. */
export type ConfiguredProvider = Recipient & {
  /** What the provider is told of the charger when it pairs; absent if it is not told again after a change. Pure. */
  readonly details?: (charger: Charger) => unknown;
  /** Redeems a code that the provider's app showed the user. A problem is passed on to the CSMS as it is. */
  readonly pair: (
    request: { readonly code: string; readonly charger: Charger; readonly target: PairingTarget },
    io: DeliveryIo,
  ) => Promise<Result<undefined, Problem>>;
  /** In which formats the provider takes codes that we issue; none if it only issues codes itself. */
  readonly issuedCodeFormats: readonly PairingTarget['format'][];
  /**
   * Asks the provider something that changes nothing there: does it answer, does it take our credentials? Never throws.
   */
  readonly check: (io: DeliveryIo) => Promise<readonly CheckStep[]>;
  /** The fingerprint of the provider's credentials in a call's headers; undefined when they are not its own. */
  readonly recognise?: (headers: Headers) => string | undefined;
};

/**
 * One provider. `configure` reads its settings. It gives undefined when none of them are there, so the provider is off,
 * and a problem when only some are there.
 */
export type Provider = {
  readonly name: string;
  /** Whether the event is of interest. What is not wanted is never owed. Pure; needs no settings. */
  readonly wants: (event: ChargeEvent) => boolean;
  /** Whether a pairing code that a CSMS sends with a charger's details is for this provider, as its guide allows. */
  readonly isPairedByDetails?: true;
  readonly configure: (settings: SettingsSource) => Result<ConfiguredProvider | undefined, Problem>;
  /** The routes that the provider calls on us. */
  readonly inbound?: readonly InboundRoute[];
};

/** Vars and secrets by name, as in the Worker's environment. */
export type SettingsSource = Readonly<Record<string, unknown>>;
