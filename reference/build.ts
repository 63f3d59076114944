/** Writes `reference/openapi.json`; with `--check` only says whether it is up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApi } from './document.ts';

const FILE = join(import.meta.dirname, 'openapi.json');
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string;
};
const text = `${JSON.stringify(openApi(version), null, 2)}\n`;

if (!process.argv.includes('--check')) writeFileSync(FILE, text);
else if (readFileSync(FILE, 'utf8') !== text) {
  console.error('reference/openapi.json is not up to date: run npm run reference.');
  process.exitCode = 1;
}
