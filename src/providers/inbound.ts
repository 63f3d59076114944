/** The port of what a provider calls on us: routes as data, and the few things a route may ask of the edge. No HTTP framework. */
import type { Charger } from '../charging/charger.ts';
import type { ProfileRequest, ProfileVerdict } from '../charging/charging-profile.ts';
import type { Problem, ProblemStatus } from '../problem.ts';
import type { Result } from '../result.ts';
import type { PairingTarget } from '../charging/pairing-target.ts';

/** Which pairing a provider ends: of a whole charger, or of the EVSE that it knows by this uid. */
export type UnpairTarget = { readonly chargePointId: string } | { readonly evseUid: string };

/** What an inbound route may ask of us. Each function acts for the provider whose route it is. */
export type Edge = {
  /** Pairs the charger of a code that we issued; 'pairing-code-incorrect', 'charger-already-paired', 'too-many-attempts'. */
  readonly verifyCode: (
    code: string,
    format: PairingTarget['format'],
  ) => Promise<Result<{ readonly charger: Charger; readonly target: PairingTarget }, Problem>>;
  /** Ends a pairing at the provider's wish; 'pairing-unknown' when there is none. */
  readonly unpair: (target: UnpairTarget) => Promise<Result<undefined, Problem>>;
  /** Brings a charging profile to the charger and gives the charger's verdict; the problem says why there is none. */
  readonly setProfile: (chargePointId: string, request: ProfileRequest) => Promise<Result<ProfileVerdict, Problem>>;
};

/** One authenticated call. `params` are the path's, decoded; `body` is the JSON body, or why it could not be read. */
export type InboundCall = {
  readonly params: Readonly<Record<string, string>>;
  readonly body: Result<unknown, Problem>;
};

/** What the provider gets: a status and a JSON body. */
export type InboundAnswer = { readonly status: 200 | ProblemStatus; readonly body: unknown };

/** One route. A provider's settings are not needed here: only the recognition of its credentials depends on them. */
export type InboundRoute = {
  readonly method: 'POST';
  /** Starts with "/"; `:name` segments become `params`. */
  readonly path: string;
  /** Whether a coarse rate limit stands before it: for routes that somebody could guess secrets on. */
  readonly isFenced?: true;
  /** Answers the call; a problem is put into the provider's form by `refuse`. Exceptions are bugs, and refused as 'internal'. */
  readonly handle: (call: InboundCall, edge: Edge) => Promise<Result<InboundAnswer, Problem>>;
  /** The provider's own form of errors; without it the answer is a problem document of ours. */
  readonly refuse?: (problem: Problem) => InboundAnswer;
};
