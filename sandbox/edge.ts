// The real Worker in a local workerd, with local D1, KV and Durable Objects; it refuses to reach Cloudflare.
// wrangler's harness makes the Worker's calls on its behalf, in this process: a connection that breaks reaches the Worker as
// a 500 "fetch failed", and redirects are followed. Where that matters, use edge-process.ts.
import { join } from 'node:path';
import type { WorkerHandle } from 'wrangler';
import { ensureAssets } from '../tools/build-assets.ts';
import { settingsOf, type EdgeSurroundings } from './settings.ts';

/** `configPath` defaults to the project's own wrangler.toml. */
export type EdgeOptions = EdgeSurroundings & { configPath?: string };

/** The running edge. Storage lives as long as it runs: `restart` keeps it, `close` drops it. */
export type Edge = {
  readonly url: string;
  readonly worker: WorkerHandle;
  /** What the Worker logged since the start, oldest first. */
  logs: () => string[];
  /**
   * Kills workerd and starts another one over the same storage, optionally with other settings: all memory is lost, alarms are
   * kept. A request in flight is not lost to its caller: wrangler's proxy sends it to the new workerd again.
   */
  restart: (surroundings?: EdgeSurroundings) => Promise<void>;
  close: () => Promise<void>;
};

/** Bundles and starts the Worker and applies the D1 migrations; about 1 s, and 1 s more for the first one in a process. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  Object.assign(process.env, offlineEnvironment);
  const { createTestHarness } = await import('wrangler');
  const configPath = options.configPath ?? projectConfigPath;
  if (configPath === projectConfigPath) await ensureAssets();
  // As secrets, settings also win over a developer's .dev.vars; the Worker sees no difference.
  const workersIn = (surroundings: EdgeSurroundings) => [{ configPath, secrets: settingsOf(surroundings) }];
  const harness = createTestHarness({ workers: workersIn(options) });
  const { url } = await harness.listen();
  const worker = harness.getWorker();
  await worker.applyD1Migrations('DB').catch(async (error: unknown) => {
    await harness.close();
    throw error;
  });
  return {
    url: url.origin,
    worker,
    logs: () => harness.getLogs().map(({ message }) => message),
    restart: (surroundings = options) => harness.update({ workers: workersIn(surroundings) }),
    close: () => harness.close(),
  };
}

/** The project's wrangler.toml. */
export const projectConfigPath = join(import.meta.dirname, '../wrangler.toml');

/** Keeps wrangler from sending metrics, reporting errors and asking Cloudflare where the caller is. */
export const offlineEnvironment = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};
