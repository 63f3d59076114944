// The real Worker under `wrangler dev` as a process of its own, with storage in a folder: it can be killed and started again.
// Unlike in edge.ts, workerd itself calls the stand-ins, so broken connections, redirects and aborts are real. It refuses to share a port.
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { offlineEnvironment, projectConfigPath } from './edge.ts';
import { startHttpServer } from './http-server.ts';
import { ensureAssets } from '../tools/build-assets.ts';
import { settingsOf, type EdgeSurroundings } from './settings.ts';

/** `storagePath` is a folder for D1, KV and Durable Objects; the same folder again continues where the last process was killed. */
export type EdgeProcessOptions = EdgeSurroundings & { storagePath: string; configPath?: string; port?: number };

/** The running process. */
export type EdgeProcess = {
  readonly url: string;
  readonly port: number;
  /** What it printed so far. */
  output: () => string;
  /** Runs the cron handler once. */
  runScheduled: () => Promise<number>;
  /** SIGKILL to wrangler and workerd: nothing is flushed, no handler ends. */
  kill: () => Promise<void>;
};

const wrangler = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin', 'wrangler.js');

/** Applies the D1 migrations and starts the Worker; resolves when it answers, after about 3 s. */
export async function startEdgeProcess(options: EdgeProcessOptions): Promise<EdgeProcess> {
  const configPath = options.configPath ?? projectConfigPath;
  if (configPath === projectConfigPath) await ensureAssets();
  const shared = ['--config', configPath, '--persist-to', options.storagePath];
  const migration = run(['d1', 'migrations', 'apply', 'DB', '--local', ...shared], configPath);
  const [code] = await once(migration.child, 'exit');
  if (code !== 0) throw new Error(`migrations failed: ${migration.output()}`);
  const port = options.port ?? (await freePort());
  const settings = Object.entries(settingsOf(options)).flatMap(([name, value]) => ['--var', `${name}:${value}`]);
  const { child, output } = run(
    ['dev', ...shared, '--port', String(port), '--inspector-port', '0', ...settings],
    configPath,
  );
  const url = `http://127.0.0.1:${port}`;
  await untilAnswering(url, child, output);
  return {
    url,
    port,
    output,
    runScheduled: async () => (await fetch(`${url}/cdn-cgi/local/scheduled`)).status,
    kill: () => kill(child),
  };
}

/**
 * `wrangler dev` without its debugger, its dashboard and its own log file: a deployed Worker has none of them, and they cost more for
 * each line and each query than the Worker does.
 */
const withoutTools = {
  VSCODE_INSPECTOR_OPTIONS: '{}',
  WRANGLER_WRITE_LOGS: 'false',
  X_LOCAL_EXPLORER: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
};

/** A process group of its own, so that one signal reaches wrangler and workerd; none outlives the process that started it. */
function run(args: string[], configPath: string): { child: ChildProcess; output: () => string } {
  const env = { ...process.env, ...offlineEnvironment, ...withoutTools, CI: 'true' };
  const printed = printFile();
  const stdio: StdioOptions = ['ignore', printed, printed];
  const child = spawn(process.execPath, [wrangler, ...args], { cwd: dirname(configPath), detached: true, env, stdio });
  killWithUs(child);
  return { child, output: () => textOf(printed) };
}

/** Into a file without a name goes what is printed: who measures the process has no part in its printing, and nothing is left behind. */
function printFile(): number {
  const path = join(tmpdir(), `scsp-edge-printed-${randomUUID()}`);
  const file = openSync(path, 'a+');
  unlinkSync(path);
  return file;
}

function textOf(file: number): string {
  const bytes = Buffer.alloc(fstatSync(file).size);
  readSync(file, bytes, 0, bytes.length, 0);
  return bytes.toString();
}

function killWithUs(child: ChildProcess): void {
  const onExit = () => killGroup(child);
  const onSignal = (signal: NodeJS.Signals) => {
    killGroup(child);
    process.kill(process.pid, signal);
  };
  process.once('exit', onExit).once('SIGINT', onSignal).once('SIGTERM', onSignal);
  child.once('exit', () => process.off('exit', onExit).off('SIGINT', onSignal).off('SIGTERM', onSignal));
}

async function kill(child: ChildProcess): Promise<void> {
  if (hasExited(child)) return;
  const exited = once(child, 'exit');
  killGroup(child);
  await exited;
}

function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

async function untilAnswering(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (hasExited(child)) throw new Error(`wrangler dev ended: ${output()}`);
    const isAnswering = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isAnswering) return;
    await sleep(100);
  }
  await kill(child);
  throw new Error(`wrangler dev does not answer: ${output()}`);
}

async function freePort(): Promise<number> {
  const server = await startHttpServer({ handle: () => ({ status: 200 }) });
  await server.close();
  return Number(new URL(server.url).port);
}
