/** The arithmetic of the cost benchmark: what is counted must be what is priced. */
import { describe, expect, test } from 'vitest';
import { combine, NO_USAGE } from '../../bench/cost/meter.ts';
import { billOf, D1_OUTBOX_WITH_QUEUES, dollarsOf, PRICES, totalOf } from '../../bench/cost/prices.ts';
import { narratorOf, sessionOf } from '../../bench/cost/session.ts';
import { listAt, textAt } from '../../sandbox/demo/json.ts';
import { schemaErrors } from '../../sandbox/ocpp-schema.ts';

describe('a bill', () => {
  test('is one event’s part of what was counted', () => {
    const usage = { ...NO_USAGE, rowsWritten: 30, objectRequests: 10, workerRequests: 10 };
    expect(billOf(usage, 10)).toMatchObject({ rowsWritten: 3, objectRequests: 1, workerRequests: 1 });
  });

  test('counts an alarm set as the row it is, and only once', () => {
    const usage = { ...NO_USAGE, rowsWritten: 4, alarmsSet: 1 };
    expect(dollarsOf(billOf(usage, 1)).rowsWritten).toBe(4);
  });

  test('prices every million rows written at a dollar, and every million object requests at 15 cents', () => {
    expect(totalOf({ rowsWritten: 1 })).toBe(1);
    expect(totalOf({ objectRequests: 1 })).toBe(0.15);
  });

  test('has a price for everything in it', () => {
    const names = Object.keys({ ...billOf(NO_USAGE, 1), ...D1_OUTBOX_WITH_QUEUES });
    expect(names.filter((name) => !(name in PRICES))).toEqual([]);
  });

  test('of the D1 outbox lies where such designs lie', () => {
    expect(totalOf(D1_OUTBOX_WITH_QUEUES)).toBeGreaterThan(11);
    expect(totalOf(D1_OUTBOX_WITH_QUEUES)).toBeLessThan(17);
  });
});

test('usages are combined number by number', () => {
  const a = { ...NO_USAGE, rowsRead: 5, outgoing: 2 };
  expect(combine(a, { ...NO_USAGE, rowsRead: 3 }, (x, y) => x - y)).toEqual({ ...NO_USAGE, rowsRead: 2, outgoing: 2 });
});

test('the session that is counted is valid OCPP 1.6, from plugging in to leaving', () => {
  const told = sessionOf(narratorOf('cp'), 3);
  const frames = told.map(({ event }) => listAt(event, 'frame'));
  expect(frames.flatMap((frame) => schemaErrors('1.6', textAt(frame, 2), frame[3]))).toEqual([]);
  expect(told.map(({ name }) => name).filter((name) => name === 'MeterValues')).toHaveLength(3);
});
