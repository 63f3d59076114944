/**
 * Builds the console into static assets, with a hash of the content in each name. Refuses to exceed the budget: what
 * operators wait for is what travels, so it counts gzip.
 */
import { rm, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { ASSETS } from '../assets.ts';

const SOURCE = join(import.meta.dirname, '../../console');
const FOLDER = join(ASSETS, 'console');
/** Where the Worker serves the folder. */
const ADDRESS = '/console';

/** In bytes of gzip: everything, and what the first page needs. */
export const BUDGET = { all: 40 * 1024, first: 20 * 1024 };

/** What was built, in bytes of gzip. */
export type Sizes = { readonly all: number; readonly first: number };

/** Builds; gives the sizes. @throws when the budget is exceeded. */
export async function buildConsole(): Promise<Sizes> {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const { metafile, outputFiles } = await build({
    entryPoints: [join(SOURCE, 'main.tsx'), join(SOURCE, 'style.css')],
    outdir: FOLDER,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    metafile: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    write: false,
    logLevel: 'warning',
  });
  for (const { path, contents } of outputFiles) await writeFile(path, contents);
  const names = outputFiles.map(({ path }) => basename(path));
  const [script, style] = [named(names, /^main-.*\.js$/), named(names, /^style-.*\.css$/)];
  const icon = await writeIcon();
  const html = (await readFile(join(SOURCE, 'index.html'), 'utf8'))
    .replace('{{main.js}}', `${ADDRESS}/${script}`)
    .replace('{{style.css}}', `${ADDRESS}/${style}`)
    .replace('{{icon.svg}}', `${ADDRESS}/${icon}`);
  await writeFile(join(FOLDER, 'index.html'), html);
  return within(
    await sizesOf([...names, icon, 'index.html'], [...needed(metafile, script), style, icon, 'index.html']),
  );
}

async function writeIcon(): Promise<string> {
  const text = await readFile(join(SOURCE, 'icon.svg'));
  const name = `icon-${createHash('sha256').update(text).digest('hex').slice(0, 8)}.svg`;
  await writeFile(join(FOLDER, name), text);
  return name;
}

function named(names: readonly string[], form: RegExp): string {
  const name = names.find((each) => form.test(each));
  if (name === undefined) throw new Error(`nothing was built that is named ${String(form)}`);
  return name;
}

/** The script, and what it imports before anything is shown. */
function needed({ outputs }: Metafile, script: string): string[] {
  const found = new Set<string>();
  const follow = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    const [, output] = Object.entries(outputs).find(([path]) => basename(path) === name) ?? [];
    for (const { path, kind } of output?.imports ?? []) if (kind === 'import-statement') follow(basename(path));
  };
  follow(script);
  return [...found];
}

async function sizesOf(all: readonly string[], first: readonly string[]): Promise<Sizes> {
  const sizes = new Map<string, number>();
  for (const name of all) sizes.set(name, gzipSync(await readFile(join(FOLDER, name))).length);
  const sum = (names: readonly string[]) => names.reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
  return { all: sum(all), first: sum(first) };
}

function within(sizes: Sizes): Sizes {
  const over = (['all', 'first'] as const).filter((part) => sizes[part] > BUDGET[part]);
  if (over.length === 0) return sizes;
  throw new Error(over.map((part) => `console, ${part}: ${sizes[part]} of ${BUDGET[part]} bytes (gzip)`).join('; '));
}
