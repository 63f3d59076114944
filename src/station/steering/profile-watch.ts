/**
 * Watches what becomes of profiles at the charger: whether cars follow them, how many phases they use, what the charger
 * says that it takes, and whether it booted. What is learned is remembered; a profile that it concerns is sent anew.
 */
import { evseOf, type Charger } from '../../charging/charger.ts';
import { defined } from '../../defined.ts';
import { saidCapability } from '../../ocpp/said-capability.ts';
import type { RunningSession } from '../../sessions/book.ts';
import type { Ledger } from '../journal/ledger.ts';
import type { Metrics } from '../metrics.ts';
import type { IndexedIncoming } from '../station-rpc.ts';
import { followedAfter, phasesIn } from './following.ts';
import type { ProfileMemory, ProfileSlot } from './profile-memory.ts';

/** What watching needs. `renew` sends the profile of a place anew. */
export type WatchHome = {
  readonly ledger: Ledger;
  readonly memory: ProfileMemory;
  readonly metrics: Metrics;
  readonly renew: (key: string) => void;
};

/** A charger that has booted gets its profiles so long after that: it connects, says its statuses, and takes commands. */
const BOOT_MS = 30_000;

export class ProfileWatch {
  readonly #home: WatchHome;
  /** The newest reading of currents by EVSE, to be compared with the next one. */
  readonly #phases = new Map<number, { readonly phases: number; readonly at: string }>();

  constructor(home: WatchHome) {
    this.#home = home;
  }

  /** Learns what the charger says of itself in passing. A charger that boots may have lost its profiles. */
  heard(events: readonly IndexedIncoming[]): void {
    const charger = this.#home.ledger.registration?.charger;
    if (charger === undefined) return;
    for (const { incoming } of events) {
      if (incoming.kind !== 'message' || incoming.message.direction !== 'cs') continue;
      const said = saidCapability(incoming.message.frame);
      if (said !== undefined) this.#home.memory.capability.learn(said, charger);
      const { frame, seenAt } = incoming.message;
      if (frame.type === 'call' && frame.action === 'BootNotification') this.#restore(Date.parse(seenAt));
    }
  }

  /** The profiles that were set before a charger booted (ms) are sent once more, when it has come up. */
  #restore(bootedAt: number): void {
    const now = Date.now();
    for (const slot of this.#home.memory.slots) {
      const { active } = slot;
      if (active === undefined || active.requestedAt >= bootedAt) continue;
      const restAt = Math.min(active.restAt ?? Infinity, now + BOOT_MS);
      this.#home.memory.put({ ...slot, active: { ...active, restAt } });
    }
  }

  /** Looks whether cars follow their profiles, and how many phases they use. Cheap while nothing is new. */
  tend(): void {
    const { book, registration } = this.#home.ledger;
    if (registration === undefined) return;
    for (const slot of this.#home.memory.slots) {
      const session = book.running.find(({ ref }) => ref.transactionId.ocpp201 === slot.transactionId);
      if (session === undefined || slot.active === undefined) continue;
      const before = slot.active;
      const active = followedAfter(slot, session, registration.charger) ?? before;
      if (active.followed !== undefined && active.followed !== before.followed)
        this.#home.metrics.followed(active.provider, active.followed === 'yes');
      const isNews = active.followed === 'no' && before.followed !== 'no';
      if (active !== before) this.#home.memory.put({ ...slot, active, ...(isNews && { isTold: true }) });
      if (isNews && slot.isTold !== true) this.#tellNotFollowed(slot, session);
      if (isNews) this.#tryAmperes(slot, registration.charger);
      this.#watchPhases(slot, session, registration.charger);
    }
  }

  #tellNotFollowed({ evseId, transactionId, active, last }: ProfileSlot, { lastPower }: RunningSession): void {
    const [period] = active?.profile.schedules[0]?.periods ?? [];
    const asked = period && { limit: period.limit, unit: active?.profile.schedules[0]?.rateUnit };
    const provider = active?.provider ?? last.provider;
    const data = { provider, evseId, ...defined({ transactionId, asked, drawnW: lastPower?.powerW }) };
    const entry = { kind: 'charging-profile-not-followed', ...data } as const;
    const occasion = { requestId: crypto.randomUUID(), nowMs: Date.now() };
    this.#home.ledger.note(entry, occasion, [{ type: 'profile.not-followed', data }]);
  }

  /** A charger that ignores limits in W may follow them in A: it is asked once. */
  #tryAmperes({ key, evseId, active }: ProfileSlot, charger: Charger): void {
    const { rateUnit } = evseOf(charger, evseId) ?? {};
    const { worksIn } = this.#home.memory.capability.of(charger);
    const isInWatts = active?.profile.schedules[0]?.rateUnit === 'W' && active.isConverted !== true;
    if (rateUnit !== undefined || worksIn !== undefined || !isInWatts) return;
    this.#home.memory.capability.learn({ worksIn: 'A' }, charger);
    this.#home.renew(key);
  }

  /** Two readings in a row tell how many phases a car uses; a limit that was converted for others is sent again once. */
  #watchPhases({ key, evseId, active }: ProfileSlot, session: RunningSession, charger: Charger): void {
    const seen = phasesIn(session.lastMeterValues);
    const before = this.#phases.get(evseId);
    if (seen === undefined || seen.at === before?.at) return;
    this.#phases.set(evseId, seen);
    const known = this.#home.memory.capability.of(charger).phases?.[String(evseId)];
    if (before?.phases !== seen.phases || known === seen.phases) return;
    this.#home.memory.capability.learn({ phases: { [evseId]: seen.phases } }, charger);
    if (active?.isConverted === true) this.#home.renew(key);
  }
}
