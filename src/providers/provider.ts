/** The port of a provider: how charge events become its payloads, and how it is called. Nothing here knows any provider. */
import type { ChargeEvent } from '../charging/charge-event.ts';
import type { Charger } from '../charging/charger.ts';
import type { Problem } from '../problem.ts';
import type { Result } from '../result.ts';
import type { InboundRoute } from './inbound.ts';
import type { PairingTarget } from './pairing-target.ts';

/** One HTTP request to a provider. `name` is what the timeline calls it ("StartTransaction"); `path` starts with "/". */
export type ProviderMessage = {
  readonly name: string;
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: unknown;
};

/** What came back: an answer (body bounded), or none in time. */
export type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter: string | null; readonly body: string }
  | { readonly kind: 'no-answer'; readonly cause: 'timeout' | 'network' | 'credential'; readonly detail: string };

/**
 * What an exchange means for the delivery. delivered: the lane moves on. rejected: repeating cannot cure it, so it is parked
 * and the lane moves on. deferred: the lane holds and tries again, not before `retryAfterMs` when given.
 */
export type Outcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'deferred'; readonly reason: string; readonly retryAfterMs?: number };

/** What a provider needs from the world for one call. `traceparent` (W3C) ties the attempt to its webhook. */
export type ProviderIo = {
  readonly cache: KVNamespace;
  readonly timeoutMs: number;
  readonly now: number;
  readonly traceparent?: string;
};

/** The facts a translation needs beside the event; `seqNo` counts what this provider was sent of the session, from 0. */
export type TranslationContext = { readonly charger: Charger; readonly seqNo: number };

/** A provider with its settings read: the only form in which it can be used. */
export type ConfiguredProvider = {
  readonly name: string;
  /** Pure and synchronous. A wanted event may still come to nothing, when none of its samples can be said in the provider's words. */
  readonly translate: (event: ChargeEvent, context: TranslationContext) => readonly ProviderMessage[];
  /** What the provider was told of the charger when it was paired; absent when it is not told again after a change. Pure. */
  readonly details?: (charger: Charger) => unknown;
  readonly send: (message: ProviderMessage, io: ProviderIo) => Promise<Exchange>;
  readonly classify: (exchange: Exchange, now: number, message: ProviderMessage) => Outcome;
  /** Redeems a code that the provider's app showed the user. The problem is ready for the CSMS. */
  readonly pair: (
    request: { readonly code: string; readonly charger: Charger; readonly target: PairingTarget },
    io: ProviderIo,
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
  /** The webhook format in which this provider's own guide wants charger details: codes that come in it are this provider's. */
  readonly envelope?: string;
  readonly configure: (settings: SettingsSource) => Result<ConfiguredProvider | undefined, Problem>;
  /** What the provider calls on us, in its own form of errors. */
  readonly inbound?: readonly InboundRoute[];
};

/** Vars and secrets by name, as the Worker's environment has them. */
export type SettingsSource = Readonly<Record<string, unknown>>;
