/** What usage costs at Cloudflare's list prices, beyond the included amounts. Pure. */
import type { Usage } from './meter.ts';

/** Dollars per million of each. A queue's message is three operations: written, read, deleted. */
export const PRICES = {
  workerRequests: 0.3,
  workerCpuMs: 0.02,
  objectRequests: 0.15,
  objectGbS: 12.5,
  rowsWritten: 1,
  rowsRead: 0.001,
  kvReads: 0.5,
  kvWrites: 5,
  queueOperations: 0.4,
} as const;

/** How much of each one event uses. */
export type Bill = Partial<Readonly<Record<keyof typeof PRICES, number>>>;

/**
 * What cannot be counted here, and is assumed for every design: CPU per Worker request, and how long an object of 128 MB stays
 * awake for an event, which is how long the slower provider takes to answer.
 */
export const ASSUMED = { workerCpuMs: 2, awakeMs: 250 } as const;
const OBJECT_GB = 0.128;

/** One event's part of the usage that was counted over `events` of them. */
export function billOf(usage: Usage, events: number): Bill {
  const { workerRequests, objectRequests, rowsWritten, rowsRead, kvReads, kvWrites } = usage;
  const each = (total: number) => total / events;
  return {
    workerRequests: each(workerRequests),
    workerCpuMs: each(workerRequests) * ASSUMED.workerCpuMs,
    objectRequests: each(objectRequests),
    objectGbS: (ASSUMED.awakeMs / 1000) * OBJECT_GB,
    rowsWritten: each(rowsWritten),
    rowsRead: each(rowsRead),
    kvReads: each(kvReads),
    kvWrites: each(kvWrites),
  };
}

/**
 * The usual other design, for an event that goes to two providers: an outbox in D1, a queue message for each delivery, and a
 * consumer that takes them one by one, because a queue keeps no order. Counted by hand: events with a unique key 2 rows, the
 * session's state 1, two outbox entries with an index 4, and 4 when they are done.
 */
export const D1_OUTBOX_WITH_QUEUES: Bill = {
  workerRequests: 3,
  workerCpuMs: 3 * ASSUMED.workerCpuMs,
  rowsWritten: 11,
  rowsRead: 12,
  queueOperations: 6,
  kvReads: 1,
};

/** Dollars per million events, by what they are for. */
export function dollarsOf(bill: Bill): Readonly<Record<keyof typeof PRICES, number>> {
  const names = Object.keys(PRICES) as (keyof typeof PRICES)[];
  return Object.fromEntries(names.map((name) => [name, (bill[name] ?? 0) * PRICES[name]])) as Record<
    keyof typeof PRICES,
    number
  >;
}

/** Dollars per million events, in all. */
export function totalOf(bill: Bill): number {
  return Object.values(dollarsOf(bill)).reduce((sum, dollars) => sum + dollars, 0);
}
