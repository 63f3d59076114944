// The switch for faults of `npm run dev`: what a stand-in does wrong, told as JSON.
import * as z from 'zod';
import type { Fault } from '../http-server.ts';

const FaultOrder = z
  .strictObject({
    of: z.enum(['stekker', 'jedlix', 'csms']),
    fault: z.union([
      z.enum(['none', 'reset', 'hang', 'lose-answer']),
      z.strictObject({ delayMs: z.int().min(0).max(600_000) }),
      z.strictObject({ status: z.int().min(400).max(599), headers: z.record(z.string(), z.string()).optional() }),
    ]),
  })
  .transform(({ of, fault }): FaultOrder => ({ of, fault: typeof fault === 'string' ? fault : plain(fault) }));

/** Whose fault, and what it is; `none` ends it. */
export type FaultOrder = { readonly of: 'stekker' | 'jedlix' | 'csms'; readonly fault: Fault };

/** What the switch takes. */
export const FAULT_HELP =
  'The body must be {"of": "stekker" | "jedlix" | "csms", "fault": "none" | "reset" | "hang" | "lose-answer" | ' +
  '{"status": 503} | {"delayMs": 5000}}.';

/** Reads an order; undefined for what is none. */
export function faultOrderIn(body: unknown): FaultOrder | undefined {
  const order = FaultOrder.safeParse(body);
  return order.success ? order.data : undefined;
}

function plain(fault: { delayMs: number } | { status: number; headers?: Record<string, string> | undefined }): Fault {
  if ('delayMs' in fault) return fault;
  return { status: fault.status, ...(fault.headers !== undefined && { headers: fault.headers }) };
}
