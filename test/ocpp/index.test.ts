/** The table of messages: what is of interest, what an answer is taken for, and that no input makes reading throw. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrame, type Frame } from '../../src/ocpp/envelope.ts';
import { isOfInterest, meaningOf } from '../../src/ocpp/index.ts';
import { read, SEEN_AT } from './messages.ts';

const VERSIONS = ['ocpp1.6', 'ocpp2.0.1'] as const;
const call = (action: string): Frame => ({ type: 'call', messageId: 'm-1', action, payload: {} });
const answer = (payload: Record<string, unknown>): Frame => ({ type: 'call-result', messageId: 'm-1', payload });
const failure: Frame = { type: 'call-error', messageId: 'm-1', errorCode: 'InternalError', errorDescription: '' };

describe('what is of interest', () => {
  it.each(['Heartbeat', 'Authorize', 'DataTransfer', 'NoSuchAction', 'constructor', '__proto__', ''])(
    'is never a %s',
    (action) => {
      for (const protocol of VERSIONS) {
        expect(isOfInterest(protocol, 'cs', call(action))).toBe(false);
        expect(read(action, {}, { protocol })).toBe('no-interest');
      }
    },
  );

  it("is the CSMS's request to stop, by the transaction id as the station says it", () => {
    const asked = { kind: 'remote-stop-requested', at: SEEN_AT };
    const by = { direction: 'csms' } as const;
    expect(read('RemoteStopTransaction', { transactionId: '7' }, by)).toEqual([{ ...asked, transactionId: '7' }]);
    expect(read('RequestStopTransaction', { transactionId: 'a-7' }, { ...by, protocol: 'ocpp2.0.1' })).toEqual([
      { ...asked, transactionId: 'a-7' },
    ]);
    for (const [action, protocol] of [
      ['RemoteStopTransaction', 'ocpp1.6'],
      ['RequestStopTransaction', 'ocpp2.0.1'],
    ] as const) {
      expect(read(action, {}, { ...by, protocol })).toEqual({
        refused: `${action}.transactionId is missing or unusable`,
      });
    }
  });

  it('is a start of either side in its own version only', () => {
    expect(isOfInterest('ocpp1.6', 'cs', call('StartTransaction'))).toBe(true);
    expect(isOfInterest('ocpp2.0.1', 'cs', call('StartTransaction'))).toBe(false);
    expect(isOfInterest('ocpp1.6', 'csms', call('RemoteStartTransaction'))).toBe(true);
    expect(isOfInterest('ocpp1.6', 'cs', call('RemoteStartTransaction'))).toBe(false);
    expect(isOfInterest('ocpp2.0.1', 'cs', call('TransactionEvent'))).toBe(true);
    expect(isOfInterest('ocpp2.0.1', 'csms', call('RequestStartTransaction'))).toBe(true);
  });

  it('is an answer only when an OCPP 1.6 CSMS gives a transaction id, or fails', () => {
    expect(isOfInterest('ocpp1.6', 'csms', answer({ transactionId: 0 }))).toBe(true);
    expect(isOfInterest('ocpp1.6', 'csms', failure)).toBe(true);
    expect(isOfInterest('ocpp1.6', 'csms', answer({ idTagInfo: { status: 'Accepted' } }))).toBe(false);
    expect(isOfInterest('ocpp1.6', 'cs', answer({ transactionId: 1 }))).toBe(false);
    expect(isOfInterest('ocpp1.6', 'cs', failure)).toBe(false);
    expect(isOfInterest('ocpp2.0.1', 'csms', answer({ transactionId: 1 }))).toBe(false);
    expect(isOfInterest('ocpp2.0.1', 'csms', failure)).toBe(false);
  });
});

describe('answers of an OCPP 1.6 CSMS', () => {
  const meaning = (frame: Frame) => meaningOf({ protocol: 'ocpp1.6', direction: 'csms', frame, seenAt: SEEN_AT });

  it.each([
    [
      { transactionId: -1, idTagInfo: { status: 'Blocked', parentIdTag: 'FLEET', expiryDate: '2031-12-29T12:48:59Z' } },
      -1,
      { status: 'Blocked', parentIdTag: 'FLEET', expiryDate: '2031-12-29T12:48:59Z' },
    ],
    [{ transactionId: '48120077' }, 48_120_077, { status: 'Accepted' }],
    [{ transactionId: 5, idTagInfo: {} }, 5, { status: 'Accepted' }],
    [{ transactionId: 5, idTagInfo: { status: 'Accepted', expiryDate: 'never' } }, 5, { status: 'Accepted' }],
  ])('with a transaction id answer a start: %j', (payload, transactionId, authorization) => {
    expect(meaning(answer(payload))).toEqual({
      ok: true,
      value: {
        interest: true,
        messages: [{ kind: 'start-answered', messageId: 'm-1', transactionId, authorization, seenAt: SEEN_AT }],
      },
    });
  });

  it('that are a CALLERROR fail a start', () => {
    expect(meaning(failure)).toEqual({
      ok: true,
      value: {
        interest: true,
        messages: [{ kind: 'start-failed', messageId: 'm-1', errorCode: 'InternalError', seenAt: SEEN_AT }],
      },
    });
  });
});

describe('reading', () => {
  const actions = fc.constantFrom(
    'BootNotification',
    'StatusNotification',
    'StartTransaction',
    'StopTransaction',
    'MeterValues',
    'TransactionEvent',
    'NotifyEvent',
    'RemoteStartTransaction',
    'RequestStartTransaction',
    'RemoteStopTransaction',
    'RequestStopTransaction',
  );
  const keys = fc.constantFrom(
    'connectorId',
    'evseId',
    'transactionId',
    'meterValue',
    'sampledValue',
    'timestamp',
    'idTag',
    'idToken',
    'transactionInfo',
    'evse',
    'value',
    'status',
    'eventData',
    'component',
    'unitOfMeasure',
    'customData',
    'signedMeterValue',
    '__proto__',
  );
  const { payload } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), tie('payload'), fc.array(tie('value'), { maxLength: 3 })),
    payload: fc.dictionary(keys, tie('value'), { maxKeys: 6 }),
  }));

  it('never throws, whatever the payload', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...VERSIONS),
        fc.constantFrom('cs', 'csms'),
        actions,
        payload,
        (protocol, direction, action, body) => {
          const frame = readFrame([2, 'm-1', action, body]);
          if (!frame.ok) throw new Error(frame.error);
          const result = meaningOf({ protocol, direction, frame: frame.value, seenAt: SEEN_AT, response: body });
          const refusal = result.ok ? { reason: 'frame-invalid', detail: action } : result.error;
          expect(refusal).toMatchObject({ reason: 'frame-invalid', detail: expect.stringContaining(action) });
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('never throws, whatever the frame', () => {
    fc.assert(fc.property(fc.jsonValue(), (raw) => typeof readFrame(raw).ok === 'boolean'));
  });

  it('leaves the payload as it was', () => {
    fc.assert(
      fc.property(fc.constantFrom(...VERSIONS), actions, payload, (protocol, action, body) => {
        const before = JSON.stringify(body);
        meaningOf({ protocol, direction: 'cs', frame: { ...call(action), payload: body } as Frame, seenAt: SEEN_AT });
        expect(JSON.stringify(body)).toBe(before);
      }),
      { numRuns: 300 },
    );
  });
});
