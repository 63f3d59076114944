/** The end of a session is taken whatever its size: samples are left out of it, and its row says so. */
import { expect, test } from 'vitest';
import { EMPTY_BOOK } from '../../src/sessions/book.ts';
import { turn } from '../../src/station/journal/turn.ts';
import { numbered, run, runReport, said } from './field-world.ts';
import { flawsOf } from './sent.ts';

const START = { connectorId: 1, idTag: '04AABBCC', meterStart: 1000, timestamp: '@+0' };
const started = [said(0, 'a1', 'StartTransaction', START), numbered(1, 'a1', 511)];
const REGISTER = 'Energy.Active.Import.Register';

const stopWith = (transactionData: unknown, more: object = {}) =>
  said(6000, 'a2', 'StopTransaction', {
    transactionId: 511,
    meterStop: 45000,
    timestamp: '@+6000',
    transactionData,
    ...more,
  });

test('a stop with 2,000 samples ends its session with its register for both providers', () => {
  const { station, acceptances, events } = runReport('10-stop-2000-samples');
  expect(acceptances).toEqual(['received', 'received', 'received']);
  expect(station.book.running).toEqual([]);
  expect(events.at(-1)).toMatchObject({ kind: 'session-ended', meterStopWh: 45000 });
  const entry = station.entries.at(-1);
  expect(entry).toMatchObject({ thinned: { samples: 2000 } });
  expect(JSON.stringify(entry).length).toBeLessThanOrEqual(131_072);
  expect(station.sent.stekker.at(-1)).toMatchObject({ body: { event: { params: { meterStop: 45000 } } } });
  expect(station.sent.jedlix.at(-1)).toMatchObject({ body: { eventType: 'Ended' } });
  expect(JSON.stringify(station.sent.jedlix.at(-1)?.body)).toContain('"value":45000');
  expect(flawsOf(station)).toEqual([]);
});

test('the first and last of each measurand, phase and context are kept, and so are beginning and end', () => {
  const entry = (index: number, samples: readonly object[]) => ({ timestamp: `@+${index}`, sampledValue: samples });
  const middle = Array.from({ length: 3000 }, (_, index) =>
    entry(index + 1, [
      { value: String(index), measurand: REGISTER, context: 'Sample.Periodic' },
      { value: String(index), measurand: 'Current.Import', phase: index % 2 === 0 ? 'L1' : 'L2' },
    ]),
  );
  const end = (context: string) => ({ value: '7', measurand: REGISTER, context });
  const { events } = run([
    ...started,
    stopWith([entry(0, [end('Transaction.Begin')]), ...middle, entry(5999, [end('Transaction.End')])]),
  ]);
  const last = events.at(-1);
  const samples = last?.kind === 'session-ended' ? last.meterValues.flatMap((each) => each.samples) : [];
  const texts = (is: (sample: (typeof samples)[number]) => boolean) => samples.filter(is).map(({ text }) => text);
  for (const [phase, first, final] of [
    ['L1', '0', '2998'],
    ['L2', '1', '2999'],
  ]) {
    const of = texts((each) => each.phase === phase);
    expect([of[0], of.at(-1)]).toEqual([first, final]);
  }
  const registers = texts(({ context }) => context === 'Sample.Periodic');
  expect([registers[0], registers.at(-1)]).toEqual(['0', '2999']);
  expect(registers.length).toBeGreaterThan(100);
  expect(samples.filter(({ context = '' }) => context.startsWith('Transaction.'))).toHaveLength(2);
});

test('first and last are those by time, in an OCPP 2.0.1 end whose readings come newest first', () => {
  const meterValue = Array.from({ length: 4000 }, (_, index) => ({
    timestamp: `@+${4000 - index}`,
    sampledValue: [{ value: 1000 + 4000 - index, measurand: REGISTER, context: 'Sample.Periodic' }],
  }));
  const step = (after: number, eventType: string, more: object) => ({
    ...said(after, `m${after}`, 'TransactionEvent', {
      eventType,
      timestamp: `@+${after}`,
      triggerReason: 'Authorized',
      seqNo: after,
      transactionInfo: { transactionId: 'T1' },
      ...more,
    }),
    protocol: 'ocpp2.0.1',
  });
  const { events } = run([step(0, 'Started', { evse: { id: 1 } }), step(4001, 'Ended', { meterValue })]);
  expect(events.at(-1)).toMatchObject({ kind: 'session-ended', meterStopWh: 5000 });
});

test('a stop that is long by something else than readings ends its session all the same', () => {
  const vendorData = 'x'.repeat(900_000);
  const { events, station } = run([...started, stopWith([], { idTag: '04AABBCC', reason: 'Remote', vendorData })]);
  expect(events.at(-1)).toMatchObject({
    kind: 'session-ended',
    meterStopWh: 45000,
    stopReason: 'Remote',
    idToken: { value: '04AABBCC' },
  });
  expect(JSON.stringify(station.entries.at(-1)).length).toBeLessThan(1000);
});

test('no number of samples of the end itself makes a stop too long', () => {
  const sample = { value: '1', context: 'Transaction.End', format: 'SignedData' };
  const many = Array.from({ length: 9000 }, () => ({ timestamp: '@+5999', sampledValue: [sample] }));
  expect(run([...started, stopWith(many)]).station.book.running).toEqual([]);
});

test('a start that is too long is refused with a reason', () => {
  const payload = { ...START, vendorData: 'x'.repeat(200_000) };
  const frame = { type: 'call', messageId: 'a1', action: 'StartTransaction', payload } as const;
  const message = { protocol: 'ocpp1.6', direction: 'cs', seenAt: '2026-03-31T12:00:00Z', frame } as const;
  const state = { registration: undefined, book: EMPTY_BOOK, seq: 0, recall: () => undefined };
  expect(turn(state, { kind: 'message', message }, 0)).toMatchObject({ kind: 'rejected', reason: 'frame-invalid' });
});
