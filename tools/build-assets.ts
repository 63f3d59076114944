/** Builds the static assets: the console, the reference as JSON, and the page that shows it. */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ASSETS } from './assets.ts';
import { BUDGET, buildConsole } from './console/build.ts';

const ROOT = join(import.meta.dirname, '..');
const OPENAPI = join(ROOT, 'reference/openapi.json');
/** Written last, so that a build that was cut off is done again. */
const BUILT = join(ASSETS, '../assets-built');

/** The one address that redoc would load from another host: its own logo. */
const LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

/** Builds everything. @throws when the console exceeds its budget. */
export async function buildAssets(): Promise<Awaited<ReturnType<typeof buildConsole>>> {
  await rm(BUILT, { force: true });
  await mkdir(join(ASSETS, 'docs'), { recursive: true });
  const sizes = await buildConsole();
  await copyFile(OPENAPI, join(ASSETS, 'openapi.json'));
  await copyFile(join(import.meta.dirname, 'docs/index.html'), join(ASSETS, 'docs/index.html'));
  await writeFile(join(ASSETS, 'docs/redoc.js'), await redoc());
  await writeFile(BUILT, '');
  return sizes;
}

async function redoc(): Promise<string> {
  const folder = dirname(createRequire(import.meta.url).resolve('redoc/package.json'));
  const script = await readFile(join(folder, 'bundles/redoc.standalone.js'), 'utf8');
  if (!script.includes(LOGO)) throw new Error(`redoc does not name ${LOGO} any more: look for other hosts in it`);
  return script.replaceAll(LOGO, 'data:,');
}

/** Builds when something is missing or older than its sources. */
export async function ensureAssets(): Promise<void> {
  const sources = [OPENAPI, ...filesIn(join(ROOT, 'console')), ...filesIn(import.meta.dirname)];
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (!existsSync(BUILT) || statSync(BUILT).mtimeMs < newest) await buildAssets();
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

if (import.meta.filename === process.argv[1]) {
  const { all, first } = await buildAssets();
  const kB = (bytes: number, budget: number) => `${(bytes / 1024).toFixed(1)} of ${budget / 1024} KB`;
  console.log(`console: all ${kB(all, BUDGET.all)}, first page ${kB(first, BUDGET.first)} (gzip)`);
}
