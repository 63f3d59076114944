/** Limits above 0 at which no car can charge, and what becomes of them. Pure. */
import { shifted } from './quantity.ts';

/**
 * as-asked: sent as it is. zero: 0 is sent instead. minimum: the least that a car charges at is sent, which is more
 * than asked.
 */
export const BELOW_MINIMUM = ['as-asked', 'zero', 'minimum'] as const;
export type BelowMinimum = (typeof BELOW_MINIMUM)[number];

/** The least current in A at which an AC charger can keep a car charging (IEC 61851-1). */
export const MIN_AMPERAGE = 6;

/** Whether no car can charge at a limit, although it is above 0. */
export function isBelowMinimum(limit: number, minimum: number): boolean {
  return limit > 0 && limit < minimum;
}

/**
 * The limit that is sent for one that was asked. `minimum` in the unit of the limit; it is rounded up, so that a car
 * charges.
 */
export function raisedOrZero(limit: number, minimum: number, policy: BelowMinimum): number {
  if (policy === 'as-asked' || !isBelowMinimum(limit, minimum)) return limit;
  return policy === 'zero' ? 0 : shifted(Math.ceil(Number((minimum * 10).toFixed(6))), -1);
}
