/** OCPP 1.6 StartTransaction and StopTransaction: read tolerantly, written exactly. */
import { describe, expect, it } from 'vitest';
import { STOP_REASONS } from '../../../src/charging/charge-event.ts';
import {
  StartTransaction,
  StartTransactionResponse,
  writeStartTransaction,
} from '../../../src/ocpp/v16/start-transaction.ts';
import {
  StopTransaction,
  StopTransactionResponse,
  writeStopConfirmation,
  writeStopTransaction,
} from '../../../src/ocpp/v16/stop-transaction.ts';
import { AT, ended, read, readOne, SEEN_AT, SESSION, started } from '../messages.ts';
import { expectDeclared, expectOfficial, expectOfficialResponse } from '../official-schema.ts';

const START = { connectorId: 2, idTag: '04A3C1F2B95E80', meterStart: 579_130, timestamp: AT, reservationId: 31 };
const STOP = {
  transactionId: 123_885_164,
  idTag: '04A3C1F2B95E80',
  meterStop: 581_000,
  timestamp: AT,
  reason: 'Local',
};

describe('reading a start', () => {
  it('keeps connector, token, register, time and reservation', () => {
    expect(read('StartTransaction', START)).toEqual([
      {
        kind: 'start-requested',
        messageId: 'm-1',
        evse: { evseId: 2, connectorId: 1 },
        idToken: { value: '04A3C1F2B95E80', type: 'ISO14443' },
        at: AT,
        meterStartWh: 579_130,
        reservationId: 31,
        seenAt: '2026-03-31T12:00:30.000Z',
      },
    ]);
  });

  it('takes the answer that came along', () => {
    const response = { transactionId: 5, idTagInfo: { status: 'Invalid' } };
    expect(read('StartTransaction', START, { response })).toMatchObject([
      { kind: 'start-requested' },
      { kind: 'start-answered', messageId: 'm-1', transactionId: 5, authorization: { status: 'Invalid' } },
    ]);
  });

  it.each([[undefined], [null], [{}], [{ transactionId: 'none' }], ['yes']])(
    'waits for the real answer when the one that came along is %j',
    (response) => {
      expect(read('StartTransaction', START, { response })).toMatchObject([{ kind: 'start-requested' }]);
    },
  );

  it('takes numbers that are text, and the time it was seen when the station gave none that is a date', () => {
    const payload = { ...START, connectorId: '2', meterStart: '165333.00', timestamp: 'yesterday', vendor: { x: 1 } };
    expect(read('StartTransaction', payload)).toMatchObject([
      { evse: { evseId: 2 }, meterStartWh: 165_333, at: SEEN_AT },
    ]);
  });

  it.each(['connectorId', 'meterStart'])('refuses one without %s, by name', (field) => {
    expect(read('StartTransaction', { ...START, [field]: null })).toEqual({
      refused: `StartTransaction.${field} is missing or unusable`,
    });
  });
});

describe('reading a stop', () => {
  it('keeps transaction, register, token, time and reason', () => {
    expect(read('StopTransaction', STOP, { response: { idTagInfo: { status: 'Expired' } } })).toEqual([
      {
        kind: 'stopped',
        transactionId: 123_885_164,
        at: AT,
        meterStopWh: 581_000,
        idToken: { value: '04A3C1F2B95E80', type: 'ISO14443' },
        reason: 'Local',
        meterValues: [],
        authorization: { status: 'Expired' },
      },
    ]);
  });

  it("keeps an absent reason absent, and takes a vendor's own as Other", () => {
    expect(readOne('stopped', 'StopTransaction', { ...STOP, reason: undefined })).not.toHaveProperty('reason');
    expect(readOne('stopped', 'StopTransaction', { ...STOP, reason: 'CoffeeBreak' }).reason).toBe('Other');
    expect(readOne('stopped', 'StopTransaction', { ...STOP, reason: 'Deauthorized' }).reason).toBe('DeAuthorized');
  });

  it('drops transaction data without a sample', () => {
    const transactionData = [
      { timestamp: AT, sampledValue: [] },
      { timestamp: AT, sampledValue: [{ value: '581000', context: 'Transaction.End' }] },
    ];
    const { meterValues } = readOne('stopped', 'StopTransaction', { ...STOP, transactionData });
    expect(meterValues).toEqual([
      { at: AT, samples: [{ text: '581000', value: 581_000, context: 'Transaction.End' }] },
    ]);
  });

  it.each(['transactionId', 'meterStop'])('refuses one without %s, by name', (field) => {
    expect(read('StopTransaction', { ...STOP, [field]: 'x' })).toEqual({
      refused: `StopTransaction.${field} is missing or unusable`,
    });
  });
});

describe('writing a start', () => {
  it('gives the request and its answer', () => {
    const { request, confirmation } = writeStartTransaction(
      started({ reservationId: 31, authorization: { status: 'Accepted', parentIdTag: 'FLEET', expiryDate: AT } }),
    );
    expect(request).toEqual({ ...START, connectorId: 1 });
    expect(confirmation).toEqual({
      transactionId: 123_885_164,
      idTagInfo: { status: 'Accepted', parentIdTag: 'FLEET', expiryDate: AT },
    });
    expectOfficial('1.6', 'StartTransaction', request);
    expectOfficialResponse('1.6', 'StartTransaction', confirmation);
    expectDeclared(StartTransaction, request);
    expectDeclared(StartTransactionResponse, confirmation);
  });

  it('cuts a long token, rounds to whole Wh, and stands in for a missing token and an unknown status', () => {
    const idToken = { value: 'a-token-of-more-than-twenty-characters', type: 'Central' } as const;
    const long = writeStartTransaction(
      started({ idToken, meterStartWh: 4033.33, authorization: { status: 'NoCredit' } }),
    );
    expect(long.request).toMatchObject({ idTag: 'a-token-of-more-than', meterStart: 4033 });
    expect(long.confirmation.idTagInfo).toEqual({ status: 'Invalid' });
    const { idToken: _, ...session } = SESSION;
    const anonymous = writeStartTransaction(started({ session }));
    expect(anonymous.request.idTag).toBe('ANONYMOUS');
    for (const { request, confirmation } of [long, anonymous]) {
      expectOfficial('1.6', 'StartTransaction', request);
      expectOfficialResponse('1.6', 'StartTransaction', confirmation);
    }
  });
});

describe('writing a stop', () => {
  it('gives back what a station of OCPP 1.6 said, transaction data and all', () => {
    const transactionData = [
      { timestamp: AT, sampledValue: [{ value: '581000.0', context: 'Transaction.End', unit: 'Wh', format: 'Raw' }] },
    ];
    const stop = readOne('stopped', 'StopTransaction', { ...STOP, transactionData });
    const { kind: _, transactionId: __, reason: stopReason = 'Other', ...said } = stop;
    const request = writeStopTransaction(ended({ ...said, stopReason }));
    expect(request).toEqual({ ...STOP, transactionData });
    expectOfficial('1.6', 'StopTransaction', request);
    expectDeclared(StopTransaction, request);
  });

  it('says no more than is known', () => {
    const request = writeStopTransaction(ended());
    expect(request).toEqual({ transactionId: 123_885_164, meterStop: 581_000, timestamp: AT });
    expectOfficial('1.6', 'StopTransaction', request);
  });

  it.each(STOP_REASONS)('has a word for the reason %s', (stopReason) => {
    const request = writeStopTransaction(ended({ trigger: 'AbnormalCondition', stopReason }));
    expectOfficial('1.6', 'StopTransaction', request);
    expectDeclared(StopTransaction, request);
  });

  it('tells an unlock by its trigger, a reset of either kind, and what only OCPP 2.0.1 names as Other', () => {
    const reason = (said: Parameters<typeof ended>[0]) => writeStopTransaction(ended(said)).reason;
    expect(reason({ trigger: 'UnlockCommand', stopReason: 'Other' })).toBe('UnlockCommand');
    expect(reason({ trigger: 'ResetCommand', stopReason: 'ImmediateReset' })).toBe('HardReset');
    expect(reason({ trigger: 'ResetCommand', stopReason: 'SoftReset' })).toBe('SoftReset');
    expect(reason({ trigger: 'ChargingStateChanged', stopReason: 'StoppedByEV' })).toBe('Other');
  });

  it('gives the answer the CSMS gave, in words of OCPP 1.6', () => {
    const confirmations = [ended({ authorization: { status: 'ConcurrentTx' } }), ended()].map(writeStopConfirmation);
    expect(confirmations).toEqual([{ idTagInfo: { status: 'ConcurrentTx' } }, {}]);
    for (const confirmation of confirmations) {
      expectOfficialResponse('1.6', 'StopTransaction', confirmation);
      expectDeclared(StopTransactionResponse, confirmation);
    }
  });
});
