import { describe, expect, it } from 'vitest';
import {
  differences,
  findFaults,
  findRegisterFaults,
  findSeqNoFaults,
  findTallyFaults,
} from '../../sandbox/demo/verdict.ts';
import type { Delivery } from '../../sandbox/demo/deliveries.ts';
import { readJedlixDelivery, readStekkerDelivery } from '../../sandbox/demo/deliveries.ts';
import type { Counts, Received } from '../../sandbox/journal.ts';

const delivery = (name: string, facts: Record<string, string> = {}): Delivery => ({ name, facts });
const session = [
  'Started',
  'Updated Charging',
  'Updated 16:34:03.057',
  'Updated 16:35:03.075',
  'Updated Charging',
  'Ended',
];
const expected = session.map((name, index) => delivery(name, { at: String(index) }));
const none: Counts = { accepted: 0, refused: 0, duplicates: 0, outOfOrder: 0 };

describe('the verdict on what arrived', () => {
  it('is fine when everything arrived once, in order', () => {
    expect(differences(expected, structuredClone(expected))).toEqual([]);
  });

  it.each([0, 1, 2, 3, 4, 5])('names message %i when it is missing', (index) => {
    const faults = differences(expected, expected.toSpliced(index, 1));
    expect(faults).toContain(`missing: ${session[index]}`);
  });

  it('names every message when nothing arrived', () => {
    expect(differences(expected, [])).toEqual(session.map((name) => `missing: ${name}`));
  });

  it('names the first message that is out of order', () => {
    const swapped = [0, 1, 3, 2, 4, 5].flatMap((index) => expected.slice(index, index + 1));
    expect(differences(expected, swapped)).toEqual([
      'out of order: Updated 16:35:03.075 came where Updated 16:34:03.057 was due',
    ]);
  });

  it('names a message that came twice', () => {
    expect(differences(expected, [...expected, delivery('Ended', { at: '5' })])).toEqual(['more than once: Ended']);
  });

  it('names a message that nobody expects', () => {
    expect(differences(expected, expected.toSpliced(2, 0, delivery('Updated Idle')))).toEqual([
      'unexpected: Updated Idle',
    ]);
  });

  it('tells a lost message from a later one that is out of order', () => {
    const received = [0, 1, 4, 3, 5].flatMap((index) => expected.slice(index, index + 1));
    expect(differences(expected, received).slice(0, 2)).toEqual([
      'missing: Updated 16:34:03.057',
      'out of order: Updated Charging came where Updated 16:35:03.075 was due',
    ]);
  });

  it('names a fact that is wrong, absent or too much', () => {
    const [first = delivery('none'), ...rest] = expected;
    const wrong = delivery(first.name, { reason: 'Local' });
    expect(differences([delivery(first.name, { at: '0', card: 'A' }), ...rest], [wrong, ...rest])).toEqual([
      'Started: at is absent instead of 0',
      'Started: card is absent instead of A',
      'Started: reason is Local instead of absent',
    ]);
  });
});

describe('the verdict on a provider', () => {
  const start = entry({ eventType: 'Started' });
  const observation = {
    provider: 'Jedlix',
    expected: [delivery('Started', { charger: 'charger-1' })],
    received: [start],
    counts: { ...none, accepted: 1 },
    read: readJedlixDelivery,
  };

  it('is fine when it accepted what it had to receive', () => {
    expect(findFaults(observation)).toEqual([]);
  });

  it('names what it refused, and misses it', () => {
    const received = [{ ...start, status: 400, reason: 'ocpp-invalid' }];
    expect(findFaults({ ...observation, received, counts: { ...none, refused: 1 } })).toEqual([
      'Jedlix: refused: Started (400 ocpp-invalid)',
      'Jedlix: missing: Started',
    ]);
  });

  it('does not forgive what arrived in the end, after a fault', () => {
    const received = [{ ...start, status: 0, reason: 'fault-reset' }, start];
    expect(findFaults({ ...observation, received })).toEqual(['Jedlix: refused: Started (0 fault-reset)']);
  });

  it.each([
    [{ duplicates: 1 }, 'Jedlix: counts 1 duplicates'],
    [{ outOfOrder: 1 }, 'Jedlix: counts 1 out of order'],
    [{ refused: 1 }, 'Jedlix: counts 1 refused'],
  ])('believes its counts: %j', (counts, fault) => {
    expect(findFaults({ ...observation, counts: { ...none, ...counts } })).toEqual([fault]);
  });

  it('names a request that is no session message', () => {
    const other = { ...entry({}), method: 'PUT', path: '/api/v1/events' };
    const stekker = { ...observation, provider: 'Stekker', expected: [], received: [other], read: readStekkerDelivery };
    expect(findFaults(stekker)).toEqual(['Stekker: unexpected: PUT /api/v1/events']);
  });
});

describe('the verdict on numbers', () => {
  const numbered = (...seqNos: (number | undefined)[]) => seqNos.map((seqNo) => entry({ eventType: 'Updated', seqNo }));

  it('takes seqNo 0, 1, 2', () => {
    expect(findSeqNoFaults(numbered(0, 1, 2))).toEqual([]);
  });

  it.each([
    [[1, 2], 'event 1 has seqNo 1 instead of 0'],
    [[0, 2], 'event 2 has seqNo 2 instead of 1'],
    [[0, 0], 'event 2 has seqNo 0 instead of 1'],
    [[0, 2, 1], 'event 2 has seqNo 2 instead of 1'],
    [[undefined], 'event 1 has seqNo missing instead of 0'],
  ])('refuses seqNo %j', (seqNos, fault) => {
    expect(findSeqNoFaults(numbered(...seqNos))).toEqual([`Jedlix: ${fault}`]);
  });

  it('compares registers with the recording', () => {
    const recorded = { startWh: 2501, stopWh: 4884 };
    expect(findRegisterFaults('Stekker', recorded, recorded)).toEqual([]);
    expect(findRegisterFaults('Stekker', recorded, { startWh: undefined, stopWh: 4.884 })).toEqual([
      'Stekker: startWh is missing instead of 2501',
      'Stekker: stopWh is 4.884 instead of 4884',
    ]);
  });

  it('wants an account of every webhook', () => {
    const tally = { posted: 80, received: 30, duplicates: 1, ignored: 48, rejected: 1 };
    expect(findTallyFaults(tally)).toEqual([]);
    expect(findTallyFaults({ ...tally, received: 29 })).toEqual(['of 80 webhooks the edge accounts for 79']);
  });
});

function entry(body: unknown): Received {
  const path = '/v1/scsp/chargingstations/charger-1/events/ocpp2.0.1/TransactionEvent';
  return { at: '2026-05-12T16:33:03.000Z', method: 'POST', path, body, status: 200 };
}
