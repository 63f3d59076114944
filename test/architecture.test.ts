/** Keeps the arrows between folders, and the names of providers and CSMSs in their rooms. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../src');

type Module = { readonly path: string; readonly text: string; readonly imports: readonly string[] };

function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

const MODULES: readonly Module[] = filesIn(ROOT).map((file) => {
  const text = readFileSync(file, 'utf8');
  const imports = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '(\.[^']+)'/gm)].map(([, specifier]) =>
    relative(ROOT, join(dirname(file), specifier ?? '')),
  );
  return { path: relative(ROOT, file), text, imports };
});

/** Values and outcomes that anybody may use. */
const ANYWHERE = /^(result|problem|json)\.ts$/;

/** Folder (longest match first) → what its modules may import beside their own folder. */
const ARROWS: readonly (readonly [folder: RegExp, allowed: readonly RegExp[]])[] = [
  [/^charging\//, []],
  [/^ocpp\//, [/^charging\//]],
  [/^csms\/[^/]+\/commands\.ts$/, [/^csms\/(command|answer)\.ts$/, /^(outgoing|settings|standard-webhooks)\.ts$/]],
  [/^csms\/[^/]+\//, [/^csms\/(csms|command|fields)\.ts$/, /^ocpp\//, /^charging\//]],
  [/^csms\//, [/^csms\//, /^ocpp\//, /^charging\//]],
  [/^providers\/[^/]+\/inbound/, [/^providers\/[^/]+\.ts$/, /^(http|pairing|charging|ocpp)\//]],
  [
    /^providers\/[^/]+\//,
    [/^providers\/[^/]+\.ts$/, /^charging\//, /^ocpp\//, /^(outgoing|settings|standard-webhooks)\.ts$/],
  ],
  [/^providers\/index\.ts$/, [/^providers\//]],
  [/^providers\//, [/^charging\//, /^http\/app-env\.ts$/]],
  [
    /^station\//,
    [
      /^charging\//,
      /^ocpp\/[^/]+\.ts$/,
      /^csms\/(csms|command)\.ts$/,
      /^providers\/[^/]+\.ts$/,
      /^storage\//,
      /^(config|log|standard-webhooks)\.ts$/,
    ],
  ],
  [/^storage\//, [/^charging\//, /^providers\/provider\.ts$/, /^station\/[^/]+\.ts$/, /^pairing\/attempts\.ts$/]],
  [/^operations\//, [/^storage\//, /^station\/[^/]+\.ts$/]],
  [/^breaker\//, [/^log\.ts$/]],
  [/^pairing\//, [/^charging\//, /^providers\/[^/]+\.ts$/, /^storage\//, /^(config|log|settings)\.ts$/]],
  [
    /^http\//,
    [
      /^(charging|operations|pairing|storage|station|ocpp)\//,
      /^csms\/[^/]+\.ts$/,
      /^providers\/[^/]+\.ts$/,
      /^(config|log|standard-webhooks)\.ts$/,
    ],
  ],
];

function violationsOf({ path, imports }: Module): string[] {
  const arrow = ARROWS.find(([folder]) => folder.test(path));
  if (arrow === undefined) return [];
  const own = dirname(path);
  const allowed = (target: string) =>
    ANYWHERE.test(target) ||
    target.startsWith(`${own}/`) ||
    (own.startsWith('ocpp') && target.startsWith('ocpp/')) ||
    arrow[1].some((pattern) => pattern.test(target));
  return imports.filter((target) => !allowed(target)).map((target) => `${path} → ${target}`);
}

/** The folders under a port: each is one provider or CSMS. */
const namesUnder = (folder: string) =>
  readdirSync(join(ROOT, folder)).filter((name) => statSync(join(ROOT, folder, name)).isDirectory());

describe('architecture', () => {
  test('the test sees the modules and their imports', () => {
    expect(MODULES.length).toBeGreaterThan(50);
    expect(MODULES.find(({ path }) => path === 'app.ts')?.imports).toContain('providers/index.ts');
  });

  test('imports follow the arrows: csms → ocpp → charging ← providers, and nobody looks inside a provider or CSMS', () => {
    expect(MODULES.flatMap(violationsOf)).toEqual([]);
  });

  test('a violation would be noticed', () => {
    const planted = {
      path: 'station/planted.ts',
      text: '',
      imports: ['providers/jedlix/client.ts', 'charging/meter.ts'],
    };
    expect(violationsOf(planted)).toEqual(['station/planted.ts → providers/jedlix/client.ts']);
    const channel = { path: 'csms/planted/commands.ts', text: '', imports: ['station/commands.ts', 'outgoing.ts'] };
    expect(violationsOf(channel)).toEqual(['csms/planted/commands.ts → station/commands.ts']);
    expect(violationsOf({ path: 'charging/x.ts', text: '', imports: ['station/lane.ts'] })).toHaveLength(1);
  });

  test.each(['providers', 'csms'])('a name under %s appears in its folder and in the one list only', (port) => {
    const strangers = namesUnder(port).flatMap((name) => {
      if (name.startsWith('ocpp')) return []; // Two formats are named after what is in them, which is everywhere.
      const isItsRoom = (path: string) => path.startsWith(`${port}/${name}/`) || path === `${port}/index.ts`;
      return MODULES.filter(
        ({ path, text }) => !isItsRoom(path) && new RegExp(name, 'i').test(withoutReferences(text)),
      ).map(({ path }) => `${name} in ${path}`);
    });
    expect(strangers).toEqual([]);
  });

  test('zod is imported in the form that leaves its locales out of the bundle', () => {
    const named = MODULES.filter(({ text }) => /import\s*\{[^}]*\bz\b[^}]*\}\s*from 'zod'/.test(text));
    expect(named.map(({ path }) => path)).toEqual([]);
  });

  test('every file opens with one sentence that says what it is', () => {
    expect(MODULES.filter(({ text }) => !text.startsWith('/**')).map(({ path }) => path)).toEqual([]);
  });
});

/** A docstring may name the guide that a rule comes from. */
function withoutReferences(text: string): string {
  return text.replaceAll(/\/\*\*?[\s\S]*?\*\//g, '').replaceAll(/\/\/.*$/gm, '');
}
