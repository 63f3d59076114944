/** Drives the session book with messages of one charger in a few words. Keeps every event and every refusal. */
import type { ChargeEvent, ConnectorState } from '../../src/charging/charge-event.ts';
import type { StationMessage, TransactionStep } from '../../src/charging/station-message.ts';
import { EMPTY_BOOK, type Kept, type SessionBook } from '../../src/sessions/book.ts';
import { expire } from '../../src/sessions/expiry.ts';
import { record } from '../../src/sessions/session-book.ts';

const BEGINNING = Date.parse('2026-03-31T12:00:00Z');

/** RFC 3339 time `minute` minutes after noon. */
export const at = (minute: number) => new Date(BEGINNING + minute * 60_000).toISOString();

export class BookDriver {
  book: SessionBook = EMPTY_BOOK;
  readonly events: ChargeEvent[] = [];
  readonly kept: Kept[] = [];
  #seq = 0;
  readonly #rows = new Map<number, StationMessage>();
  readonly #around = {
    chargePointId: 'CP-1',
    evseIds: [1, 2],
    recall: (seq: number) => [this.#rows.get(seq)].filter((message) => message !== undefined),
  };

  /** Records a message at the time it was said, or `nowMinute`. Gives the events of this turn. */
  say(message: StationMessage, nowMinute?: number): readonly ChargeEvent[] {
    this.#seq += 1;
    const said = 'at' in message ? Date.parse(message.at) : BEGINNING;
    const nowMs = nowMinute === undefined ? said : Date.parse(at(nowMinute));
    this.#rows.set(this.#seq, message);
    const step = record(this.book, message, { ...this.#around, seq: this.#seq, nowMs });
    this.book = step.book;
    this.events.push(...step.events);
    this.kept.push(...step.kept);
    return step.events;
  }

  /** Lets time pass. */
  wait(minute: number): readonly ChargeEvent[] {
    const step = expire(this.book, Date.parse(at(minute)), this.#around);
    this.book = step.book;
    this.events.push(...step.events);
    this.kept.push(...step.kept);
    return step.events;
  }

  start(minute: number, transactionId: number, { connector = 1, idTag = 'CARD', status = 'Accepted' } = {}) {
    const messageId = `start-${minute}-${connector}-${transactionId}`;
    this.say(startRequest(minute, { messageId, connector, idTag }));
    return this.say({ kind: 'start-answered', messageId, transactionId, authorization: { status } }, minute);
  }

  reasons(): string[] {
    return this.kept.map(({ reason }) => reason);
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}

export const startRequest = (
  minute: number,
  { messageId = 'start', connector = 1, idTag = 'CARD', meterStartWh = 1000 } = {},
): StationMessage => ({
  kind: 'start-requested',
  messageId,
  evse: { evseId: connector, connectorId: 1 },
  idToken: { value: idTag, type: 'Central' },
  at: at(minute),
  meterStartWh,
});

export const startAnswer = (transactionId: number, messageId = 'start'): StationMessage => ({
  kind: 'start-answered',
  messageId,
  transactionId,
  authorization: { status: 'Accepted' },
});

export const stop = (minute: number, transactionId: number, meterStopWh = 5000): StationMessage => ({
  kind: 'stopped',
  transactionId,
  at: at(minute),
  meterStopWh,
  meterValues: [],
});

export const readings = (
  minute: number,
  { transactionId, connector = 1, wh = 2000 }: { transactionId?: number; connector?: number; wh?: number },
): StationMessage => ({
  kind: 'readings-reported',
  evse: { evseId: connector, connectorId: 1 },
  at: at(minute),
  trigger: 'MeterValuePeriodic',
  meterValues: [{ at: at(minute), samples: [{ text: String(wh), value: wh }] }],
  ...(transactionId !== undefined && { transactionId }),
});

export const status = (minute: number, state: ConnectorState, connector = 1): StationMessage => ({
  kind: 'status-reported',
  evse: { evseId: connector, connectorId: 1 },
  at: at(minute),
  status: { state, at: at(minute) },
});

export const transaction = (
  minute: number,
  step: TransactionStep['step'],
  said: Partial<TransactionStep> = {},
): StationMessage => ({
  kind: 'transaction-step',
  step,
  transactionId: 'a1b2',
  at: at(minute),
  trigger: 'Authorized',
  meterValues: [],
  ...said,
});
