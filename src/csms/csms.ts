/** The port of a CSMS: how its webhook body becomes OCPP messages. Adapters are pure; `http/` authenticates. */
import type { OcppMessage } from '../ocpp/index.ts';
import type { Problem } from '../problem.ts';
import type { Result } from '../result.ts';

/** How a webhook names a charger: by our key, or by its OCPP identity. */
export type StationKey = { readonly chargePointId: string } | { readonly ocppIdentity: string };

/** An OCPP message as a webhook reports it. */
export type SeenMessage = OcppMessage;

/** What one event of a webhook reports. */
export type Incoming =
  | { readonly kind: 'message'; readonly message: SeenMessage }
  | { readonly kind: 'connection'; readonly change: 'connected' | 'disconnected'; readonly at: string }
  | ({ readonly kind: 'refused' } & Pick<Problem, 'reason' | 'detail'>);

/** Why an event cannot be used. If its envelope names the charger, the charger's timeline shows the refusal. */
export type Refusal = Problem & { readonly station?: StationKey };

/** A charger's details in the form of `PUT /api/chargers/{id}`, with the code that its user typed to pair it. */
export type RegistrationIncoming = {
  readonly kind: 'registration';
  readonly charger: unknown;
  readonly pairingCode?: string;
};

export type IncomingEvent =
  | { readonly station: StationKey; readonly incoming: Incoming }
  | { readonly station: { readonly chargePointId: string }; readonly incoming: RegistrationIncoming };

/**
 * One CSMS. `unwrap` reads a parsed body into its events, in order. Each event is good or refused on its own. A body
 * that is not the envelope at all is one problem. `receivedAt` (RFC 3339) is used where an event has no time.
 */
export type Csms = {
  readonly name: string;
  readonly unwrap: (body: unknown, receivedAt: string) => Result<readonly Result<IncomingEvent, Refusal>[], Problem>;
};
