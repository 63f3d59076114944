/** What a station does beside delivering: log lines, traces, metrics, and how many rows it all costs. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Lanes } from '../../src/station/delivery/lanes.ts';
import { Ledger } from '../../src/station/journal/ledger.ts';
import { stationHome } from '../../src/station/station-home.ts';
import type { IndexedIncoming } from '../../src/station/station-rpc.ts';
import { CSMS_TOKEN, SETTINGS } from '../settings.ts';
import { PATIENCE } from '../patience.ts';
import {
  accepted,
  answer,
  at,
  drained,
  gate,
  ID_TAG,
  jsonIn,
  paired,
  post,
  received,
  ring,
  say,
  standInProviders,
  stub,
  told,
  travel,
  until,
} from './world.ts';

const SECOND = 1000;

let world: ReturnType<typeof standInProviders>;
beforeEach(() => {
  world = standInProviders();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const jedlixGot = (id: string) => told('jedlix', world.calls, id);

/** Keeps every line that is written on the console from now on. */
function capturedLines(): string[] {
  const lines: string[] = [];
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, level).mockImplementation((...said: unknown[]) => {
      lines.push(said.map(String).join(' '));
    });
  }
  return lines;
}

const statusEvent = (messageId: string): IndexedIncoming => ({
  index: 0,
  incoming: {
    kind: 'message',
    message: {
      protocol: 'ocpp1.6',
      direction: 'cs',
      seenAt: at(0),
      frame: {
        type: 'call',
        messageId,
        action: 'StatusNotification',
        payload: { connectorId: 1, status: 'Available', errorCode: 'NoError' },
      },
    },
  },
});

const startEvent = (messageId: string): IndexedIncoming => ({
  index: 0,
  incoming: {
    kind: 'message',
    message: {
      protocol: 'ocpp1.6',
      direction: 'cs',
      seenAt: at(0),
      response: accepted(7),
      frame: {
        type: 'call',
        messageId,
        action: 'StartTransaction',
        payload: { connectorId: 1, idTag: ID_TAG, meterStart: 1, timestamp: at(0) },
      },
    },
  },
});

describe('the log', () => {
  test('has one line for each webhook and each attempt, all under the id of the webhook, which the provider gets too', async () => {
    const id = await paired('stekker', 'jedlix');
    const lines = capturedLines();
    world.answers.stekker = answer(503);
    const { requestId } = await post(id, [{ frame: say.start(0), response: accepted(7) }]);
    await until(1, () => told('stekker', world.calls, id));
    world.answers.stekker = answer(200);
    travel(10 * SECOND);
    await ring(id);
    await drained(id);
    const parsed = lines.map((line) => JSON.parse(line)).filter((line) => line['scsp.request_id'] === requestId);
    const events = parsed.map(({ event }) => event);
    expect(events.filter((event) => event === 'http.request')).toHaveLength(1);
    const attempts = parsed.filter(({ event }) => event === 'delivery.attempt');
    expect(attempts).toHaveLength(3);
    expect(attempts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          level: 'warn',
          'scsp.charge_point_id': id,
          'scsp.provider': 'stekker',
          'scsp.message': 'StartTransaction',
          'scsp.attempt': 1,
          'scsp.outcome': 'deferred',
          'scsp.reason': 'http-503',
          'http.response.status_code': 503,
          duration_ms: expect.any(Number),
        }),
        expect.objectContaining({ 'scsp.provider': 'jedlix', 'scsp.outcome': 'delivered' }),
        expect.objectContaining({ 'scsp.provider': 'stekker', 'scsp.attempt': 2, 'scsp.outcome': 'delivered' }),
      ]),
    );
    const traces = world.calls.filter(({ body }) => body.includes(ID_TAG)).map(({ headers }) => headers['traceparent']);
    const trace = new RegExp(`^00-${requestId?.replaceAll('-', '')}-[0-9a-f]{16}-01$`);
    expect(traces).toHaveLength(3);
    for (const each of traces) expect(each).toMatch(trace);
    expect(new Set(traces).size).toBe(3);
  });

  test('has no id token and no secret, whatever goes wrong and whatever a provider answers', async () => {
    const lines = capturedLines();
    const id = await paired('stekker', 'jedlix');
    world.answers.stekker = answer(400, {}, `{"rejected":"${ID_TAG}"}`);
    world.answers.jedlix = () => {
      throw new Error(`no connection for ${ID_TAG}`);
    };
    await received(id, { frame: say.start(0), response: accepted(7) });
    await post(id, [{ frame: [2, 'm', 'StartTransaction', { idTag: ID_TAG }] }]);
    await until(1, () => jedlixGot(id));
    await vi.waitFor(() => expect(lines.join('\n')).toContain('"scsp.reason":"network"'), PATIENCE);
    world.answers.jedlix = answer(401);
    travel(10 * SECOND);
    await ring(id);
    await vi.waitFor(() => expect(lines.join('\n')).toContain('"scsp.reason":"http-401"'), PATIENCE);
    await vi.waitFor(() => expect(lines.join('\n')).toContain('delivery.parked'), PATIENCE);
    const secrets = Object.entries(SETTINGS).filter(([name]) => /TOKENS?$|SECRETS?$|KEY$|PEPPER$/.test(name));
    expect(secrets.length).toBeGreaterThan(6);
    for (const secret of [ID_TAG, CSMS_TOKEN, 'token-1', ...secrets.map(([, value]) => value)]) {
      expect(lines.filter((line) => line.includes(secret))).toEqual([]);
    }
  });
});

describe('the rows written', () => {
  /** Storage that counts the rows written through it. */
  function metered(storage: DurableObjectStorage) {
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    const sql = new Proxy(storage.sql, {
      get: (target, key) => {
        if (key !== 'exec') return Reflect.get(target, key);
        return (query: string, ...bindings: unknown[]) => {
          const cursor = target.exec(query, ...bindings);
          cursors.push(cursor);
          return cursor;
        };
      },
    });
    const proxy = new Proxy(storage, {
      get: (target, key) => {
        if (key === 'sql') return sql;
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    return { storage: proxy, take: () => cursors.splice(0).reduce((sum, { rowsWritten }) => sum + rowsWritten, 0) };
  }

  test('are two for an event that goes to nobody, and one more when it is settled, for one provider or for two', async () => {
    const id = await paired('stekker', 'jedlix');
    const rows = await runInDurableObject(stub(id), (_, state) => {
      const meter = metered(state.storage);
      const ledger = new Ledger(meter.storage);
      const context = { requestId: crypto.randomUUID() };
      ledger.take([statusEvent('first')], context, Date.now());
      meter.take();
      ledger.take([startEvent('second')], context, Date.now());
      const taken = meter.take();
      const delivery = { outcome: 'delivered', at: Date.now(), attempts: 1 } as const;
      ledger.store.backlog.settle(3, { stekker: delivery, jedlix: delivery });
      return { taken, settled: meter.take() };
    });
    expect(rows).toEqual({ taken: 2, settled: 1 });
  });

  test('are one for a row that both providers finish at about the same time', async () => {
    const id = await paired('stekker', 'jedlix');
    const { state: doors, host } = gate();
    world.answers.stekker = host;
    world.answers.jedlix = host;
    const { settled, row } = await runInDurableObject(stub(id), async (_, state) => {
      const ledger = new Ledger(state.storage);
      ledger.take([startEvent('only')], { requestId: crypto.randomUUID() }, Date.now());
      const home = stationHome(state, env, () => undefined);
      const lanes = new Lanes({
        ...home,
        backlog: ledger.store.backlog,
        charger: () => ledger.registration?.charger,
        recipient: (name: string) => home.config()?.providers.get(name),
        isPaused: () => false,
        note: () => undefined,
      });
      const settling = vi.spyOn(ledger.store.backlog, 'settle');
      const drained = lanes.drain(['stekker', 'jedlix']);
      while (doors.waiting < 2) await scheduler.wait(2);
      doors.allowed = 2;
      await drained;
      const newest = state.storage.sql.exec('SELECT owed, deliveries FROM log ORDER BY seq DESC LIMIT 1').one();
      return { settled: settling.mock.calls.length, row: newest };
    });
    expect(settled).toBe(1);
    expect(row['owed']).toBe('');
    const delivery = { outcome: 'delivered', at: expect.any(Number), attempts: 1 };
    expect(jsonIn(row, 'deliveries')).toEqual({ stekker: delivery, jedlix: delivery });
  });
});

/** Lanes of a charger that owes one status, in an environment of the test's making; gives what they did. */
async function drainIn(changes: (real: Env) => object): Promise<{ readonly open: readonly string[] }> {
  const id = await paired('stekker');
  return runInDurableObject(stub(id), async (_, state) => {
    const ledger = new Ledger(state.storage);
    ledger.take([statusEvent('only')], { requestId: crypto.randomUUID() }, Date.now());
    const surroundings: Env = { ...env, ...changes(env) };
    const home = stationHome(state, surroundings, () => undefined);
    const lanes = new Lanes({
      ...home,
      backlog: ledger.store.backlog,
      charger: () => ledger.registration?.charger,
      recipient: (name: string) => home.config()?.providers.get(name),
      isPaused: () => false,
      note: () => undefined,
    });
    await lanes.drain(['stekker']);
    travel(10 * SECOND);
    await lanes.drain(['stekker']);
    return { open: ledger.store.backlog.recipients() };
  });
}

describe('a binding', () => {
  test('that fails when a point is written loses no delivery', async () => {
    const METRICS = {
      writeDataPoint: () => {
        throw new Error('too many points');
      },
    };
    expect(await drainIn(() => ({ METRICS }))).toEqual({ open: [] });
    expect(world.calls.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });
});

describe('a lane that parks while D1 is down', () => {
  test('goes on, and keeps nothing that another lane delivered of the same row from being written', async () => {
    const id = await paired('stekker', 'jedlix');
    const { state: doors, host } = gate();
    world.answers.stekker = async (call) => {
      await host(call);
      return new Response('{}', { status: 400 });
    };
    world.answers.jedlix = (call) => {
      doors.allowed = 1;
      return answer(200)(call);
    };
    const row = await runInDurableObject(stub(id), async (_, state) => {
      const ledger = new Ledger(state.storage);
      ledger.take([startEvent('only')], { requestId: crypto.randomUUID() }, Date.now());
      const DB = {
        prepare: () => {
          throw new Error('D1 is down');
        },
      };
      const surroundings = Object.assign({ ...env }, { DB });
      const home = stationHome(state, surroundings, () => undefined);
      const lanes = new Lanes({
        ...home,
        backlog: ledger.store.backlog,
        charger: () => ledger.registration?.charger,
        recipient: (name: string) => home.config()?.providers.get(name),
        isPaused: () => false,
        note: () => undefined,
      });
      await lanes.drain(['stekker', 'jedlix']);
      return state.storage.sql.exec('SELECT owed, deliveries FROM log ORDER BY seq DESC LIMIT 1').one();
    });
    expect(row['owed']).toBe('');
    expect(jsonIn(row, 'deliveries')).toMatchObject({
      jedlix: { outcome: 'delivered' },
      stekker: { outcome: 'parked' },
    });
  });
});
