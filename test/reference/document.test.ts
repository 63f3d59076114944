/** The reference says what is served: every route, every example, and nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openApi } from '../../reference/document.ts';
import { OPERATIONS } from '../../reference/operations/index.ts';
import { reasonsOf } from '../../reference/operation.ts';
import { createApp } from '../../src/app.ts';
import { PROBLEMS } from '../../src/problem.ts';

const ROOT = join(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** Pages for people, which the reference does not describe. */
const PAGES = ['/docs', '/docs/redoc.js', '/console', '/console/*'];

/** What Hono has for any method is middleware. */
const served = () =>
  createApp()
    .routes.filter(({ method, path }) => method !== 'ALL' && !PAGES.includes(path))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);

describe('reference/openapi.json', () => {
  test('is what the schemas and operations give', () => {
    const written = readFileSync(join(ROOT, 'reference/openapi.json'), 'utf8');
    expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(openApi(version))));
  });

  test('has every route that is mounted, and no other', () => {
    const documented = OPERATIONS.map(({ method, path }) => `${method} ${path}`);
    expect(documented.toSorted()).toEqual([...new Set(served())].toSorted());
    expect(new Set(documented).size).toBe(documented.length);
  });

  test('gives every problem to some operation, but for those of wrong paths and methods', () => {
    const given = new Set(OPERATIONS.flatMap(reasonsOf));
    const missing = Object.keys(PROBLEMS).filter((reason) => !given.has(reason as keyof typeof PROBLEMS));
    expect(missing.toSorted()).toEqual([
      'method-not-allowed',
      'profile-not-supported',
      'profile-rejected',
      'too-many-requests',
    ]);
  });

  test('shows examples that the Worker reads', () => {
    const shown = OPERATIONS.flatMap(({ id, body, examples = {} }) =>
      Object.entries(examples).map(([name, value]) => [id, name, body?.safeParse(value).success]),
    );
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.filter(([, , isRead]) => isRead !== true)).toEqual([]);
  });
});
