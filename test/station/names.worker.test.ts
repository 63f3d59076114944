/** What it costs to recognise a repeat, in rows that are read, and what earlier releases remembered. */
import { runInDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import { nameOf } from '../../src/station/journal/repeats/names.ts';
import { adoptOlderNames, lookUp, remember } from '../../src/station/journal/repeats/seen.ts';
import { registered } from '../http/client.ts';
import { stub } from './world.ts';

const NOW = Date.parse('2026-03-31T12:00:00Z');
const named = (name: string) => ({ kept: [name], exact: [name] });

test('a look-up among 40,000 names reads at most four rows, and each event writes one', async () => {
  await runInDurableObject(stub(await registered()), (_, { storage }) => {
    const cost = { read: 0, written: 0 };
    const sql = counted(storage.sql, cost);
    for (let index = 0; index < 40_000; index += 1) {
      cost.written = 0;
      const names = named(nameOf(`event-${index}`));
      remember(sql, names, lookUp(sql, names, NOW), NOW);
      expect(cost.written).toBe(1);
    }
    for (let index = 0; index < 40_000; index += 997) {
      cost.read = 0;
      expect(lookUp(sql, named(nameOf(`event-${index}`)), NOW).isRepeat).toBe(true);
      expect(lookUp(sql, named(nameOf(`other-${index}`)), NOW).isRepeat).toBe(false);
      expect(cost.read / 2).toBeLessThanOrEqual(4);
    }
  });
});

/** The rows that statements return and write. */
function counted(sql: SqlStorage, cost: { read: number; written: number }): SqlStorage {
  return new Proxy(sql, {
    get: (target, key) =>
      key === 'exec'
        ? (statement: string, ...values: SqlStorageValue[]) => {
            const cursor = target.exec(statement, ...values);
            const rows = cursor.toArray();
            cost.read += rows.length;
            cost.written += cursor.rowsWritten;
            return { toArray: () => rows };
          }
        : Reflect.get(target, key),
  });
}

test('names that earlier releases kept in their order are taken over', async () => {
  await runInDurableObject(stub(await registered()), (_, { storage: { sql } }) => {
    sql.exec('CREATE TABLE seen (id INTEGER PRIMARY KEY, started_at INTEGER, size INTEGER, keys TEXT)');
    const names = Array.from({ length: 300 }, (_item, index) => nameOf(`event-${index}`));
    const row = 'INSERT INTO seen (started_at, size, keys) VALUES (?, ?, ?)';
    sql.exec(row, NOW - 86_400_000, 200, `${names.slice(0, 200).join(' ')} `);
    sql.exec(row, NOW, 101, `${names.slice(200).join(' ')} ${nameOf('recent')}:${NOW / 1000} `);
    adoptOlderNames(sql);
    expect(names.every((name) => lookUp(sql, named(name), NOW).isRepeat)).toBe(true);
    const recent = { kept: [], exact: [nameOf('x')], recent: nameOf('recent') };
    expect(lookUp(sql, recent, NOW + 60_000).isRepeat).toBe(true);
    expect(lookUp(sql, recent, NOW + 11 * 60_000).isRepeat).toBe(false);
  });
});
