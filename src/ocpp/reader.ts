/** The type of every message reader, and the one way in which it refuses: it names the field that it needs. */
import type { StationMessage } from '../charging/station-message.ts';
import { err, type Err, type Result } from '../result.ts';
import type { Json } from './tolerant.ts';

/** A frame that cannot be read; `detail` names the field. */
export type FrameProblem = { readonly reason: 'frame-invalid'; readonly detail: string };

/** What comes with a payload. `seenAt` (RFC 3339) is used where the station gave no time. */
export type Surroundings = {
  readonly messageId: string;
  readonly seenAt: string;
  /** The same, if the CSMS said it and nobody assumed it. */
  readonly statedAt?: string | undefined;
  /** The payload of the CALLRESULT, when it came together with the request. */
  readonly response?: unknown;
};

/** Reads a message's payload into what it means: nothing, one thing, or several. */
export type Reader = (payload: Json, around: Surroundings) => Result<readonly StationMessage[], FrameProblem>;

/** Refuses a payload because a required field is missing or cannot be used ("StartTransaction.connectorId"). */
export function unusable(field: string): Err<FrameProblem> {
  return err({ reason: 'frame-invalid', detail: `${field} is missing or unusable` });
}
