/**
 * The environments of this clone: one file each, `deployments/<name>.json`, which git ignores. A file holds names and
 * settings that are no secret, so that an upgrade is `git pull` and `npm run deploy`.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { Stop } from './stop.ts';

const NAME = /^[a-z][a-z0-9-]{0,39}$/;
export const PROVIDER_NAMES = ['stekker', 'jedlix'] as const;
export const JURISDICTIONS = ['eu', 'fedramp'] as const;

const Environment = z.strictObject({
  /** The name of the Worker and of its D1 database. Its KV namespace is called `<worker>-cache`. */
  worker: z.string().regex(/^[a-z0-9][a-z0-9-]{0,53}$/, 'must be lower-case letters, digits and dashes'),
  account: z.string().optional(),
  jurisdiction: z.enum(JURISDICTIONS).optional(),
  /** A host of one of your zones. Without one, the Worker is reached at its workers.dev address. */
  host: z
    .string()
    .regex(/^[a-z0-9.-]+$/)
    .optional(),
  providers: z.array(z.enum(PROVIDER_NAMES)).min(1),
  /** Settings that are no secret, as docs/settings.md lists them. */
  vars: z.record(z.string(), z.string()).default({}),
});
export type Environment = z.output<typeof Environment>;

const fileOf = (folder: string, name: string): string => join(folder, `${name}.json`);

/** The names of the environments that have a file in `folder`, sorted. */
export function environmentsOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((file) => (file.endsWith('.json') ? file.slice(0, -'.json'.length) : []))
    .toSorted();
}

/** Whether `name` can be an environment's. */
export function isName(name: string): boolean {
  return NAME.test(name);
}

/** Reads an environment. Undefined when it has no file; a `Stop` when the file is malformed. */
export function readEnvironment(folder: string, name: string): Environment | undefined {
  const file = fileOf(folder, name);
  if (!existsSync(file)) return undefined;
  const parsed = Environment.safeParse(jsonOf(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new Stop(`${file} is malformed. ${faults.join('; ')}`, 'Correct it and run this again.');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** Writes an environment's file. */
export function writeEnvironment(folder: string, name: string, environment: Environment): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(folder, name), `${JSON.stringify(environment, undefined, 2)}\n`);
}
