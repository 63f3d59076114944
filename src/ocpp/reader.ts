/** The shape every message reader has, and the one way it refuses: by naming the field it cannot do without. */
import type { StationMessage } from '../charging/station-message.ts';
import { err, type Err, type Result } from '../result.ts';
import type { Json } from './tolerant.ts';

/** A frame that cannot be read; `detail` names the field. */
export type FrameProblem = { readonly reason: 'frame-invalid'; readonly detail: string };

/** What surrounds a payload. `seenAt` (RFC 3339) stands in for a time the station did not give. */
export type Surroundings = {
  readonly messageId: string;
  readonly seenAt: string;
  /** The CALLRESULT payload, when it came together with the request. */
  readonly response?: unknown;
};

/** Reads one message's payload into what it means: nothing, one thing, or several. */
export type Reader = (payload: Json, around: Surroundings) => Result<readonly StationMessage[], FrameProblem>;

/** Refuses a payload for a required field that is missing or unusable ("StartTransaction.connectorId"). */
export function unusable(field: string): Err<FrameProblem> {
  return err({ reason: 'frame-invalid', detail: `${field} is missing or unusable` });
}
