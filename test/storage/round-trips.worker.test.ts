import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { nativeEvent, registered, requestTo, type Call } from '../http/client.ts';
import { standIn } from '../outside.ts';
import { issuedAt } from '../pairing/world.ts';
import { JEDLIX_TOKEN } from '../settings.ts';

beforeEach(() => {
  standIn();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The real database, with its round trips counted: a batch is one, and so is a statement that is run on its own. */
function counted() {
  const trips = { count: 0 };
  const countRuns = (statement: D1PreparedStatement): D1PreparedStatement => {
    for (const name of ['all', 'first', 'run', 'raw']) {
      const real: unknown = Reflect.get(statement, name);
      if (typeof real !== 'function') throw new Error(`a statement has no ${name}`);
      const value = (...args: unknown[]): unknown => {
        trips.count += 1;
        return Reflect.apply(real, statement, args);
      };
      Object.defineProperty(statement, name, { value });
    }
    return statement;
  };
  const DB = {
    prepare: (sql: string) => ({ bind: (...values: unknown[]) => countRuns(env.DB.prepare(sql).bind(...values)) }),
    batch: (statements: D1PreparedStatement[]) => {
      trips.count += 1;
      return env.DB.batch(statements);
    },
  };
  return { trips, DB };
}

/** The answer to a request, and how often the database was asked for it. */
async function measured(path: string, options: Call) {
  const { trips, DB } = counted();
  const response = await createApp().fetch(requestTo(path, options), { ...env, DB });
  return { status: response.status, body: await response.json(), trips: trips.count };
}

describe('a webhook', () => {
  it('reads nothing from the database when it names chargers by our key', async () => {
    const ids = [await registered(), await registered()];
    const json = ids.map((id) => nativeEvent(id));
    expect(await measured('/webhooks/ocpp', { json })).toMatchObject({ body: { received: 2 }, trips: 0 });
  });

  it('reads once for all the chargers that it names by identity', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => registered()));
    const json = ids.map((id) => ({ ...nativeEvent(id), chargePointId: undefined, ocppIdentity: `CP_${id}` }));
    expect(await measured('/webhooks/ocpp', { json })).toMatchObject({ body: { received: 5 }, trips: 1 });
  });

  it('reads nothing when it holds nothing of interest', async () => {
    const json = { ...nativeEvent('x', { frame: [2, 'h', 'Heartbeat', {}] }), ocppIdentity: 'CP', chargePointId: null };
    expect(await measured('/webhooks/ocpp', { json })).toMatchObject({ body: { ignored: 1 }, trips: 0 });
  });
});

describe('a verification', () => {
  it('is one round trip, whether the code is right or wrong', async () => {
    const code = await issuedAt(await registered(), Date.now());
    const verify = (typed: string) =>
      measured('/v1/cpo/ocpp2.0.1/pair', { json: { code: typed }, token: JEDLIX_TOKEN });
    expect(await verify(code)).toMatchObject({ status: 200, trips: 1 });
    expect(await verify('WRONG')).toMatchObject({ status: 404, trips: 1 });
  });
});
