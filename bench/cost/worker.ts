/** The Worker with a meter on everything that costs money; `/bench/meter` reads it. For measuring only, never deployed. */
import worker, { ChargingStation as Station, ProviderBreaker as Breaker } from '../../src/index.ts';
import { NO_USAGE, type Usage } from './meter.ts';

/** Clocks and alarms go this many times faster, so that an alarm that lies ten minutes ahead can be seen to ring. */
type Metered = Env & { readonly BENCH_CLOCK_SPEED?: string };
type Counts = { -readonly [Name in keyof Usage]: Usage[Name] };

const counts: Counts = { ...NO_USAGE };
/** A cursor knows its rows only once it has been read; so they are added up when the meter is read. */
const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
const watched = new WeakSet<object>();

/** Puts `wrap` around a method, for every object that has it from this prototype. */
function around(
  prototype: object,
  name: string,
  wrap: (call: (args: readonly unknown[]) => unknown, args: readonly unknown[]) => unknown,
): void {
  const method: unknown = Reflect.get(prototype, name);
  if (typeof method !== 'function') throw new Error(`nothing to count at ${name}`);
  Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]) {
    return wrap((own) => Reflect.apply(method, this, own) as unknown, args);
  });
}

function count(prototype: object, method: string, name: keyof Counts): void {
  around(prototype, method, (call, args) => {
    counts[name] += 1;
    return call(args);
  });
}

/** The prototype of a platform object, the first time it is asked for. */
function unwatched(instance: object): object | undefined {
  const prototype = Object.getPrototypeOf(instance) as object;
  if (watched.has(prototype)) return undefined;
  watched.add(prototype);
  return prototype;
}

/** The clock of everything in the Worker, `speed` times as fast as the platform's from the first request on. */
const clock = { startedAt: 0, speed: 1, platformNow: Date.now.bind(Date) };

function hasten(speed: number): void {
  if (clock.startedAt > 0) return;
  Object.assign(clock, { startedAt: clock.platformNow(), speed });
  Date.now = () => Math.floor(clock.startedAt + (clock.platformNow() - clock.startedAt) * speed);
}

const platformTime = (time: number) => clock.startedAt + (time - clock.startedAt) / clock.speed;

function watchStorage(storage: DurableObjectStorage): void {
  const prototype = unwatched(storage);
  if (prototype === undefined) return;
  around(prototype, 'setAlarm', (call, [at, ...rest]) => {
    counts.alarmsSet += 1;
    counts.rowsWritten += 1;
    return call([platformTime(Number(at)), ...rest]);
  });
  for (const method of ['deleteAlarm', 'put', 'delete']) count(prototype, method, 'rowsWritten');
  for (const method of ['put', 'delete']) count(Object.getPrototypeOf(storage.kv) as object, method, 'rowsWritten');
  around(Object.getPrototypeOf(storage.sql) as object, 'exec', (call, args) => {
    const cursor = call(args) as (typeof cursors)[number];
    cursors.push(cursor);
    return cursor;
  });
}

function watchBindings({ CACHE, DB }: Env): void {
  const [cache, db] = [unwatched(CACHE), unwatched(DB)];
  if (cache !== undefined) {
    count(cache, 'get', 'kvReads');
    count(cache, 'put', 'kvWrites');
  }
  if (db !== undefined) count(db, 'prepare', 'd1Queries');
}

/** Every call of an object from outside is a request, and so is an alarm. */
function watchCalls(prototype: object): void {
  const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  for (const name of names) count(prototype, name, 'objectRequests');
  if (names.includes('alarm')) count(prototype, 'alarm', 'alarms');
}

watchCalls(Station.prototype);
watchCalls(Breaker.prototype);
around(globalThis, 'fetch', (call, args) => {
  counts.outgoing += 1;
  return call(args);
});

for (const level of ['info', 'warn', 'error']) {
  around(console, level, (call, args) => {
    counts.logLines += 1;
    counts.logBytes += new TextEncoder().encode(args.join(' ')).byteLength;
    return call(args);
  });
}

export class ChargingStation extends Station {
  constructor(ctx: DurableObjectState, env: Metered) {
    watchStorage(ctx.storage);
    watchBindings(env);
    super(ctx, env);
  }
}

export class ProviderBreaker extends Breaker {
  constructor(ctx: DurableObjectState, env: Metered) {
    watchStorage(ctx.storage);
    super(ctx, env);
  }
}

function read(): Usage {
  for (const { rowsRead, rowsWritten } of cursors.splice(0)) {
    counts.rowsRead += rowsRead;
    counts.rowsWritten += rowsWritten;
  }
  return { ...counts };
}

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname === '/bench/meter') return Response.json(read());
    hasten(Number(env.BENCH_CLOCK_SPEED ?? 1));
    watchBindings(env);
    counts.workerRequests += 1;
    return worker.fetch(request, env, context);
  },
  scheduled: (controller, env) => worker.scheduled(controller, env),
} satisfies ExportedHandler<Metered>;
