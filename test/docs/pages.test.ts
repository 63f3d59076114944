/** The pages: short lines, links that lead somewhere, and no test named where operators read. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

type Page = { readonly path: string; readonly text: string };

const pageAt = (path: string): Page => ({ path, text: readFileSync(join(ROOT, path), 'utf8') });
const inDocs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.md'),
);
const PAGES = ['README.md', 'CONTRIBUTING.md', ...inDocs.map((name) => `docs/${name}`)].map(pageAt);

const MAX_LINE_LENGTH = 120;
/** The row of a table cannot be broken, and theirs say much. */
const isWide = ({ path }: Page) => ['docs/ocpp-mapping.md', 'docs/on-call.md'].includes(path);

const longLines = (page: Page) =>
  page.text.split('\n').flatMap((line, index) => {
    const isLong = line.length > MAX_LINE_LENGTH && !isWide(page);
    return isLong ? [`${page.path}:${index + 1}`] : [];
  });

/** Links and anchors are sought outside of code. */
const withoutCode = (text: string) =>
  text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, (code) => code.slice(1, -1));

/** The anchors of headings, as GitHub makes them. */
const anchorsOf = ({ text }: Page) =>
  [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

function deadLinks(page: Page): string[] {
  const targets = [...withoutCode(page.text).matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => {
    const [file = '', anchor] = target.split('#');
    const path = file === '' ? page.path : relative(ROOT, join(ROOT, dirname(page.path), file));
    if (file !== '' && !existsSync(join(ROOT, path))) return true;
    return anchor !== undefined && !anchorsOf(file === '' ? page : pageAt(path)).includes(anchor);
  });
}

/** Pages for those who work on the code. All other pages are for operators too. */
const FOR_DEVELOPERS = /^(CONTRIBUTING|docs\/(architecture|requirements|ocpp-mapping|adding-a-\w+|adr\/.+))\.md$/;
const namedTests = ({ path, text }: Page) =>
  FOR_DEVELOPERS.test(path) ? [] : [...text.matchAll(/\S*\.test\.ts|\btest\/\S+|\bvitest\b/g)].map(([name]) => name);

describe('the pages', () => {
  test('are found', () => {
    expect(PAGES.length).toBeGreaterThan(20);
  });

  test(`have lines of at most ${MAX_LINE_LENGTH} characters`, () => {
    expect(PAGES.flatMap(longLines)).toEqual([]);
    expect(longLines({ path: 'docs/x.md', text: `short\n| ${'x'.repeat(MAX_LINE_LENGTH)} |` })).toEqual([
      'docs/x.md:2',
    ]);
  });

  test('link to files and headings that exist', () => {
    expect(PAGES.map((page) => [page.path, deadLinks(page)]).filter(([, dead]) => dead?.length !== 0)).toEqual([]);
  });

  test.each([
    ['[x](no-such-page.md)', ['no-such-page.md']],
    ['[x](delivery.md#no-such-heading)', ['delivery.md#no-such-heading']],
    ['[x](#no-such-heading)', ['#no-such-heading']],
    ['# A heading: `with` code\n[x](#a-heading-with-code) [y](delivery.md#repeats) [z](https://example.com)', []],
  ])('%s would be found where it is dead', (text, dead) => {
    expect(deadLinks({ path: 'docs/x.md', text })).toEqual(dead);
  });

  test('stand in the index of docs, but for decisions', () => {
    const index = pageAt('docs/README.md').text;
    const pages = inDocs.filter((name) => !/^(adr\/|README\.md$)/.test(name));
    expect(pages.filter((name) => !index.includes(`](${name})`))).toEqual([]);
  });

  test('name no test where operators read', () => {
    expect(PAGES.flatMap(namedTests)).toEqual([]);
    const text = '`test/a.ts` and `b.worker.test.ts`, or `npx vitest`';
    expect(namedTests({ path: 'docs/delivery.md', text })).toHaveLength(3);
    expect(namedTests({ path: 'docs/requirements.md', text })).toEqual([]);
  });
});
