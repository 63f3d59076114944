/** OCPP-J frames: what is read as one, and what each refusal says. */
import { describe, expect, it } from 'vitest';
import { readFrame } from '../../src/ocpp/envelope.ts';

describe('reading a frame', () => {
  it('knows a CALL, a CALLRESULT and a CALLERROR', () => {
    expect(readFrame([2, 'm-1', 'Heartbeat', {}])).toEqual({
      ok: true,
      value: { type: 'call', messageId: 'm-1', action: 'Heartbeat', payload: {} },
    });
    expect(readFrame([3, 'm-1', { status: 'Accepted' }])).toEqual({
      ok: true,
      value: { type: 'call-result', messageId: 'm-1', payload: { status: 'Accepted' } },
    });
    expect(readFrame([4, 'm-1', 'NotImplemented', 'no such thing', {}])).toEqual({
      ok: true,
      value: { type: 'call-error', messageId: 'm-1', errorCode: 'NotImplemented', errorDescription: 'no such thing' },
    });
  });

  it('takes a message id that is a number as text, and a message type that is text as a number', () => {
    expect(readFrame(['2', 17, 'Heartbeat', {}])).toMatchObject({ ok: true, value: { type: 'call', messageId: '17' } });
  });

  it('takes a CALLERROR without code and description', () => {
    expect(readFrame([4, 'm-1'])).toMatchObject({
      ok: true,
      value: { errorCode: 'GenericError', errorDescription: '' },
    });
  });

  it('takes null for an empty payload', () => {
    const call = { type: 'call', messageId: 'm-1', action: 'Heartbeat', payload: {} };
    expect(readFrame([2, 'm-1', 'Heartbeat', null])).toEqual({ ok: true, value: call });
    expect(readFrame([3, 'm-1', null])).toEqual({
      ok: true,
      value: { type: 'call-result', messageId: 'm-1', payload: {} },
    });
  });

  it.each([
    ['no array', { 0: 2 }, 'the frame is not an array'],
    ['nothing', null, 'the frame is not an array'],
    ['no message id', [2], 'the message id is not a text of 1 to 255 characters'],
    ['an empty message id', [2, '', 'Heartbeat', {}], 'the message id is not a text of 1 to 255 characters'],
    [
      'a message id of 256',
      [2, 'x'.repeat(256), 'Heartbeat', {}],
      'the message id is not a text of 1 to 255 characters',
    ],
    ['another message type', [6, 'm-1', {}], 'the message type is not 2 (CALL), 3 (CALLRESULT) or 4 (CALLERROR)'],
    ['no action', [2, 'm-1', '', {}], 'the action of the CALL is not a text'],
    ['a payload that is an array', [2, 'm-1', 'Heartbeat', []], 'the payload of Heartbeat is not an object'],
    ['no payload', [2, 'm-1', 'Heartbeat'], 'the payload of Heartbeat is not an object'],
    ['an answer without a payload', [3, 'm-1'], 'the payload of the CALLRESULT is not an object'],
  ])('refuses %s', (_case, raw, error) => {
    expect(readFrame(raw)).toEqual({ ok: false, error });
  });
});
