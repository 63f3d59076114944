/** What the station tells the CSMS of itself: rows of the log owe it, and it is passed on once they are stored. */
import { CSMS, messageOf, notificationOf, type ChargerFact, type Notification } from '../../notification.ts';
import type { Deliverable } from '../../recipient.ts';

/** `isOn`: the CSMS wants notifications. `raised` is called for each one, whether the CSMS wants it or not. */
export type NoticesHome = { readonly isOn: () => boolean; readonly raised: (notification: Notification) => void };

export class Notices {
  readonly #home: NoticesHome;
  #raised: Notification[] = [];

  constructor(home: NoticesHome = { isOn: () => false, raised: () => undefined }) {
    this.#home = home;
  }

  /** What the CSMS is owed for these facts: nothing while it wants no notifications. */
  owed(facts: readonly ChargerFact[], chargePointId: string, nowMs: number): Deliverable[] {
    const notifications = facts.map((fact) => notificationOf(fact, chargePointId, nowMs));
    this.#raised.push(...notifications);
    if (notifications.length === 0 || !this.#home.isOn()) return [];
    return notifications.map((notification) => ({ message: messageOf(notification), to: { [CSMS]: 0 } }));
  }

  /** Passes on what was raised while this ran; nothing when it threw, because then the rows are not stored. */
  within<T>(transaction: () => T): T {
    this.#raised = [];
    const result = transaction();
    for (const notification of this.#raised) this.#home.raised(notification);
    return result;
  }
}
