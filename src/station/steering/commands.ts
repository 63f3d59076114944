/**
 * The queue of commands of one charger. One command is in flight, and the others wait in order. A newer one replaces an
 * older one that waits. The queue is in memory: whoever needs to survive the object must store that itself.
 */

/** Work to be done at the charger. */
export type Job<T> = {
  /** What it sets. A later job that sets all of it replaces this one. A job without targets stays. */
  readonly targets: readonly string[];
  /** Must not throw for an expected failure. What it throws is passed to the caller of `add`. */
  readonly run: () => Promise<T>;
  /** What its caller gets when it was replaced. */
  readonly overtaken: T;
  /** How long it may wait (ms). Then it is not run any more, and its caller gets `expired`. Absent: for ever. */
  readonly limit?: { readonly waitMs: number; readonly expired: T };
};

type Waiting = { readonly targets: readonly string[]; readonly start: () => Promise<void>; readonly drop: () => void };

const isSetAnew = (job: Waiting, targets: readonly string[]) =>
  job.targets.length > 0 && job.targets.every((target) => targets.includes(target));

/** At a charger that works, never so many jobs wait. When the queue is full, a caller is refused. */
const WAITING_LIMIT = 32;

export class CommandQueue {
  #waiting: Waiting[] = [];
  #isWorking = false;
  #quiet: Promise<void> | undefined;

  /** Whether one more may wait, once those that it replaces are gone. */
  hasRoomFor(targets: readonly string[]): boolean {
    return this.#waiting.filter((job) => !isSetAnew(job, targets)).length < WAITING_LIMIT;
  }

  /** Runs a job after those before it, and gives its result. */
  add<T>({ targets, run, overtaken, limit }: Job<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#overtake(targets);
    const timer = limit && setTimeout(() => expire(limit.expired), limit.waitMs);
    const start = () => {
      clearTimeout(timer);
      return run().then(resolve, reject);
    };
    const drop = () => {
      clearTimeout(timer);
      resolve(overtaken);
    };
    const job: Waiting = { targets, start, drop };
    const expire = (expired: T) => {
      this.#waiting = this.#waiting.filter((each) => each !== job);
      resolve(expired);
    };
    this.#waiting.push(job);
    if (!this.#isWorking) void this.#work();
    return promise;
  }

  /** Starts no job before `end`. The one in flight goes on. */
  holdUntil(end: Promise<void>): void {
    this.#quiet = end;
  }

  #overtake(targets: readonly string[]): void {
    for (const job of this.#waiting) if (isSetAnew(job, targets)) job.drop();
    this.#waiting = this.#waiting.filter((job) => !isSetAnew(job, targets));
  }

  /** The first job starts at once, in the caller's own turn, so that nothing delays a profile's command. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      while (this.#quiet !== undefined) {
        const quiet = this.#quiet;
        await quiet;
        if (this.#quiet === quiet) this.#quiet = undefined;
      }
      await this.#waiting.shift()?.start();
    }
    this.#isWorking = false;
  }
}
