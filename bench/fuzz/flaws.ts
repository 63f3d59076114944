/** What is wrong with messages to providers: by the official schemas, by RFC 3339, and by their order. */
import * as z from 'zod';
import { responseSchemaErrors, schemaErrors } from '../../sandbox/ocpp-schema.ts';
import type { OutgoingMessage } from '../../src/recipient.ts';

const ToStekker = z.looseObject({
  event: z.looseObject({ method: z.string(), params: z.unknown(), response: z.unknown().optional() }),
  response: z.unknown().optional(),
});
const ToJedlix = z.looseObject({
  eventType: z.string(),
  seqNo: z.int(),
  transactionInfo: z.looseObject({ transactionId: z.string() }),
});
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

type Sent = Readonly<Record<'stekker' | 'jedlix', readonly OutgoingMessage[]>>;

/** The flaws of all that a station sent, each as one line. */
export function flawsIn({ stekker, jedlix }: Sent): string[] {
  return [...stekker.flatMap(({ body }) => ofStekker(body)), ...ofJedlix(jedlix.map(({ body }) => body))];
}

function ofStekker(body: unknown): string[] {
  const wire: unknown = JSON.parse(JSON.stringify(body));
  const { event, response = event.response } = ToStekker.parse(wire);
  const errors = [
    ...schemaErrors('1.6', event.method, event.params),
    ...responseSchemaErrors('1.6', event.method, response),
  ];
  return [...errors, ...badInstants(wire)].map((flaw) => `${event.method} to Stekker: ${flaw}`);
}

function ofJedlix(bodies: readonly unknown[]): string[] {
  const next = new Map<string, number>();
  return bodies.flatMap((body) => {
    const wire: unknown = JSON.parse(JSON.stringify(body));
    const { eventType, seqNo, transactionInfo } = ToJedlix.parse(wire);
    const expected = next.get(transactionInfo.transactionId) ?? 0;
    next.set(transactionInfo.transactionId, eventType === 'Ended' ? -1 : expected + 1);
    const order = expected === seqNo && (eventType === 'Started') === (seqNo === 0) ? [] : [`${eventType} ${seqNo}`];
    const errors = [...schemaErrors('2.0.1', 'TransactionEvent', wire), ...badInstants(wire), ...order];
    return errors.map((flaw) => `${eventType} to Jedlix: ${flaw}`);
  });
}

function badInstants(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === 'timestamp' && !(typeof member === 'string' && INSTANT.test(member))
      ? [`timestamp ${JSON.stringify(member)}`]
      : badInstants(member),
  );
}
