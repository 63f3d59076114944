/** What must hold of everything that a station sent: valid by the official schemas, and each transaction told in order. */
import type { OutgoingMessage } from '../../src/recipient.ts';
import { expect } from 'vitest';
import * as z from 'zod';
import { responseSchemaErrors, schemaErrors } from '../../sandbox/ocpp-schema.ts';
import type { SimulatedStation } from './simulated-station.ts';

const Envelope = z.looseObject({
  event: z.looseObject({ method: z.string(), params: z.unknown(), response: z.unknown().optional() }),
  response: z.unknown().optional(),
});
const Body = z.looseObject({
  eventType: z.enum(['Started', 'Updated', 'Ended']),
  seqNo: z.int(),
  transactionInfo: z.looseObject({ transactionId: z.string() }),
});
type Body = z.infer<typeof Body>;

/** What the official schemas say against the payloads: 1.6 for Stekker, with the answers, and 2.0.1 for Jedlix. */
export function flawsOf({ sent }: SimulatedStation): string[] {
  const ofStekker = sent.stekker.flatMap(({ body }) => {
    const { event, response = event.response } = Envelope.parse(offTheWire(body));
    return [...schemaErrors('1.6', event.method, event.params), ...responseSchemaErrors('1.6', event.method, response)];
  });
  const ofJedlix = sent.jedlix.flatMap(({ body }) => schemaErrors('2.0.1', 'TransactionEvent', offTheWire(body)));
  return [...ofStekker, ...ofJedlix];
}

/** As it is sent: what is undefined is not there, and what is no number is null. */
const offTheWire = (body: unknown): unknown => JSON.parse(JSON.stringify(body));

/** The TransactionEvents, by transaction, in the order in which they were sent. */
export function transactionsOf(sent: readonly OutgoingMessage[]): Body[][] {
  const bodies = sent.map(({ body }) => Body.parse(body));
  return [...Map.groupBy(bodies, ({ transactionInfo }) => transactionInfo.transactionId).values()];
}

/** Expects `seqNo` from 0 without gaps, one Started and that first, and nothing after Ended. */
export function expectOrder(sent: readonly OutgoingMessage[]): void {
  for (const bodies of transactionsOf(sent)) {
    expect(bodies.map(({ seqNo }) => seqNo)).toEqual(bodies.map((_, index) => index));
    const types = bodies.map(({ eventType }) => eventType);
    expect(types.flatMap((type, index) => (type === 'Started' ? [index] : []))).toEqual([0]);
    expect(types.slice(0, -1)).not.toContain('Ended');
  }
}
