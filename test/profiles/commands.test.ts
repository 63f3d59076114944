import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandQueue } from '../../src/station/steering/commands.ts';
import { Callbacks } from '../../src/station/steering/command-callbacks.ts';

/** A job that ends when the test says so. */
function job(targets: readonly string[], name = targets.join()) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const state = { isStarted: false };
  const run = () => {
    state.isStarted = true;
    return promise;
  };
  return { targets, run, overtaken: `${name} overtaken`, state, end: () => resolve(name), fail: reject };
}

const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

describe('a one-time URL', () => {
  it('hands one answer to the command that waits, and no second one', async () => {
    const callbacks = new Callbacks(() => 'a key');
    const { path, answer } = callbacks.expect('a/b');
    expect(path).toMatch(/^\/callbacks\/a%2Fb\/[0-9a-f-]{36}\.[0-9a-f]{64}$/);
    const token = path.split('/').at(-1) ?? '';
    expect([callbacks.take(token, 'first'), callbacks.take(token, 'second')]).toEqual([true, false]);
    expect(await answer).toBe('first');
  });

  it('takes nothing once it is forgotten', () => {
    const callbacks = new Callbacks(() => 'a key');
    const { path, forget } = callbacks.expect('a');
    forget();
    expect(callbacks.take(path.split('/').at(-1) ?? '', 'late')).toBe(false);
  });
});

describe('the queue of commands', () => {
  it('starts the first job in the same turn: nothing delays it', () => {
    const first = job(['a']);
    void new CommandQueue().add(first);
    expect(first.state.isStarted).toBe(true);
  });

  it('drops a job that waited for too long, and its caller is told', async () => {
    const queue = new CommandQueue();
    const running = job(['a']);
    void queue.add(running);
    const late = { ...job(['b']), limit: { waitMs: 1, expired: 'too late' } };
    expect(await queue.add(late)).toBe('too late');
    running.end();
    await turns();
    expect(late.state.isStarted).toBe(false);
    // A job that was begun in time is not dropped.
    const begun = { ...job(['c']), limit: { waitMs: 1, expired: 'too late' } };
    const done = queue.add(begun);
    begun.end();
    expect(await done).toBe('c');
  });

  it('begins nothing while it is told to hold, and the newest after that', async () => {
    const queue = new CommandQueue();
    const { promise, resolve } = Promise.withResolvers<void>();
    queue.holdUntil(promise);
    const [first, second] = [job(['a'], 'first'), job(['a'], 'second')];
    const answers = [queue.add(first), queue.add(second)];
    await turns();
    expect([first.state.isStarted, second.state.isStarted]).toEqual([false, false]);
    second.end();
    resolve();
    expect(await Promise.all(answers)).toEqual(['first overtaken', 'second']);
  });

  it('goes on when a job throws, and its caller is told', async () => {
    const queue = new CommandQueue();
    const [first, second] = [job(['a']), job(['b'])];
    const [failed, done] = [queue.add(first), queue.add(second)];
    first.fail(new Error('bug'));
    await expect(failed).rejects.toThrow('bug');
    second.end();
    expect(await done).toBe('b');
  });

  it('overtakes a waiting job only when all it sets is set anew', async () => {
    const queue = new CommandQueue();
    const running = job(['a']);
    void queue.add(running);
    const [part, both] = [queue.add(job(['a', 'b'])), queue.add(job(['b']))];
    const all = job(['a', 'b'], 'all');
    const last = queue.add(all);
    expect(await part).toBe('a,b overtaken');
    expect(await both).toBe('b overtaken');
    all.end();
    running.end();
    expect(await last).toBe('all');
  });

  it('overtakes neither the job in flight nor one that sets nothing', async () => {
    const queue = new CommandQueue();
    const [running, clear, newer] = [job(['a'], 'first'), job([], 'clear'), job(['a'], 'newer')];
    const answers = [running, clear, newer].map((each) => queue.add(each));
    for (const each of [running, clear, newer]) each.end();
    expect(await Promise.all(answers)).toEqual(['first', 'clear', 'newer']);
  });

  it('has no room when very many wait, but for what takes the place of one that waits', () => {
    const queue = new CommandQueue();
    for (let index = 0; index <= 32; index += 1) void queue.add(job([String(index)]));
    expect([queue.hasRoomFor(['new']), queue.hasRoomFor(['32'])]).toEqual([false, true]);
  });

  it('whatever comes: never two in flight, everyone answered once, those that run run in order', async () => {
    const targets = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ targets, pause: fc.nat(3) }), { maxLength: 20 }), async (jobs) => {
        const queue = new CommandQueue();
        const [ran, answers]: [number[], Promise<string>[]] = [[], []];
        let inFlight = 0;
        for (const [index, each] of jobs.entries()) {
          const run = async () => {
            inFlight += 1;
            expect(inFlight).toBe(1);
            ran.push(index);
            for (let turn = 0; turn < each.pause; turn += 1) await Promise.resolve();
            inFlight -= 1;
            return 'ran';
          };
          answers.push(queue.add({ targets: each.targets, run, overtaken: 'overtaken' }));
          if (each.pause === 0) await turns();
        }
        const told = await Promise.all(answers);
        expect(ran).toEqual(told.flatMap((answer, index) => (answer === 'ran' ? [index] : [])));
        const isSetAnew = (index: number) =>
          jobs.slice(index + 1).some((later) => jobs[index]?.targets.every((one) => later.targets.includes(one)));
        const overtaken = told.flatMap((answer, index) => (answer === 'overtaken' ? [index] : []));
        expect(overtaken.filter((index) => !isSetAnew(index))).toEqual([]);
      }),
    );
  });
});
