/** The steps of a deployment. Each looks at what stands and changes only what differs, so that it can be run again. */
import { createHash, type Hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { ASSETS } from '../assets.ts';
import type { Environment } from './environments.ts';
import type { Values } from './secrets.ts';
import { Stop } from './stop.ts';
import { cacheTitleOf } from './worker-config.ts';
import { failureOf, jsonOf, type Wrangler } from './wrangler.ts';

const Login = z.object({ accounts: z.array(z.object({ id: z.string(), name: z.string() })) });
const Databases = z.array(z.object({ uuid: z.string(), name: z.string() }));
const Namespaces = z.array(z.object({ id: z.string(), title: z.string() }));
const SecretNames = z.array(z.object({ name: z.string() }));
const Versions = z.array(z.object({ annotations: z.record(z.string(), z.unknown()).optional() }));

/** The account to deploy to: the one that is named, or the only one of the login. */
export async function accountOf(wrangler: Wrangler, environment: Environment, env: NodeJS.ProcessEnv): Promise<string> {
  const { accounts } = await jsonOf(wrangler, ['whoami', '--json'], { title: 'The login', schema: Login });
  const wanted = environment.account ?? env['CLOUDFLARE_ACCOUNT_ID'];
  const list = accounts.map(({ id, name }) => `${name} (${id})`).join(', ');
  const [only, ...others] = accounts;
  if (wanted === undefined && only !== undefined && others.length === 0) return only.id;
  if (wanted === undefined) {
    throw new Stop(
      `The login reaches ${accounts.length} accounts: ${list}.`,
      'Write one as "account" into the file of the environment, or set CLOUDFLARE_ACCOUNT_ID.',
    );
  }
  if (accounts.some(({ id }) => id === wanted)) return wanted;
  throw new Stop(
    `The login does not reach the account ${wanted}. It reaches: ${list}.`,
    'Log in as somebody who does.',
  );
}

/** The id of the D1 database with the Worker's name, which is made if it is missing. */
export async function databaseOf(wrangler: Wrangler, environment: Environment): Promise<string> {
  const { worker, jurisdiction } = environment;
  const find = async () => {
    const all = await jsonOf(wrangler, ['d1', 'list', '--json'], { title: 'Listing databases', schema: Databases });
    return all.find(({ name }) => name === worker)?.uuid;
  };
  const existing = await find();
  if (existing !== undefined) return existing;
  await run(wrangler, `Making the database ${worker}`, ['d1', 'create', worker, ...within(jurisdiction)]);
  return made(await find(), `the database ${worker}`);
}

/** The id of the KV namespace of the environment, which is made if it is missing. */
export async function cacheOf(wrangler: Wrangler, environment: Environment): Promise<string> {
  const wanted = cacheTitleOf(environment);
  const find = async () => {
    const args = ['kv', 'namespace', 'list'];
    const all = await jsonOf(wrangler, args, { title: 'Listing KV namespaces', schema: Namespaces });
    return all.find(({ title }) => title === wanted)?.id;
  };
  const existing = await find();
  if (existing !== undefined) return existing;
  const args = ['kv', 'namespace', 'create', wanted, ...within(environment.jurisdiction)];
  await run(wrangler, `Making the KV namespace ${wanted}`, args);
  return made(await find(), `the KV namespace ${wanted}`);
}

export const within = (jurisdiction: string | undefined): readonly string[] =>
  jurisdiction === undefined ? [] : ['--jurisdiction', jurisdiction];

function made(id: string | undefined, what: string): string {
  if (id !== undefined) return id;
  throw new Stop(`Cloudflare made ${what} but does not list it yet.`, 'Run the same command again.');
}

/** The names of the secrets that the Worker has. None when there is no such Worker yet. */
export async function secretNamesOf(wrangler: Wrangler, worker: string): Promise<ReadonlySet<string>> {
  const args = ['secret', 'list', '--name', worker, '--format', 'json'];
  const ran = await wrangler(args);
  if (ran.code !== 0 && /Worker "[^"]*".* not found|\[code: 10007\]/.test(`${ran.stdout}${ran.stderr}`))
    return new Set();
  const names = await jsonOf(async () => ran, args, { title: 'Listing secrets', schema: SecretNames });
  return new Set(names.map(({ name }) => name));
}

/** Applies the migrations that the database lacks. */
export async function migrate(wrangler: Wrangler, config: string): Promise<void> {
  const args = ['d1', 'migrations', 'apply', 'DB', '--remote', '--config', config];
  await run(wrangler, 'Migrating the database', args);
}

/** A short text that changes with the code, the assets or the configuration. */
export async function fingerprintOf(wrangler: Wrangler, config: string, root: string): Promise<string> {
  const out = mkdtempSync(join(tmpdir(), 'scsp-edge-bundle-'));
  try {
    await run(wrangler, 'Building the Worker', ['deploy', '--dry-run', '--config', config, '--outdir', out]);
    // Paths of this machine are no change.
    const settings = readFileSync(config, 'utf8').replaceAll(JSON.stringify(root).slice(1, -1), '');
    const hash = createHash('sha256').update(settings);
    addFiles(hash, out);
    addFiles(hash, ASSETS);
    return hash.digest('hex').slice(0, 20);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function addFiles(hash: Hash, folder: string): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { name, parentPath } of files.toSorted((a, b) => a.name.localeCompare(b.name))) {
    if (!name.endsWith('.map') && name !== 'README.md') hash.update(name).update(readFileSync(join(parentPath, name)));
  }
}

/** Whether the newest version of the Worker has this fingerprint. */
export async function isDeployed(wrangler: Wrangler, worker: string, fingerprint: string): Promise<boolean> {
  const args = ['versions', 'list', '--name', worker, '--json'];
  const ran = await wrangler(args);
  if (ran.code !== 0 && /not found|does not exist|\[code: 10007\]/i.test(`${ran.stdout}${ran.stderr}`)) return false;
  const versions = await jsonOf(async () => ran, args, { title: 'Listing versions', schema: Versions });
  return versions.at(-1)?.annotations?.['workers/tag'] === fingerprint;
}

/** Uploads code, settings and secrets as one version, and returns the URL that wrangler names, if it names one. */
export async function deploy(
  wrangler: Wrangler,
  config: string,
  { fingerprint, upload }: { readonly fingerprint: string; readonly upload: Values['upload'] },
): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'scsp-edge-secrets-'));
  const secrets = join(folder, 'secrets.json');
  try {
    writeFileSync(secrets, JSON.stringify(upload), { mode: 0o600 });
    const args = ['deploy', '--config', config, '--tag', fingerprint, '--secrets-file', secrets];
    const { stdout } = await run(wrangler, 'Deploying the Worker', args);
    return /https:\/\/[\w.-]+\.workers\.dev/.exec(stdout)?.[0];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(wrangler: Wrangler, title: string, args: readonly string[]) {
  const ran = await wrangler(args);
  if (ran.code !== 0) throw failureOf(title, ran);
  return ran;
}
