/**
 * The queue of commands at one charger: one in flight, the others in order, a newer one in the place of an older one that still
 * waits. In memory only: what must outlive the object is somebody else's to keep.
 */

/** Something to be done at the charger. */
export type Job<T> = {
  /** What it sets. A later job that sets all of it overtakes this one while it waits; nothing overtakes a job without targets. */
  readonly targets: readonly string[];
  /** Must not throw for what is expected; what it throws goes to the caller of `add`. */
  readonly run: () => Promise<T>;
  /** What its caller is told when it was overtaken. */
  readonly overtaken: T;
};

type Waiting = { readonly targets: readonly string[]; readonly start: () => Promise<void>; readonly drop: () => void };

const isSetAnew = (job: Waiting, targets: readonly string[]) =>
  job.targets.length > 0 && job.targets.every((target) => targets.includes(target));

/** More than this waits at no charger that works; a caller that finds the queue full is turned away. */
const WAITING_LIMIT = 32;

export class CommandQueue {
  #waiting: Waiting[] = [];
  #isWorking = false;

  /** Whether one more may wait, after those that it overtakes have left. */
  hasRoomFor(targets: readonly string[]): boolean {
    return this.#waiting.filter((job) => !isSetAnew(job, targets)).length < WAITING_LIMIT;
  }

  /** Runs a job after those before it, and gives what it gives. */
  add<T>({ targets, run, overtaken }: Job<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#overtake(targets);
    this.#waiting.push({ targets, start: () => run().then(resolve, reject), drop: () => resolve(overtaken) });
    if (!this.#isWorking) void this.#work();
    return promise;
  }

  #overtake(targets: readonly string[]): void {
    for (const job of this.#waiting) if (isSetAnew(job, targets)) job.drop();
    this.#waiting = this.#waiting.filter((job) => !isSetAnew(job, targets));
  }

  /** The first job starts in the caller's own turn: nothing is between a profile and its command. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) await job.start();
    this.#isWorking = false;
  }
}
