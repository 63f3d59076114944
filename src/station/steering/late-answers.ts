/** Answers to commands that came after nobody waited for them any more: they correct what is known of the charger. */
import { defined } from '../../defined.ts';
import { PROFILE_MESSAGES } from '../../ocpp/profile-messages.ts';
import type { Ledger } from '../journal/ledger.ts';
import type { Commander } from './command-sending.ts';
import type { ProfileClears } from './profile-clear.ts';
import { slotAfterAnswer, type ProfileMemory, type ProfileSlot } from './profile-memory.ts';
import { outcomeOfCommand, rejectionsIn, wordOf, type ProfileOutcome } from './profile-outcome.ts';

export type LateAnswersHome = {
  readonly ledger: Ledger;
  readonly memory: ProfileMemory;
  readonly commander: Commander;
  readonly clears: ProfileClears;
};

export class LateAnswers {
  readonly #home: LateAnswersHome;

  constructor(home: LateAnswersHome) {
    this.#home = home;
  }

  /** Takes the answer to the newest command for a place; false when none is known by this token, or not any more. */
  take(token: string, answer: unknown): boolean {
    const { memory, commander, clears, ledger } = this.#home;
    const charger = ledger.registration?.charger;
    const slot = memory.slots.find(({ unanswered }) => unanswered?.token === token);
    const unanswered = slot?.unanswered;
    const late = commander.channel?.late;
    if (slot === undefined || unanswered === undefined || late === undefined || charger === undefined) return false;
    if (unanswered.until < Date.now()) return false;
    commander.answered(token);
    const said = late.read(answer);
    if (unanswered.isClear) {
      if (said.kind === 'answered') clears.answered(slot);
      return true;
    }
    const outcome = outcomeOfCommand(said, PROFILE_MESSAGES[charger.protocol].readVerdict);
    memory.put(slotAfterAnswer(slot, outcome));
    this.#note(slot, outcome);
    clears.tend();
    return true;
  }

  #note({ evseId, transactionId, last, active }: ProfileSlot, outcome: ProfileOutcome): void {
    const entry = { provider: last.provider, evseId, transactionId, outcome: wordOf(outcome) };
    const occasion = { requestId: crypto.randomUUID(), nowMs: Date.now() };
    const transaction = transactionId === undefined ? undefined : { ocpp201: transactionId };
    const request = active && { evseId, profile: active.profile, ...defined({ transaction }) };
    const facts = request ? rejectionsIn({ ...last, request, requestId: occasion.requestId }, outcome) : [];
    this.#home.ledger.note({ kind: 'charging-profile-answered', ...entry }, occasion, facts);
  }
}
