/** Keeps the house: no circle of files, the arrows between rooms, names in their rooms, no crowded room. Types count as imports. */
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

const moduleOf = (path: string, text: string): Module => {
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g)];
  return { path, text, imports: specifiers.map(([, to = '']) => relative(ROOT, join(ROOT, dirname(path), to))) };
};

const MODULES = filesIn(ROOT).map((file) => moduleOf(relative(ROOT, file), readFileSync(file, 'utf8')));

/** What nobody needs a reason to import: values, words for failures, JSON. */
const ANYWHERE = /^(result|problem|json|defined)\.ts$/;

/** What puts the rooms together, and may import all of them. */
const WIRING = /^(index|app|config|sweep)\.ts$/;

/** Room (the first that fits) → what its modules may import beside their own folder. */
const ARROWS: readonly (readonly [room: RegExp, allowed: readonly RegExp[]])[] = [
  [/^(result|problem|json|defined|log|secret|outgoing|standard-webhooks)\.ts$/, []],
  [/^settings\.ts$/, [/^standard-webhooks\.ts$/]],
  [/^charging\//, []],
  [/^recipient\.ts$/, [/^charging\//]],
  [/^(http-outcome|notification)\.ts$/, [/^recipient\.ts$/]],
  [/^ocpp\//, [/^ocpp\//, /^charging\//]],
  [/^sessions\//, [/^charging\//]],
  [
    /^csms\/[^/]+\/commands\.ts$/,
    [/^csms\/command\.ts$/, /^(outgoing|settings|standard-webhooks)\.ts$/, /^(charging|ocpp)\//],
  ],
  [/^csms\/notifications\.ts$/, [/^(http-outcome|notification|outgoing|recipient|settings|standard-webhooks)\.ts$/]],
  [/^csms\/[^/]+\//, [/^csms\/(csms|command|fields)\.ts$/, /^(ocpp|charging)\//]],
  [/^csms\//, [/^csms\//, /^(ocpp|charging)\//]],
  [
    /^providers\/[^/]+\//,
    [/^providers\/[^/]+\.ts$/, /^(charging|ocpp)\//, /^(http-outcome|outgoing|recipient|secret|settings)\.ts$/],
  ],
  [/^providers\/index\.ts$/, [/^providers\//]],
  [/^providers\//, [/^charging\//, /^(http-outcome|recipient)\.ts$/]],
  [
    /^station\/journal\//,
    [
      /^station\/journal\//,
      /^sessions\//,
      /^station\/station-rpc\.ts$/,
      /^(charging|storage)\//,
      /^ocpp\/[^/]+\.ts$/,
      /^(csms|providers)\/[^/]+\.ts$/,
      /^(notification|recipient)\.ts$/,
    ],
  ],
  [
    /^station\/delivery\//,
    [
      /^station\/journal\//,
      /^station\/[^/]+\.ts$/,
      /^(charging|storage)\//,
      /^providers\/[^/]+\.ts$/,
      /^(log|notification|recipient)\.ts$/,
    ],
  ],
  [
    /^station\/steering\//,
    [
      /^station\/journal\//,
      /^station\/[^/]+\.ts$/,
      /^(charging|sessions|storage)\//,
      /^ocpp\/[^/]+\.ts$/,
      /^csms\/[^/]+\.ts$/,
      /^(config|log|notification|recipient|secret)\.ts$/,
    ],
  ],
  [
    /^station\//,
    [/^(station|charging|storage)\//, /^(csms|providers)\/[^/]+\.ts$/, /^(config|log|notification|recipient)\.ts$/],
  ],
  [/^storage\//, [/^charging\//, /^(notification|recipient)\.ts$/]],
  [/^operations\//, [/^(storage|station)\//, /^providers\/[^/]+\.ts$/, /^(config|log|notification|recipient)\.ts$/]],
  [/^breaker\//, [/^log\.ts$/]],
  [
    /^pairing\//,
    [
      /^(charging|storage)\//,
      /^providers\/[^/]+\.ts$/,
      /^station\/station-(of|rpc)\.ts$/,
      /^(config|log|recipient|settings)\.ts$/,
    ],
  ],
  [
    /^http\//,
    [
      /^(http|charging|operations|pairing|storage|station)\//,
      /^(csms|providers|ocpp)\/[^/]+\.ts$/,
      /^(config|log|secret|standard-webhooks)\.ts$/,
    ],
  ],
];

function violationsOf({ path, imports }: Module): string[] {
  const arrow = ARROWS.find(([room]) => room.test(path));
  if (arrow === undefined) return WIRING.test(path) ? [] : [`${path} is in no room`];
  const isNeighbour = (target: string) => dirname(path) !== '.' && dirname(target) === dirname(path);
  const isAllowed = (target: string) =>
    ANYWHERE.test(target) || isNeighbour(target) || arrow[1].some((allowed) => allowed.test(target));
  return imports.filter((target) => !isAllowed(target)).map((target) => `${path} → ${target}`);
}

/** The files that can be reached from themselves. */
function circularFiles(modules: readonly Module[]): string[] {
  const next = new Map(modules.map(({ path, imports }) => [path, imports]));
  return modules.flatMap(({ path }) => {
    const seen = new Set<string>();
    const open = [...(next.get(path) ?? [])];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      open.push(...(next.get(at) ?? []));
    }
    return seen.has(path) ? [path] : [];
  });
}

/** Folders with more files directly in them than a reader takes in; the folders of OCPP messages are tables. */
function crowdedRooms(paths: readonly string[]): string[] {
  const rooms = Map.groupBy(paths, (path) => dirname(path));
  return [...rooms].flatMap(([room, files]) => (files.length > 20 && !/^ocpp\/v\d+$/.test(room) ? [room] : []));
}

/** The folders under a port: each is one provider or CSMS. */
const namesUnder = (port: string) =>
  readdirSync(join(ROOT, port)).filter((name) => statSync(join(ROOT, port, name)).isDirectory());

/** A docstring may name the guide that a rule comes from. */
const withoutComments = (text: string) => text.replaceAll(/\/\*\*?[\s\S]*?\*\//g, '').replaceAll(/\/\/.*$/gm, '');

/** Two formats are named after the protocol that is in them, which is everywhere: they are sought by path and as a whole text. */
const patternOf = (port: string, name: string) =>
  name === 'ocpp'
    ? /csms\/ocpp\//
    : new RegExp(name.startsWith('ocpp') ? `['/]${name}['/]` : `${name}|${port}/${name}/`, 'i');

function strangersOf(port: string, modules: readonly Module[]): string[] {
  return namesUnder(port).flatMap((name) => {
    const isItsRoom = (path: string) => path.startsWith(`${port}/${name}/`) || path === `${port}/index.ts`;
    return modules
      .filter(({ path, text }) => !isItsRoom(path) && patternOf(port, name).test(withoutComments(text)))
      .map(({ path }) => `${name} in ${path}`);
  });
}

describe('architecture', () => {
  test('the test sees the modules and their imports', () => {
    expect(MODULES.length).toBeGreaterThan(50);
    expect(MODULES.find(({ path }) => path === 'app.ts')?.imports).toContain('providers/index.ts');
  });

  test('no file imports itself by way of others, types included', () => {
    expect(circularFiles(MODULES)).toEqual([]);
    const planted = [moduleOf('a.ts', "import type { B } from './b.ts';"), moduleOf('b.ts', "import './a.ts';")];
    expect(circularFiles([...MODULES, ...planted])).toEqual(['a.ts', 'b.ts']);
  });

  test('imports follow the arrows between the rooms', () => {
    expect(MODULES.flatMap(violationsOf)).toEqual([]);
  });

  test.each([
    ['charging/x.ts', '../station/backoff.ts'],
    ['sessions/x.ts', '../ocpp/index.ts'],
    ['station/x.ts', '../providers/jedlix/client.ts'],
    ['station/journal/x.ts', '../delivery/lane.ts'],
    ['station/journal/x.ts', '../steering/profiles.ts'],
    ['station/delivery/x.ts', '../steering/profiles.ts'],
    ['station/steering/x.ts', '../delivery/lane.ts'],
    ['providers/x/inbound.ts', '../../http/body.ts'],
    ['providers/x/inbound.ts', '../../pairing/verify.ts'],
    ['providers/x/inbound.ts', '../../station/station-of.ts'],
    ['providers/x/inbound.ts', '../../storage/pairings.ts'],
    ['providers/x/inbound.ts', '../../config.ts'],
    ['providers/x/inbound.ts', '../jedlix/settings.ts'],
    ['providers/provider.ts', '../http/app-env.ts'],
    ['storage/x.ts', '../station/journal/store.ts'],
    ['storage/x.ts', '../pairing/attempts.ts'],
    ['storage/x.ts', '../providers/provider.ts'],
    ['pairing/x.ts', '../station/journal/store.ts'],
    ['csms/x/commands.ts', '../../station/steering/commands.ts'],
    ['http/x.ts', '../providers/jedlix/client.ts'],
    ['operations/x.ts', '../http/body.ts'],
    ['breaker/x.ts', '../providers/index.ts'],
    ['secret.ts', './config.ts'],
    ['a-new-room/x.ts', '../result.ts'],
  ])('%s may not import %s', (path, target) => {
    expect(violationsOf(moduleOf(path, `import type { X } from '${target}';`))).toHaveLength(1);
  });

  test('no provider knows the HTTP framework', () => {
    const isFramework = ({ path, text }: Module) => path.startsWith('providers/') && /from 'hono/.test(text);
    expect(MODULES.filter(isFramework).map(({ path }) => path)).toEqual([]);
    expect(isFramework(moduleOf('providers/x/inbound.ts', "import { Hono } from 'hono';"))).toBe(true);
  });

  test('no folder has more than 20 files directly in it, those of OCPP messages aside', () => {
    expect(crowdedRooms(MODULES.map(({ path }) => path))).toEqual([]);
    expect(crowdedRooms(Array.from({ length: 21 }, (_, index) => `x/${index}.ts`))).toEqual(['x']);
  });

  test.each([
    ['providers', "const name = 'stekker';"],
    ['csms', "const name = 'ocpp-event';"],
    ['csms', "const name = 'citrineos';"],
    ['csms', "import { ocpp } from '../csms/ocpp/index.ts';"],
  ])('a name under %s appears in its folder and in the one list only', (port, planted) => {
    expect(strangersOf(port, MODULES)).toEqual([]);
    expect(strangersOf(port, [moduleOf('station/x.ts', planted)])).toHaveLength(1);
  });

  test('zod is imported in the form that leaves its locales out of the bundle', () => {
    const isNamed = ({ text }: Module) => /import\s*\{[^}]*\bz\b[^}]*\}\s*from 'zod'/.test(text);
    expect(MODULES.filter(isNamed).map(({ path }) => path)).toEqual([]);
    expect(isNamed(moduleOf('x.ts', "import { z } from 'zod';"))).toBe(true);
  });

  test('every file opens with one sentence that says what it is', () => {
    const isSilent = ({ text }: Module) => !text.startsWith('/**');
    expect(MODULES.filter(isSilent).map(({ path }) => path)).toEqual([]);
    expect(isSilent(moduleOf('x.ts', "import './y.ts';"))).toBe(true);
  });
});
