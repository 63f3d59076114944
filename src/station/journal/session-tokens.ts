/** The tokens of sessions that this object has written of, by transaction: an ended one does not keep its own. */
import type { ChargeEvent } from '../../charging/charge-event.ts';

/** How many are remembered. */
const LIMIT = 64;

export class SessionTokens {
  readonly #tokens = new Map<string, string>();

  /** Remembers the token of the session that an event is of. */
  note(event: ChargeEvent | undefined): void {
    const session = event !== undefined && 'session' in event ? event.session : undefined;
    if (session?.idToken === undefined) return;
    if (this.#tokens.size >= LIMIT) this.#tokens.clear();
    this.#tokens.set(session.transactionId.ocpp201, session.idToken.value);
  }

  get(transactionId: string): string | undefined {
    return this.#tokens.get(transactionId);
  }

  /** Forgets all of them. */
  forget(): void {
    this.#tokens.clear();
  }
}
