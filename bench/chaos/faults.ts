/** What goes wrong at the providers, by seed: the same request meets the same faults in every run, whenever it comes. */
import type { Fault, FaultPlan, SandboxRequest } from '../../sandbox/http-server.ts';
import { randomFrom, type Random } from '../random.ts';
import type { MessageName } from './messages.ts';

/** Every kind of trouble is equally likely. `late-reset` and `slow` happen to a request that the provider took. */
const TROUBLES = ['500', '503', '429', 'reset', 'late-reset', 'time-out', 'slow'] as const;
export type Trouble = (typeof TROUBLES)[number] | 'none';

/** A message that reached a provider: when (ms), letter by letter, and the trouble it met there. */
export type Reached = MessageName & {
  readonly reachedAt: number;
  readonly bodyText: string;
  readonly trouble: Trouble;
};

/** How troubled a provider is: the share of requests, and how often in a row the same request may fail at most. */
export type Weather = { readonly seed: string; readonly rate: number; readonly maxInARow: number };

/** What the storm sees of the world: the time, and which message a request is, if any. */
export type Watch = {
  readonly now: () => number;
  readonly nameOf: (request: SandboxRequest) => MessageName | undefined;
};

/** The plan of one provider, and the messages that have reached it so far, in the order of arrival. */
export type Storm = { readonly plan: FaultPlan; readonly reached: readonly Reached[] };

/** Whether the provider acted on a request that met this trouble. */
export const isTaken = (trouble: Trouble): boolean =>
  trouble === 'none' || trouble === 'slow' || trouble === 'late-reset';

/** Starts with nothing reached. */
export function stormOf({ seed, rate, maxInARow }: Weather, { now, nameOf }: Watch): Storm {
  const reached: Reached[] = [];
  const attempts = new Map<string, number>();
  return {
    reached,
    plan(request) {
      const key = `${request.path} ${request.bodyText}`;
      const attempt = (attempts.get(key) ?? 0) + 1;
      attempts.set(key, attempt);
      const random = randomFrom(`${seed} ${attempt} ${key}`);
      const trouble = random.chance(rate) && attempt <= maxInARow ? random.pick(TROUBLES) : 'none';
      const name = nameOf(request);
      if (name !== undefined) reached.push({ ...name, reachedAt: now(), bodyText: request.bodyText, trouble });
      return faultOf(trouble, random);
    },
  };
}

function faultOf(trouble: Trouble, random: Random): Fault {
  switch (trouble) {
    case 'none':
      return 'none';
    case '500':
      return { status: 500 };
    case '503':
      return { status: 503, headers: { 'retry-after': String(random.between(1, 3)) } };
    case '429':
      return { status: 429, headers: { 'retry-after': '1' } };
    case 'reset':
      return 'reset';
    case 'late-reset':
      return 'lose-answer';
    case 'time-out':
      return 'hang';
    case 'slow':
      return { delayMs: random.between(100, 500) };
  }
}
