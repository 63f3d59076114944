/**
 * What can be asked of a charging station object, and what it answers. Types only: the object and its callers share
 * them.
 */
import type { Deliverable } from '../recipient.ts';
import type { Charger } from '../charging/charger.ts';
import type { Incoming } from '../csms/csms.ts';
import type { ProblemReason } from '../problem.ts';
import type { TimelinePage, TimelineQuery } from './journal/history.ts';
import type { KnownPairing, PairingNews } from './journal/pairings/pairing-news.ts';
import type { ErasureOrder, ErasureStep } from './journal/erasure/erasure-order.ts';
import type { OwnLetters } from './journal/letters.ts';
import type { LetterPage } from '../storage/dead-letters.ts';
import type { ProfileOrder, ProfileOutcome } from './steering/profile-outcome.ts';
import type { SteeringView } from './steering/profile-view.ts';

export type { ErasurePlace } from './journal/erasure/erasure-order.ts';
export type { Audit, KnownPairing, PairingNews } from './journal/pairings/pairing-news.ts';

/**
 * Where events came from: our id of the webhook request, and the sender's own `webhook-id`, when it gave one, with a
 * digest of the body.
 */
export type WebhookContext = { readonly requestId: string; readonly webhookId?: string; readonly bodyDigest?: string };

/** One event of a webhook, with its place in the body: `webhook-id`, body and `index` together name it. */
export type IndexedIncoming = {
  readonly index: number;
  readonly incoming: Incoming;
  /** The identity by which the charger was found in memory; the station checks that it is still its own. */
  readonly ocppIdentity?: string;
};

/** Why an event that is understood is not stored. */
export type IgnoredReason = 'no-interest' | 'charger-unknown';

/** What became of one event. `received` means durably stored before this answer left the object. */
export type Acceptance =
  | { readonly kind: 'received' | 'duplicate' }
  | { readonly kind: 'ignored'; readonly reason: IgnoredReason }
  | { readonly kind: 'rejected'; readonly reason: ProblemReason; readonly detail: string };

/** A parked message to be sent again. `parkedAt` (ms) tells a second parking of the same message from the first. */
export type Replay = {
  readonly deliveryId: string;
  readonly parkedAt: number;
  readonly deliverables: readonly Deliverable[];
};

export type StationRpc = {
  /** Takes events in order; one acceptance for each, in the same order. */
  accept(events: readonly IndexedIncoming[], context: WebhookContext): Promise<Acceptance[]>;
  /**
   * Learns of the charger, or of its new details, after the registry has stored them. Gives what it remembers of
   * pairings.
   */
  register(charger: Charger): Promise<Readonly<Record<string, KnownPairing>>>;
  /** Forgets the charger, but not its pairings; what was accepted before is still delivered. */
  deregister(): Promise<void>;
  /** What it remembers of pairings, of a charger that was removed too. */
  pairings(): Promise<Readonly<Record<string, KnownPairing>>>;
  /**
   * Learns that a pairing was made, or ended; gives the newest generation that it knows of. From then on events go to
   * the provider, or none does; what was accepted before is still delivered. Older news changes nothing, and so does a
   * repeat.
   */
  learnPairing(provider: string, news: PairingNews): Promise<number>;
  /**
   * Whether `provider` knows of every unpairing; waits a few seconds for it. `isUrgent`: what would be tried again
   * later is tried now.
   */
  isUnpairingTold(provider: string, isUrgent: boolean): Promise<boolean>;
  /** Holds (or releases) a provider's lane: events are taken, nothing is sent, nothing is lost. */
  hold(provider: string, isPaused: boolean): Promise<void>;
  /**
   * Owes parked messages again, in this order, behind what is owed already, and keeps them no more; false, and nothing
   * taken, when no charger is known. Repeating it is harmless.
   */
  replay(letters: readonly Replay[], requestId: string): Promise<boolean>;
  /** The parked messages that the station keeps itself, because D1 had no place for them. */
  letters(query: OwnLetters): Promise<LetterPage>;
  /**
   * Forgets parked messages that the station keeps itself; gives how many. One that is named is noted in the timeline,
   * wherever it was kept.
   */
  drop(filter: OwnLetters, requestId: string): Promise<number>;
  /** Erases an id token, or everything up to now, as far as one step goes. */
  erase(order: ErasureOrder): Promise<ErasureStep>;
  /** Brings a provider's charging profile to the charger; gives what the charger, or else its CSMS, made of it. */
  setChargingProfile(order: ProfileOrder): Promise<ProfileOutcome>;
  /**
   * Clears what providers set at the charger, on one EVSE (0: for the whole station) or everywhere, and repeats that
   * until the charger answers; gives in how many places.
   */
  clearProfiles(evseId: number | undefined, requestId: string): Promise<number>;
  /** Takes the answer to a command that a CSMS posted under its one-time token; false when no command waits for it. */
  takeAnswer(token: string, answer: unknown): Promise<boolean>;
  /** The sessions, with what was asked of each and what its meter says; other profiles; what the charger takes. */
  steering(): Promise<SteeringView>;
  /** Looks whether anything is overdue; tells whether anything is owed. */
  nudge(): Promise<boolean>;
  /** What came in and what became of it, newest first. */
  timeline(query: TimelineQuery): Promise<TimelinePage>;
  /** Tries now what is owed to this recipient and would be tried later. */
  retry(recipient: string): Promise<void>;
};
