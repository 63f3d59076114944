/** The port of what a provider calls on us: routes as data, and what a route may ask of the edge. No HTTP framework. */
import type { Charger } from '../charging/charger.ts';
import type { ProfileRequest, ProfileVerdict } from '../charging/charging-profile.ts';
import type { Problem, ProblemStatus } from '../problem.ts';
import type { Result } from '../result.ts';
import type { PairingTarget } from '../charging/pairing-target.ts';

/** Which pairing a provider ends: that of a charger, or that of the EVSE that has this uid. */
export type UnpairTarget = { readonly chargePointId: string } | { readonly evseUid: string };

/** What a route may ask of the edge. Each function acts for the provider whose route it is. */
export type Edge = {
  /** Pairs by a code of ours; or 'pairing-code-incorrect', 'charger-already-paired'. */
  readonly verifyCode: (
    code: string,
    format: PairingTarget['format'],
  ) => Promise<Result<{ readonly charger: Charger; readonly target: PairingTarget }, Problem>>;
  /** Ends a pairing because the provider asks for it; 'pairing-unknown' when there is none. */
  readonly unpair: (target: UnpairTarget) => Promise<Result<undefined, Problem>>;
  /** Brings a charging profile to the charger, and gives the charger's verdict, or the problem why there is none. */
  readonly setProfile: (chargePointId: string, request: ProfileRequest) => Promise<Result<ProfileVerdict, Problem>>;
};

/** One authenticated call. `params` are the path's, decoded. `body` is the JSON body, or why it could not be read. */
export type InboundCall = {
  readonly params: Readonly<Record<string, string>>;
  readonly body: Result<unknown, Problem>;
};

/** What the provider gets: a status and a JSON body. */
export type InboundAnswer = { readonly status: 200 | ProblemStatus; readonly body: unknown };

/** One route. It does not depend on settings; only the recognition of the provider's credentials does. */
export type InboundRoute = {
  readonly method: 'POST';
  /** Starts with "/". Segments like `:name` become `params`. */
  readonly path: string;
  /** Whether the platform's rate limiter comes before it: for routes where somebody could guess a secret. */
  readonly isFenced?: true;
  /** Answers the call. `refuse` puts a problem into the provider's form. An exception is answered as 'internal'. */
  readonly handle: (call: InboundCall, edge: Edge) => Promise<Result<InboundAnswer, Problem>>;
  /** The provider's own form of errors; without it the answer is a problem document of ours. */
  readonly refuse?: (problem: Problem) => InboundAnswer;
};
