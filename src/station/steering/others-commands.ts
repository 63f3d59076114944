/**
 * What others do to the charger's profiles: commands to set or clear that the CSMS sent, and we did not. They pass in
 * the webhook stream, and correct what we believe the charger holds.
 */
import type { SeenMessage } from '../../csms/csms.ts';
import { profileAnswerIn, profileCallIn, type ProfileCall } from '../../ocpp/profile-call.ts';
import { object } from '../../ocpp/tolerant.ts';
import type { Ledger } from '../journal/ledger.ts';
import { emptied, type ProfileMemory, type ProfileSlot } from './profile-memory.ts';

/** A command of ours passes in the stream within so long (ms) after we sent it, as far as we wait for it. */
const OWN_MS = 10 * 60_000;
/** So many commands are remembered, ours and those that wait for their answer. */
const LIMIT = 64;

export type OthersCommandsHome = { readonly ledger: Ledger; readonly memory: ProfileMemory };

export class OthersCommands {
  readonly #home: OthersCommandsHome;
  /** What we sent, by what it does, and when (ms). */
  readonly #own: { readonly mark: string; readonly at: number }[] = [];
  /** Commands of others without an answer, by message id, and when the CSMS saw them (ms). */
  readonly #asked = new Map<string, { readonly call: ProfileCall; readonly at: number }>();

  constructor(home: OthersCommandsHome) {
    this.#home = home;
  }

  /** Remembers a command of ours, so that it is not taken for another's when it passes. */
  sent(action: string, payload: object): void {
    const call = profileCallIn({ type: 'call', messageId: '', action, payload: { ...payload } });
    if (call === undefined) return;
    this.#own.push({ mark: JSON.stringify(call), at: Date.now() });
    if (this.#own.length > LIMIT) this.#own.shift();
  }

  /** Learns of a command that passes, or of its answer. Without an answer it changes nothing. */
  heard({ direction, frame, seenAt, response }: SeenMessage): void {
    const status = profileAnswerIn(frame);
    if (status !== undefined) this.#answered(frame.messageId, status);
    const call = direction === 'csms' ? profileCallIn(frame) : undefined;
    if (call === undefined || this.#isOwn(call)) return;
    this.#asked.set(frame.messageId, { call, at: Date.parse(seenAt) });
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > LIMIT && oldest !== undefined) this.#asked.delete(oldest);
    const said = object(response)?.['status'];
    if (typeof said === 'string') this.#answered(frame.messageId, said);
  }

  #isOwn(call: ProfileCall): boolean {
    const mark = JSON.stringify(call);
    const place = this.#own.findIndex((own) => own.mark === mark && own.at + OWN_MS > Date.now());
    return place >= 0 && this.#own.splice(place, 1).length > 0;
  }

  #answered(messageId: string, status: string): void {
    const asked = this.#asked.get(messageId);
    this.#asked.delete(messageId);
    if (asked !== undefined && status === 'Accepted') this.#happened(asked.call, asked.at);
  }

  /** What it touched is not at the charger any more. It is not put back: somebody else decided so. */
  #happened(call: ProfileCall, at: number): void {
    const { ledger, memory } = this.#home;
    for (const slot of memory.slots) {
      const { active, evseId, transactionId } = slot;
      if (active === undefined || active.requestedAt > at) continue;
      if (!(call.kind === 'clear' ? isCleared(slot, call) : isReplaced(slot, call))) continue;
      memory.put(emptied(slot));
      const what = call.kind === 'clear' ? 'cleared' : 'replaced';
      const entry = { kind: 'charging-profile-lost', provider: active.provider, evseId, transactionId, what };
      ledger.note(entry, { requestId: crypto.randomUUID(), nowMs: Date.now() });
    }
  }
}

/** By its id alone, or by all that the command names (OCPP 1.6 §5.5, OCPP 2.0.1 K10). */
function isCleared(slot: ProfileSlot, { id, evseId, purpose, stackLevel }: ProfileCall): boolean {
  if (id !== undefined) return slot.profileId === id;
  return (
    (evseId === undefined || evseId === slot.evseId) &&
    (purpose === undefined || purpose === slot.purpose) &&
    (stackLevel === undefined || stackLevel === slot.stackLevel)
  );
}

/** A profile with another id is in its place now, or its id names another profile now. */
function isReplaced(slot: ProfileSlot, { id, evseId, purpose, stackLevel }: ProfileCall): boolean {
  const isItsPlace = evseId === slot.evseId && purpose === slot.purpose && stackLevel === slot.stackLevel;
  return isItsPlace !== (id === slot.profileId);
}
