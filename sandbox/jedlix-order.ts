// The order of TransactionEvents per station and transaction at Jedlix; it refuses gaps in seqNo, a second body for one seqNo, and events outside a transaction.
import * as z from 'zod';
import type { Refusal } from './journal.ts';
import { schemaErrors } from './ocpp-schema.ts';

const TransactionEvent = z.object({
  eventType: z.enum(['Started', 'Updated', 'Ended']),
  seqNo: z.int(),
  transactionInfo: z.object({ transactionId: z.string() }),
});

/** The parts of a TransactionEventRequest on which its place depends. */
export type TransactionEvent = z.infer<typeof TransactionEvent>;

type Transaction = { bodies: string[]; hasEnded: boolean };

/** The transactions a stand-in knows. `bodyText` is what was sent, letter by letter. */
export type SequenceOrder = {
  judge: (uid: string, event: TransactionEvent, bodyText: string) => 'accepted' | 'duplicate' | Refusal;
  clear: () => void;
};

/** Reads a TransactionEvent by the official OCPP 2.0.1 schema; the place in a transaction is judged apart. */
export function readTransactionEvent(body: unknown): TransactionEvent | { errors: string[] } {
  const errors = schemaErrors('2.0.1', 'TransactionEvent', body);
  return errors.length > 0 ? { errors } : TransactionEvent.parse(body);
}

/** Starts without transactions. An accepted seqNo may be repeated with the same body: an answer may have been lost. */
export function createSequenceOrder(): SequenceOrder {
  const transactions = new Map<string, Transaction>();
  return {
    judge(uid, event, bodyText) {
      const key = JSON.stringify([uid, event.transactionInfo.transactionId]);
      const transaction = transactions.get(key);
      if (transaction?.bodies[event.seqNo] === bodyText) return 'duplicate';
      const reason = reasonAgainst(event, transaction);
      if (reason !== undefined) return { status: 400, reason };
      const entry = transaction ?? { bodies: [], hasEnded: false };
      entry.bodies.push(bodyText);
      entry.hasEnded = event.eventType === 'Ended';
      transactions.set(key, entry);
      return 'accepted';
    },
    clear: () => transactions.clear(),
  };
}

function reasonAgainst(
  { eventType, seqNo }: TransactionEvent,
  transaction: Transaction | undefined,
): string | undefined {
  if (!transaction) {
    if (eventType !== 'Started') return 'transaction-not-started';
    return seqNo === 0 ? undefined : 'seq-no-gap';
  }
  if (transaction.bodies[seqNo] !== undefined) return 'seq-no-taken';
  if (transaction.hasEnded) return 'transaction-ended';
  if (eventType === 'Started') return 'transaction-already-started';
  return seqNo === transaction.bodies.length ? undefined : 'seq-no-gap';
}
