/**
 * Data points for Workers Analytics Engine, if the optional binding `METRICS` is there: added up while something runs,
 * written when it ends. Never fails its caller.
 */
import { writeLog } from '../log.ts';
import type { Outcome } from '../recipient.ts';
import type { Acceptance } from './station-rpc.ts';

/** The environment, with the binding that wrangler.toml leaves out by default. */
export type MeteredEnv = { readonly METRICS?: AnalyticsEngineDataset };

/** An attempt at a recipient: how long it took, and the how-manieth of its message it was. */
export type MeteredAttempt = {
  readonly provider: string;
  readonly name: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly attempt: number;
};

type Kind = 'accepted' | 'attempt' | 'parked' | 'profile' | 'followed' | 'alert';
type Sum = { readonly blobs: readonly string[]; readonly doubles: number[] };

/** The platform drops what one invocation writes beyond this. */
export const MAX_POINTS = 25;
/** So many sums are kept apart. What comes beside them is added up as "other", one sum for each kind. */
const MAX_SUMS = MAX_POINTS - 6;
/** The upper bounds (ms) of the classes into which attempts fall by how long they took. The last class has none. */
export const CLASSES_MS = [50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800] as const;

export class Metrics {
  readonly #env: MeteredEnv;
  readonly #sums = new Map<string, Sum>();
  #running = 0;

  constructor(env: object) {
    this.#env = env;
  }

  /** What became of a charger's events in one webhook: received, duplicates, ignored, rejected. */
  accepted(acceptances: readonly Acceptance[]): void {
    const count = (kind: Acceptance['kind']) => acceptances.filter((acceptance) => acceptance.kind === kind).length;
    this.#add('accepted', [], [count('received'), count('duplicate'), count('ignored'), count('rejected')]);
  }

  /** One attempt. Doubles: how many, how many of them were first ones, ms in all, then how many in each class. */
  attempt({ provider, name, outcome, durationMs, attempt }: MeteredAttempt): void {
    const reason = outcome.kind === 'delivered' ? '' : outcome.reason;
    const found = CLASSES_MS.findIndex((bound) => durationMs <= bound);
    const place = found === -1 ? CLASSES_MS.length : found;
    const classes = Array.from({ length: CLASSES_MS.length + 1 }, (_, index) => Number(index === place));
    const doubles = [1, Number(attempt === 1), durationMs, ...classes];
    this.#add('attempt', [provider, outcome.kind, reason, name], doubles);
  }

  /** One parked message. */
  parked(provider: string, reason: string): void {
    this.#add('parked', [provider, reason], [1]);
  }

  /** One request for a charging profile, with its outcome in a word. */
  profile(provider: string, outcome: string): void {
    this.#add('profile', [provider, outcome], [1]);
  }

  /** A car was found to follow its profile, or not to. */
  followed(provider: string, isFollowed: boolean): void {
    this.#add('followed', [provider, isFollowed ? 'yes' : 'no'], [1]);
  }

  /** An alert that is open now. `provider`: the one that it is about, if any. */
  alert(type: string, provider: string): void {
    this.#add('alert', [provider, type], [1]);
  }

  /** Writes what was added up while this work ran, when no other such work runs. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await work;
    } finally {
      this.#running -= 1;
      this.flush();
    }
  }

  /** Writes one point for each sum, unless something runs that will do so when it ends. */
  flush(): void {
    if (this.#running > 0) return;
    const { METRICS } = this.#env;
    const sums = [...this.#sums.values()];
    this.#sums.clear();
    if (METRICS === undefined) return;
    try {
      for (const { blobs, doubles } of sums) {
        const [kind = '', provider = kind] = blobs;
        METRICS.writeDataPoint({ indexes: [provider], blobs: [...blobs], doubles });
      }
    } catch (error) {
      writeLog('warn', 'metrics.fault', { error: String(error) });
    }
  }

  #add(kind: Kind, labels: readonly string[], doubles: readonly number[]): void {
    if (this.#env.METRICS === undefined) return;
    const own = [kind, ...labels];
    const isApart = this.#sums.has(own.join('|')) || this.#sums.size < MAX_SUMS;
    const blobs = isApart ? own : [kind, 'other'];
    const sum = this.#sums.get(blobs.join('|'))?.doubles ?? [];
    this.#sums.set(blobs.join('|'), { blobs, doubles: doubles.map((value, index) => (sum[index] ?? 0) + value) });
  }
}
