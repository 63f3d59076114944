/** A generated day as the webhooks that tell of it, in the order of their arrival, with what really happened beside them. */
import type { Day, Fate, SessionPlan } from './generated-day.ts';

/** What really happened. Registers of a session are `index` millions and something, so that a reading shows where it belongs. */
export type RealSession = {
  readonly index: number;
  readonly evseId: number;
  readonly plan: SessionPlan;
  readonly startMs: number;
  readonly endMs: number;
  readonly transactionId: number | string;
};

export type Webhook = { readonly arrivalMs: number; readonly event: unknown };

type Telling = {
  readonly atMs: number;
  readonly fate: Fate | undefined;
  /** It is of no use to anybody before this has arrived; undefined when that never does. */
  readonly notBeforeMs?: number | undefined;
  readonly make: (messageId: string) => readonly unknown[];
};

const BEGINNING = Date.parse('2026-03-31T06:00:00Z');
const REGISTERS = 1_000_000;

/** The session that a register in Wh belongs to. */
export const indexOfRegister = (wh: number) => Math.floor(wh / REGISTERS);
export const startRegister = ({ index }: RealSession) => index * REGISTERS;
export const stopRegister = ({ index, plan }: RealSession) => index * REGISTERS + (plan.readings.length + 1) * 1000;
export const readingRegister = ({ index }: RealSession, place: number) => index * REGISTERS + (place + 1) * 1000;
export const iso = (ms: number) => new Date(ms).toISOString();

/** The sessions of a day, in the order of their starts. */
export function realSessions({ protocol, numbering, connectors }: Day): RealSession[] {
  const planned = connectors.flatMap((plans, connector) => {
    let cursor = BEGINNING + connector * 17_003;
    return plans.map((plan) => {
      const startMs = cursor + 10_000;
      const endMs = startMs + (plan.readings.length + 1) * 60_000;
      cursor = endMs + plan.pauseS * 1000;
      return { evseId: connector + 1, plan, startMs, endMs };
    });
  });
  return planned
    .toSorted((a, b) => a.startMs - b.startMs)
    .map((each, place) => ({ ...each, index: place + 1, transactionId: idOf(protocol, numbering, place + 1) }));
}

function idOf(protocol: Day['protocol'], numbering: Day['numbering'], index: number): number | string {
  const isOld = protocol === 'ocpp1.6';
  if (numbering === 'zero') return isOld ? 0 : '0';
  if (numbering === 'negative') return isOld ? -1 : `${'longer than the thirty-six allowed '.repeat(2)}${index}`;
  if (numbering === 'reused') return isOld ? 1 + (index % 3) : String(1 + (index % 3));
  return isOld ? 48_120_000 + index : `f577897d-ce0b-478a-974e-${String(index).padStart(12, '0')}`;
}

/** Collects webhooks; each message under an id of its own. */
export class Line {
  readonly webhooks: Webhook[] = [];
  readonly #protocol: Day['protocol'];
  #messages = 0;

  constructor(protocol: Day['protocol']) {
    this.#protocol = protocol;
  }

  /** Tells a message as its fate has it; when it first arrives, or undefined when it never does. */
  tell({ atMs, fate, notBeforeMs = 0, make }: Telling): number | undefined {
    const arrivalMs = Math.max(atMs + 200 + (fate?.delayS ?? 0) * 1000, notBeforeMs + 1);
    const arrivals: number[] = [];
    if (!fate?.isLost) arrivals.push(...this.#post(arrivalMs, make, fate?.isTwice === true));
    if (fate?.isAgain) arrivals.push(...this.#post(arrivalMs + 45_000, make, false));
    return arrivals[0];
  }

  sorted(): Webhook[] {
    return this.webhooks.toSorted((a, b) => a.arrivalMs - b.arrivalMs);
  }

  #post(arrivalMs: number, make: Telling['make'], isTwice: boolean): number[] {
    this.#messages += 1;
    const webhooks = make(`m-${this.#messages}`).map((said, place) => ({
      arrivalMs: arrivalMs + place * 300,
      event: { chargePointId: 'CP-1', protocol: this.#protocol, timestamp: iso(arrivalMs), ...Object(said) },
    }));
    this.webhooks.push(
      ...webhooks,
      ...(isTwice ? webhooks.map((each) => ({ ...each, arrivalMs: arrivalMs + 30_000 })) : []),
    );
    return webhooks.map((each) => each.arrivalMs);
  }
}
