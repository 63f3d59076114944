/** OCPP-J frames (OCPP-J 1.6 §4.2, OCPP 2.0.1 Part 4 §4.2): the array around a payload. Pure. */
import { err, ok, type Result } from '../result.ts';
import { integer, isObject, text, type Json } from './tolerant.ts';

export type CallFrame = {
  readonly type: 'call';
  readonly messageId: string;
  readonly action: string;
  readonly payload: Json;
};
export type CallResultFrame = { readonly type: 'call-result'; readonly messageId: string; readonly payload: Json };
export type CallErrorFrame = {
  readonly type: 'call-error';
  readonly messageId: string;
  readonly errorCode: string;
  readonly errorDescription: string;
};
export type Frame = CallFrame | CallResultFrame | CallErrorFrame;

/** The specification allows 36 characters. Some central systems and stations use longer ids. */
const MAX_MESSAGE_ID_LENGTH = 255;

/** Reads a frame, `[messageTypeId, messageId, …]`. The error is one sentence that says what is wrong. */
export function readFrame(raw: unknown): Result<Frame, string> {
  if (!Array.isArray(raw)) return err('the frame is not an array');
  const [type, id, ...rest]: readonly unknown[] = raw;
  const messageId = text(id);
  if (messageId === undefined || messageId === '' || messageId.length > MAX_MESSAGE_ID_LENGTH) {
    return err(`the message id is not a text of 1 to ${MAX_MESSAGE_ID_LENGTH} characters`);
  }
  const messageType = integer(type);
  if (messageType === 2) return readCall(messageId, rest);
  if (messageType === 3) return readCallResult(messageId, rest);
  if (messageType === 4) return ok(readCallError(messageId, rest));
  return err('the message type is not 2 (CALL), 3 (CALLRESULT) or 4 (CALLERROR)');
}

function readCall(messageId: string, [action, payload]: readonly unknown[]): Result<Frame, string> {
  if (typeof action !== 'string' || action === '') return err('the action of the CALL is not a text');
  const fields = payload === null ? {} : payload;
  if (!isObject(fields)) return err(`the payload of ${action} is not an object`);
  return ok({ type: 'call', messageId, action, payload: fields });
}

function readCallResult(messageId: string, [payload]: readonly unknown[]): Result<Frame, string> {
  const fields = payload === null ? {} : payload;
  return isObject(fields)
    ? ok({ type: 'call-result', messageId, payload: fields })
    : err('the payload of the CALLRESULT is not an object');
}

/** A CALLERROR without a code counts as one with GenericError ("any other error", OCPP-J 1.6 §4.2.3). */
function readCallError(messageId: string, [code, description]: readonly unknown[]): Frame {
  return {
    type: 'call-error',
    messageId,
    errorCode: text(code) ?? 'GenericError',
    errorDescription: text(description) ?? '',
  };
}
