/** The table of OCPP messages that we read: version × direction × action → reader. All others are of no interest. */
import type { OcppVersion } from '../charging/charger.ts';
import type { StartAnswered, StartFailed, StationMessage } from '../charging/station-message.ts';
import { defined } from '../defined.ts';
import { ok, type Result } from '../result.ts';
import type { Frame } from './envelope.ts';
import type { FrameProblem, Reader, Surroundings } from './reader.ts';
import { readBootNotification as readBootNotification16 } from './v16/boot-notification.ts';
import { readMeterValuesRequest as readMeterValues16 } from './v16/meter-values.ts';
import { readRemoteStartTransaction } from './v16/remote-start-transaction.ts';
import { readRemoteStopTransaction } from './v16/remote-stop-transaction.ts';
import { readStartAnswer, readStartTransaction } from './v16/start-transaction.ts';
import { readStatusNotification as readStatusNotification16 } from './v16/status-notification.ts';
import { readStopTransaction } from './v16/stop-transaction.ts';
import { readBootNotification as readBootNotification201 } from './v201/boot-notification.ts';
import { readMeterValuesRequest as readMeterValues201 } from './v201/meter-values.ts';
import { readNotifyEvent } from './v201/notify-event.ts';
import { readRequestStartTransaction } from './v201/request-start-transaction.ts';
import { readRequestStopTransaction } from './v201/request-stop-transaction.ts';
import { readStatusNotification as readStatusNotification201 } from './v201/status-notification.ts';
import { readTransactionEvent } from './v201/transaction-event.ts';

/** Who sent a frame: the station (`cs`) or the central system. */
export type Direction = 'cs' | 'csms';

/** A frame between station and CSMS, as a webhook reports it. */
export type OcppMessage = {
  readonly protocol: OcppVersion;
  readonly direction: Direction;
  readonly frame: Frame;
  /** RFC 3339. It is used where the station gave no time. */
  readonly seenAt: string;
  /** The event had no time, so `seenAt` is when it reached us. */
  readonly isSeenAtAssumed?: boolean;
  /** The payload of the CALLRESULT, when the CSMS posts request and reply together. */
  readonly response?: unknown;
  /** The public id of the EVSE, when the webhook gives it beside the frame. */
  readonly emi3Id?: string;
};

/** What a frame means. A message of interest may mean nothing, such as readings without a usable sample. */
export type Meaning =
  | { readonly interest: false }
  | { readonly interest: true; readonly messages: readonly StationMessage[] };

const READERS: Readonly<Record<OcppVersion, Readonly<Record<Direction, ReadonlyMap<string, Reader>>>>> = {
  'ocpp1.6': {
    cs: new Map([
      ['BootNotification', readBootNotification16],
      ['StatusNotification', readStatusNotification16],
      ['StartTransaction', readStartTransaction],
      ['MeterValues', readMeterValues16],
      ['StopTransaction', readStopTransaction],
    ]),
    csms: new Map([
      ['RemoteStartTransaction', readRemoteStartTransaction],
      ['RemoteStopTransaction', readRemoteStopTransaction],
    ]),
  },
  'ocpp2.0.1': {
    cs: new Map([
      ['BootNotification', readBootNotification201],
      ['StatusNotification', readStatusNotification201],
      ['NotifyEvent', readNotifyEvent],
      ['TransactionEvent', readTransactionEvent],
      ['MeterValues', readMeterValues201],
    ]),
    csms: new Map([
      ['RequestStartTransaction', readRequestStartTransaction],
      ['RequestStopTransaction', readRequestStopTransaction],
    ]),
  },
};

const NO_INTEREST: Meaning = { interest: false };

/** Whether a frame can matter to a session. Asked before anything is stored; does not look into a CALL's payload. */
export function isOfInterest(protocol: OcppVersion, direction: Direction, frame: Frame): boolean {
  return frame.type === 'call'
    ? READERS[protocol][direction].has(frame.action)
    : readAnswer(protocol, direction, frame) !== undefined;
}

/** What a frame means. `frame-invalid` names the field of a message that cannot be read. Never throws. */
export function meaningOf(input: OcppMessage): Result<Meaning, FrameProblem> {
  const { protocol, direction, frame, seenAt } = input;
  const statedAt = input.isSeenAtAssumed ? undefined : seenAt;
  if (frame.type !== 'call') {
    const answer = readAnswer(protocol, direction, frame);
    return ok(
      answer === undefined ? NO_INTEREST : { interest: true, messages: [defined({ ...answer, seenAt: statedAt })] },
    );
  }
  const reader = READERS[protocol][direction].get(frame.action);
  if (reader === undefined) return ok(NO_INTEREST);
  const around: Surroundings = { messageId: frame.messageId, seenAt, statedAt, response: input.response };
  const messages = reader(frame.payload, around);
  return messages.ok ? ok({ interest: true, messages: withEmi3Id(messages.value, input.emi3Id) }) : messages;
}

function withEmi3Id(messages: readonly StationMessage[], emi3Id: string | undefined): readonly StationMessage[] {
  if (emi3Id === undefined) return messages;
  return messages.map((message) =>
    'evse' in message && message.evse !== undefined ? { ...message, evse: { ...message.evse, emi3Id } } : message,
  );
}

/**
 * Reads an answer. An answer does not say which request it belongs to. Of OCPP 1.6's answers only that to a start
 * matters, and only it has a transaction id. A CALLERROR may be the answer to a start; the session book knows the
 * message ids of starts.
 */
function readAnswer(
  protocol: OcppVersion,
  direction: Direction,
  frame: Exclude<Frame, { type: 'call' }>,
): StartAnswered | StartFailed | undefined {
  if (protocol !== 'ocpp1.6' || direction !== 'csms') return undefined;
  if (frame.type === 'call-result') return readStartAnswer(frame.payload, frame.messageId);
  return { kind: 'start-failed', messageId: frame.messageId, errorCode: frame.errorCode };
}
