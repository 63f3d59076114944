import type { Exchange } from '../../src/recipient.ts';
import { describe, expect, it } from 'vitest';
import { jedlix } from '../../src/providers/jedlix/jedlix.ts';
import { SETTINGS } from '../settings.ts';
import { CHARGER } from './events.ts';

const configured = jedlix.configure(SETTINGS);
if (!configured.ok || configured.value === undefined) throw new Error('the test settings do not configure Jedlix');
const { translate, classify } = configured.value;

const event = { kind: 'unpaired', at: '2026-03-31T12:00:00Z' } as const;
const context = { charger: { ...CHARGER, chargePointId: 'a b' }, seqNo: 0 };
const unpair = { name: 'Unpair', method: 'POST', path: '/v1/scsp/chargingstations/a%20b/unpair', body: {} } as const;
const answer = (status: number): Exchange => ({ kind: 'answer', status, retryAfter: null, body: '' });

describe('Jedlix’s unpairing', () => {
  it('names the station that was paired', () => {
    expect(translate(event, context)).toEqual([unpair]);
  });

  it('names the EVSE that was paired on its own', () => {
    const path = '/v1/scsp/evse/32%2F56/unpair';
    expect(translate({ ...event, evseUid: '32/56' }, context)).toEqual([{ ...unpair, path }]);
  });

  it('is delivered when Jedlix does not know the charger: it is unpaired already', () => {
    expect(classify(answer(404), 0, unpair)).toEqual({ kind: 'delivered' });
  });

  it('is as any message under every other answer', () => {
    expect(classify(answer(200), 0, unpair)).toEqual({ kind: 'delivered' });
    expect(classify(answer(400), 0, unpair)).toEqual({ kind: 'rejected', reason: 'http-400' });
    expect(classify(answer(500), 0, unpair)).toEqual({ kind: 'deferred', reason: 'http-500' });
  });

  it('is the only message of which a 404 is no refusal', () => {
    const message = { ...unpair, name: 'TransactionEvent' };
    expect(classify(answer(404), 0, message)).toEqual({ kind: 'rejected', reason: 'http-404' });
  });
});
