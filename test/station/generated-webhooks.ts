/** A generated day as the webhooks that tell of it, in the order of their arrival, with what really happened beside them. */
import type { Day, Fate, SessionPlan } from './generated-day.ts';
import { tellSession16 } from './generated-station-16.ts';
import { tellSession201 } from './generated-station-201.ts';

/** What really happened. Registers of a session are `index` millions and something, so that a reading shows where it belongs. */
export type RealSession = {
  readonly index: number;
  readonly evseId: number;
  readonly plan: SessionPlan;
  readonly startMs: number;
  readonly endMs: number;
  readonly transactionId: number | string;
  /** What becomes of its message number `place`; `isBuffered` when the charger may be without connection then. */
  readonly fateAt: (place: number, isBuffered?: boolean) => Fate | undefined;
};

export type Webhook = { readonly arrivalMs: number; readonly event: unknown };

/** The webhooks of a day in the order of their arrival, and the sessions that they tell of. */
export function webhooksOf(day: Day): {
  readonly webhooks: readonly Webhook[];
  readonly sessions: readonly RealSession[];
} {
  const { protocol, numbering } = day;
  const sessions = realSessions(day);
  const line = new Line(protocol);
  const isOld = protocol === 'ocpp1.6';
  for (const session of sessions) {
    if (isOld) tellSession16(line, session, numbering === 'counter');
    else tellSession201(line, session, numbering === 'counter' || numbering === 'negative');
  }
  return { webhooks: line.webhooks.toSorted((a, b) => a.arrivalMs - b.arrivalMs), sessions };
}

const BEGINNING = Date.parse('2026-03-31T06:00:00Z');
const REGISTERS = 1_000_000;

/** The session that a register in Wh belongs to. */
export const indexOfRegister = (wh: number) => Math.floor(wh / REGISTERS);
export const startRegister = ({ index }: RealSession) => index * REGISTERS;
export const stopRegister = ({ index, plan }: RealSession) => index * REGISTERS + (plan.readings.length + 1) * 1000;
export const readingRegister = ({ index }: RealSession, place: number) => index * REGISTERS + (place + 1) * 1000;
export const iso = (ms: number) => new Date(ms).toISOString();

/** A request of the station, as a webhook says it. */
export const call = (id: string, action: string, payload: unknown) => ({
  direction: 'cs',
  frame: [2, id, action, payload],
});

/** Whether anybody could know where a message belongs: by itself, or because its start is known to be on the way. */
export const isPlaceable = (isByItself: boolean, startedMs: number | undefined) =>
  isByItself || startedMs !== undefined;

function realSessions({ protocol, numbering, connectors }: Day): RealSession[] {
  const planned = connectors.flatMap((plans, connector) => {
    let cursor = BEGINNING + connector * 17_003;
    return plans.map((plan) => {
      const startMs = cursor + 10_000;
      const endMs = startMs + (plan.readings.length + 1) * 60_000;
      cursor = endMs + plan.pauseS * 1000;
      return { evseId: connector + 1, plan, startMs, endMs, fateAt: fatesOf(plan) };
    });
  });
  return planned
    .toSorted((a, b) => a.startMs - b.startMs)
    .map((each, place) => ({ ...each, index: place + 1, transactionId: idOf(protocol, numbering, place + 1) }));
}

function fatesOf({ fates, offlineS }: SessionPlan): RealSession['fateAt'] {
  return (place, isBuffered = false) => {
    const fate = fates[place % fates.length];
    return fate && isBuffered ? { ...fate, delayS: fate.delayS + offlineS } : fate;
  };
}

function idOf(protocol: Day['protocol'], numbering: Day['numbering'], index: number): number | string {
  const isOld = protocol === 'ocpp1.6';
  if (numbering === 'zero') return isOld ? 0 : '0';
  if (numbering === 'negative') return isOld ? -1 : `${'longer than the thirty-six allowed '.repeat(2)}${index}`;
  if (numbering === 'reused') return isOld ? 1 + (index % 3) : String(1 + (index % 3));
  return isOld ? 48_120_000 + index : `f577897d-ce0b-478a-974e-${String(index).padStart(12, '0')}`;
}

type Telling = {
  readonly atMs: number;
  readonly fate: Fate | undefined;
  /** It is of no use to anybody before this has arrived. */
  readonly notBeforeMs?: number | undefined;
  /** By how much later the answer of the CSMS is told. */
  readonly answerDelayS?: number;
  /** What is said under one message id, one webhook each. */
  readonly make: (messageId: string) => readonly object[];
};

const isAnswer = (said: object) => 'direction' in said && said.direction === 'csms';

/** Collects webhooks; each message under an id of its own. */
export class Line {
  readonly webhooks: Webhook[] = [];
  readonly #protocol: Day['protocol'];
  #messages = 0;

  constructor(protocol: Day['protocol']) {
    this.#protocol = protocol;
  }

  /** Tells a message as its fate has it; when it first arrives, or undefined when it never does. */
  tell(telling: Telling): number | undefined {
    const { atMs, fate, notBeforeMs = 0 } = telling;
    const arrivalMs = Math.max(atMs + 200 + (fate?.delayS ?? 0) * 1000, notBeforeMs + 1);
    const again = arrivalMs + 45_000;
    if (!fate?.isLost) this.#post(arrivalMs, telling);
    if (!fate?.isLost && fate?.isTwice) this.#repeat(30_000);
    if (fate?.isAgain) this.#post(again, telling);
    // Of several webhooks under one message id, all have arrived a second later.
    if (fate?.isLost) return fate.isAgain ? again + 1000 : undefined;
    return arrivalMs + 1000;
  }

  #last: readonly Webhook[] = [];

  #post(arrivalMs: number, { make, answerDelayS = 0 }: Telling): void {
    this.#messages += 1;
    this.#last = make(`m-${this.#messages}`).map((said, place) => ({
      arrivalMs: arrivalMs + place * 300 + (isAnswer(said) ? answerDelayS * 1000 : 0),
      event: { chargePointId: 'CP-1', protocol: this.#protocol, timestamp: iso(arrivalMs), ...said },
    }));
    this.webhooks.push(...this.#last);
  }

  #repeat(laterMs: number): void {
    this.webhooks.push(...this.#last.map(({ arrivalMs, event }) => ({ arrivalMs: arrivalMs + laterMs, event })));
  }
}
