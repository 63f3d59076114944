/** The bindings of the Worker under test, with a count of what a request uses of them: statements of D1 and calls of objects. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import worker from '../../src/index.ts';
import { requestTo, type Call } from './client.ts';

/** `longest`: the longest text that was bound to a statement, in bytes. */
export type Used = { statements: number; calls: number; longest: number };

const RUNS = new Set<string | symbol>(['first', 'run', 'all', 'raw']);
const originals = new WeakMap<object, D1PreparedStatement>();

const bound = (target: object, name: string | symbol): unknown => {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
};

function statementOf(statement: D1PreparedStatement, used: Used): D1PreparedStatement {
  const proxy = new Proxy(statement, {
    get(target, name) {
      if (name === 'bind')
        return (...values: unknown[]) => {
          const texts = values.filter((value) => typeof value === 'string');
          used.longest = Math.max(used.longest, ...texts.map((text) => new TextEncoder().encode(text).byteLength));
          return statementOf(target.bind(...values), used);
        };
      if (RUNS.has(name)) used.statements += 1;
      return bound(target, name);
    },
  });
  originals.set(proxy, statement);
  return proxy;
}

function databaseOf(db: D1Database, used: Used): D1Database {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'prepare') return (sql: string) => statementOf(target.prepare(sql), used);
      if (name === 'batch')
        return (statements: D1PreparedStatement[]) => {
          used.statements += statements.length;
          return target.batch(statements.map((each) => originals.get(each) ?? each));
        };
      return bound(target, name);
    },
  });
}

/** Each call of a method of a stub is one subrequest. */
function objectsOf<T extends object>(namespace: T, used: Used): T {
  // A stub has every method that it is asked for; they cannot be bound.
  const stubOf = (stub: object) =>
    new Proxy(stub, {
      get:
        (target, name) =>
        (...values: unknown[]) => {
          used.calls += 1;
          return (target as Record<string | symbol, (...all: unknown[]) => unknown>)[name]?.(...values);
        },
    });
  return new Proxy(namespace, {
    get(target, name) {
      const value = bound(target, name);
      if (name === 'jurisdiction')
        return (...values: unknown[]) => objectsOf((value as (...all: unknown[]) => T)(...values), used);
      if (name !== 'getByName' && name !== 'get') return value;
      return (...values: unknown[]) => stubOf((value as (...all: unknown[]) => object)(...values));
    },
  });
}

/** Sends a request; gives its answer, and what it has used when all beside it is done. */
export async function counted(path: string, options: Call): Promise<{ response: Response; used: Used }> {
  const used = { statements: 0, calls: 0, longest: 0 };
  const context = createExecutionContext();
  const bindings = {
    ...env,
    DB: databaseOf(env.DB, used),
    CHARGING_STATION: objectsOf(env.CHARGING_STATION, used),
    PROVIDER_BREAKER: objectsOf(env.PROVIDER_BREAKER, used),
  };
  const request = requestTo(path, options) as Parameters<typeof worker.fetch>[0];
  const response = await worker.fetch(request, bindings, context);
  await waitOnExecutionContext(context);
  return { response, used };
}
