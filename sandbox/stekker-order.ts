// The order of session messages per charger and transaction at Stekker; it refuses what comes before the start, after the stop, or from another connector.
import type { Refusal } from './journal.ts';
import type { SessionEvent } from './stekker-messages.ts';

type Transaction = { connectorId: number | undefined; isStopped: boolean; bodies: Set<string> };

/** The transactions a stand-in knows. */
export type TransactionOrder = {
  judge: (event: SessionEvent, bodyText: string) => 'accepted' | 'duplicate' | Refusal;
  clear: () => void;
};

/** Starts without transactions. A body that was accepted before, letter by letter, is a duplicate: an answer may have been lost. */
export function createTransactionOrder(): TransactionOrder {
  const transactions = new Map<string, Transaction>();
  return {
    judge(event, bodyText) {
      if (event.method === 'StatusNotification') return 'accepted';
      const key = JSON.stringify([event.chargePointId, event.transactionId]);
      const transaction = transactions.get(key);
      if (transaction?.bodies.has(bodyText)) return 'duplicate';
      const refusal = refusalOf(event, transaction);
      if (refusal) return refusal;
      const { connectorId } = event;
      const entry = transaction ?? { connectorId, isStopped: false, bodies: new Set<string>() };
      entry.isStopped = event.method === 'StopTransaction';
      entry.bodies.add(bodyText);
      transactions.set(key, entry);
      return 'accepted';
    },
    clear: () => transactions.clear(),
  };
}

function refusalOf({ method, connectorId }: SessionEvent, transaction: Transaction | undefined): Refusal | undefined {
  if (method === 'StartTransaction') return transaction ? { status: 409, reason: 'transaction-id-taken' } : undefined;
  if (!transaction) return { status: 409, reason: 'transaction-not-started' };
  if (transaction.isStopped) return { status: 409, reason: 'transaction-stopped' };
  const isElsewhere = method === 'MeterValues' && connectorId !== 0 && connectorId !== transaction.connectorId;
  return isElsewhere ? { status: 422, reason: 'connector-of-another-session' } : undefined;
}
