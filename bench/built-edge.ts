/** Bundles the Worker once into a folder of its own, so that edits of the sources do not restart it while it is measured. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, parse } from 'node:path';
import { promisify } from 'node:util';
import { offlineEnvironment, projectConfigPath } from '../sandbox/edge.ts';
import { ensureAssets } from '../tools/build-assets.ts';
import { storageRoot } from './storage.ts';

/** A folder with the bundle, a wrangler.toml for it and room for storage; `remove` deletes all of it. */
export type BuiltEdge = {
  readonly configPath: string;
  readonly storagePath: string;
  readonly remove: () => Promise<void>;
};

const wrangler = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin', 'wrangler.js');

/**
 * Builds what `wrangler deploy` would upload. `entry` is another entry file for the same bindings, `configPath` another Worker, `root`
 * another folder to do it in.
 */
export async function buildEdge(
  options: { entry?: string; configPath?: string; root?: string } = {},
): Promise<BuiltEdge> {
  const { entry, configPath = projectConfigPath, root = storageRoot() } = options;
  if (configPath === projectConfigPath) await ensureAssets();
  const folder = await mkdtemp(join(root, 'scsp-edge-bench-'));
  const bundle = join(folder, 'bundle');
  const script = entry === undefined ? [] : [entry];
  const args = [wrangler, 'deploy', ...script, '--dry-run', '--config', configPath, '--outdir', bundle];
  const env = { ...process.env, ...offlineEnvironment, CI: 'true' };
  await promisify(execFile)(process.execPath, args, { cwd: dirname(configPath), env });
  const built = join(folder, 'wrangler.toml');
  const toml = await readFile(configPath, 'utf8');
  const main = entry ?? /^main = "(.*)"$/m.exec(toml)?.[1] ?? '';
  await writeFile(built, prebuilt(toml, { folder: dirname(configPath), bundle: `bundle/${parse(main).name}.js` }));
  const storagePath = join(folder, 'storage');
  await mkdir(storagePath);
  return { configPath: built, storagePath, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The same configuration for a bundle that exists: its entry, and migrations where they are. */
function prebuilt(toml: string, { folder, bundle }: { folder: string; bundle: string }): string {
  return toml
    .replace(/^main = .*$/m, `main = "${bundle}"\nno_bundle = true`)
    .replace(/^minify = .*$/m, '')
    .replace(/^directory = "(.*)"$/m, (_, path: string) => `directory = ${JSON.stringify(join(folder, path))}`)
    .replace(
      /^migrations_dir = "(.*)"$/m,
      (_, path: string) => `migrations_dir = ${JSON.stringify(join(folder, path))}`,
    );
}
