/** docs/architecture.md names every file that catches exceptions, and every folder and file that it names exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');

const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(ROOT, 'src', path), 'utf8') }));

/** What keeps an exception from its caller. The `catch` of a schema gives a value for a field, and is none of these. */
const CATCHES = /\bcatch (?:\(|\{)|\.catch\(\(|\ballSettled\(|\.onError\(/;

const section = (heading: string) => PAGE.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
const namedIn = (text: string) => [...text.matchAll(/`([^`\s]+(?:\.ts|\/))`/g)].map(([, name = '']) => name);

const listed = namedIn(section('Where exceptions are caught'));
const isListed = (path: string) =>
  listed.some((name) => path === name || (name.endsWith('/') && path.startsWith(name)));
const unlisted = (sources: readonly { readonly path: string; readonly text: string }[]) =>
  sources.filter(({ path, text }) => CATCHES.test(text) && !isListed(path)).map(({ path }) => path);

test('every file that catches exceptions is on the list, and every file on it catches', () => {
  expect(unlisted(SOURCES)).toEqual([]);
  const catching = SOURCES.filter(({ text }) => CATCHES.test(text)).map(({ path }) => path);
  expect(listed.filter((name) => !catching.some((path) => path === name || path.startsWith(name)))).toEqual([]);
});

test.each([
  ['try {} catch {}'],
  ['try {} catch (error) {}'],
  ['work.catch(() => undefined)'],
  ['await Promise.allSettled([work])'],
  ['app.onError(answer)'],
])('would find %s elsewhere', (text) => {
  expect(unlisted([{ path: 'ocpp/x.ts', text }])).toEqual(['ocpp/x.ts']);
});

test('every folder and file that the page names exists', () => {
  const named = namedIn(PAGE).filter((name) => !name.includes('<') && !/^(client|token|commands)\.ts$/.test(name));
  expect(named.length).toBeGreaterThan(30);
  const isThere = (name: string) => existsSync(join(ROOT, 'src', name)) || existsSync(join(ROOT, name));
  expect(named.filter((name) => !isThere(name))).toEqual([]);
});
