/** The wrangler configuration of one environment: `wrangler.toml`, with the names, ids and vars of the environment. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { experimental_readRawConfig, type Unstable_RawConfig } from 'wrangler';
import type { Environment } from './environments.ts';

export type Resources = { readonly databaseId: string; readonly cacheId: string };

/** The title of an environment's KV namespace. */
export const cacheTitleOf = ({ worker }: Environment): string => `${worker}-cache`;

/** The configuration. Paths are absolute, because it is written into another folder. */
export function workerConfigOf(root: string, environment: Environment, resources: Resources): Unstable_RawConfig {
  const { rawConfig } = experimental_readRawConfig({ config: join(root, 'wrangler.toml') });
  const { worker, host, vars, jurisdiction } = environment;
  return {
    ...rawConfig,
    name: worker,
    main: resolve(root, rawConfig.main ?? 'src/index.ts'),
    assets: { ...rawConfig.assets, directory: resolve(root, rawConfig.assets?.directory ?? 'dist/assets') },
    ...(environment.account ? { account_id: environment.account } : {}),
    ...(host ? { workers_dev: false, routes: [{ pattern: host, custom_domain: true }] } : {}),
    vars: { ...rawConfig.vars, ...vars, ...(jurisdiction ? { DATA_JURISDICTION: jurisdiction } : {}) },
    d1_databases: [
      {
        binding: 'DB',
        database_name: worker,
        database_id: resources.databaseId,
        migrations_dir: resolve(root, 'migrations'),
      },
    ],
    kv_namespaces: [{ binding: 'CACHE', id: resources.cacheId }],
    ratelimits: (rawConfig.ratelimits ?? []).map((limit: { name: string }) => ({
      ...limit,
      namespace_id: numberOf(worker, limit.name),
    })),
  };
}

/** An account must not use one number for two rate limits, so the number comes from the Worker's name. */
function numberOf(worker: string, limit: string): string {
  const digest = createHash('sha256').update(`${worker}/${limit}`).digest();
  return String((digest.readUInt32BE(0) % 2_000_000_000) + 10_000);
}

/** Writes the configuration where git ignores it, and returns its path. */
export function writeWorkerConfig(root: string, name: string, config: Unstable_RawConfig): string {
  const folder = join(root, '.wrangler', 'deploy-environments');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(config, undefined, 2));
  return path;
}
