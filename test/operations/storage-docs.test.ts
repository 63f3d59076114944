/** docs/storage.md names every table and every key, and no other; the sweep's turns are those of the cron trigger. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RUN_EVERY_MS } from '../../src/operations/nudging.ts';
import { SCHEMA } from '../../src/station/journal/schema.ts';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PAGE = textOf('docs/storage.md');

/** The part of the page under a heading that begins so. */
function section(heading: string): string {
  const [, ...parts] = PAGE.split(/^## /m);
  return parts.find((part) => part.startsWith(heading)) ?? '';
}

const firstCells = (text: string) => [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name);

const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: textOf(`src/${path}`) }));

/** The names that modules of one kind use; each of those modules must show at least one that this test can read. */
function namesIn(isOne: RegExp, name: RegExp): string[] {
  const users = SOURCES.filter(({ text }) => isOne.test(text));
  expect(users.length).toBeGreaterThan(0);
  return users.flatMap(({ path, text }) => {
    const names = found(text, name);
    expect(names, `a key in ${path} that can be read`).not.toEqual([]);
    return names;
  });
}

describe('docs/storage.md', () => {
  test('names every table of the migrations, and no other', () => {
    const migrations = readdirSync(join(ROOT, 'migrations')).map((name) => textOf(`migrations/${name}`));
    const tables = found(migrations.join('\n'), /CREATE TABLE (?:IF NOT EXISTS )?(\w+)/g);
    expect(tables.length).toBeGreaterThanOrEqual(8);
    expect(new Set(firstCells(section('D1')))).toEqual(new Set(tables));
  });

  test('names every table of a station, and no other', () => {
    const tables = found(SCHEMA, /CREATE TABLE (?:IF NOT EXISTS )?(\w+)/g);
    expect(tables.length).toBeGreaterThanOrEqual(5);
    expect(new Set(firstCells(section('The charger')))).toEqual(new Set(tables));
    for (const { path, text } of SOURCES.filter(({ text: each }) => /CREATE TABLE/.test(each)))
      expect({ path, tables: found(text, /CREATE TABLE (\w+)/g) }).toEqual({
        path: 'station/journal/schema.ts',
        tables,
      });
  });

  test('names every fact a station stores, and no other', () => {
    const facts = namesIn(/\bINTO facts\b/, /(?<=(?:#fact(?:<[^>]*>)?\(|#saveFact\(|const FACT = )')([^']+)/g);
    const [row = ''] = section('The charger').match(/^\| `facts` \|.*$/m) ?? [];
    const [, , content = ''] = row.split('|');
    expect(new Set(found(content, /`([a-z-]+)`/g))).toEqual(new Set(facts));
  });

  test('names every key in KV, and no other', () => {
    const key = /(?<=`)[a-z]+(?::[a-z]+)*:(?=\$\{)|(?<=const [A-Z_]+ = ')[a-z]+:[a-z-]+(?=')/g;
    const users = SOURCES.filter(({ text }) => /\bcache\.(?:get|put|delete|list)\b|\bCACHE\.\w+\(/i.test(text));
    const keys = users.flatMap(({ text }) => text.match(key) ?? []);
    expect(new Set(firstCells(section('KV')).map((cell) => cell?.replace(/<\w+>$/, '')))).toEqual(new Set(keys));
  });

  test('names every key in an object’s storage beside its tables', () => {
    const keys = namesIn(/\bstorage\.(?:kv\.)?(?:get|put|delete)\b/, /const KEY = '([^']+)'/g);
    for (const key of keys) expect(section('The provider')).toContain(`\`${key}\``);
  });
});

test('the sweep takes its turns as often as the cron trigger runs', () => {
  const [, minutes] = /^crons = \["\*\/(\d+) \* \* \* \*", "\* \* \* \* \*"\]$/m.exec(textOf('wrangler.toml')) ?? [];
  expect(Number(minutes) * 60_000).toBe(RUN_EVERY_MS);
});
