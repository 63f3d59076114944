/**
 * `npm run deploy -- --env <name>`: makes what an environment lacks on Cloudflare, deploys, and checks the result.
 * Running it again changes only what changed. docs/deploy.md explains it.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { buildAssets } from '../build-assets.ts';
import { cacheTitleOf, workerConfigOf, writeWorkerConfig } from './worker-config.ts';
import { handoverOf } from './handover.ts';
import { flagsOf, HELP, optionsOf, type Ask, type Options } from './options.ts';
import { ready } from './readiness.ts';
import { secretsOf, valuesOf } from './secrets.ts';
import {
  accountOf,
  cacheOf,
  databaseOf,
  deploy,
  fingerprintOf,
  isDeployed,
  migrate,
  secretNamesOf,
  within,
} from './steps.ts';
import { Stop } from './stop.ts';
import { failureOf, wranglerOf } from './wrangler.ts';

const ROOT = join(import.meta.dirname, '../..');
/** A new version is reachable within seconds; a new workers.dev name or certificate may take two minutes. */
const WAITING = { attempts: 40, pauseMs: 3_000 };

const done: string[] = [];
function say(line: string): void {
  done.push(line);
  console.log(`✓ ${line}`);
}

async function main(argv: readonly string[]): Promise<void> {
  const flags = flagsOf(argv);
  if (flags.help) return console.log(HELP);
  const mayAsk = process.stdin.isTTY && !flags.yes && !process.env['CI'];
  const terminal = mayAsk ? createInterface({ input: process.stdin, output: process.stdout }) : undefined;
  const ask: Ask | undefined = terminal && (async (question) => (await terminal.question(question)).trim());
  try {
    if (process.env['WORKERS_CI'] && flags.env === undefined) return await deployAsConfigured();
    const options = await optionsOf(resolve(flags.dir ?? join(ROOT, 'deployments')), flags, ask);
    if (options.isDryRun) printPlan(options);
    else await perform(options, ask);
  } finally {
    terminal?.close();
  }
}

/** Cloudflare's own build, which the button in the README starts: it has filled in the ids and the secrets itself. */
async function deployAsConfigured(): Promise<void> {
  await buildAssets();
  const wrangler = wranglerOf(ROOT, process.env);
  for (const args of [['d1', 'migrations', 'apply', 'DB', '--remote'], ['deploy']]) {
    const ran = await wrangler(args, { isShown: true });
    if (ran.code !== 0) throw failureOf(`wrangler ${args.join(' ')}`, ran);
  }
}

async function perform({ name, environment }: Options, ask: Ask | undefined): Promise<void> {
  const { env } = process;
  const plain = wranglerOf(ROOT, env);
  const account = await accountOf(plain, environment, env);
  const wrangler = wranglerOf(ROOT, { ...env, CLOUDFLARE_ACCOUNT_ID: account });
  say(`Logged in; the account is ${account}.`);

  const { worker } = environment;
  const existing = await secretNamesOf(wrangler, worker);
  const values = await valuesOf(secretsOf(environment), existing, { env, ask });
  const databaseId = await databaseOf(wrangler, environment);
  say(`The database ${worker} is there.`);
  const cacheId = await cacheOf(wrangler, environment);
  say(`The KV namespace ${cacheTitleOf(environment)} is there.`);

  await buildAssets();
  const config = writeWorkerConfig(ROOT, name, workerConfigOf(ROOT, environment, { databaseId, cacheId }));
  await migrate(wrangler, config);
  say('The database has every migration.');

  const fingerprint = await fingerprintOf(wrangler, config, ROOT);
  const isNew = Object.keys(values.upload).length > 0 || !(await isDeployed(wrangler, worker, fingerprint));
  const made = Object.fromEntries(values.made.map((each) => [each, values.upload[each] ?? '']));
  let named: string | undefined;
  try {
    if (isNew) named = await deploy(wrangler, config, { fingerprint, upload: values.upload });
  } catch (error) {
    if (values.made.length > 0) console.log('No secret was stored; the next run makes new ones.');
    throw error;
  }
  say(isNew ? 'The Worker is deployed.' : 'The Worker has this code and these settings already.');

  const url = urlOf(environment.host, named, env);
  console.log(`\n${handoverOf(url ?? 'https://<your worker>', environment, made)}\n`);
  if (values.made.length > 0)
    console.log('These secrets are shown only now. Store them where your team keeps secrets.\n');
  await check(url, env['ADMIN_TOKEN'] ?? made['ADMIN_TOKEN']);
}

function urlOf(host: string | undefined, named: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  return env['SCSP_EDGE_URL'] ?? (host === undefined ? named : `https://${host}`);
}

async function check(url: string | undefined, adminToken: string | undefined): Promise<void> {
  if (url === undefined) {
    console.log(
      'Nothing changed and the Worker has no host of its own, so its URL is not known here. Not checked: /readyz.',
    );
    return;
  }
  await ready(url, { ...WAITING, adminToken });
  say(`${url}/readyz says that it is ready.`);
  if (adminToken === undefined) {
    console.log('Not run: npm run doctor, because ADMIN_TOKEN is not in the environment.');
    return;
  }
  const { status } = spawnSync(process.execPath, [join(ROOT, 'tools/doctor/index.ts'), url], {
    stdio: 'inherit',
    env: { ...process.env, ADMIN_TOKEN: adminToken },
  });
  if (status !== 0)
    throw new Stop('The doctor found faults; they stand above.', 'Mend them and run `npm run doctor` again.');
  say('The doctor found nothing.');
}

/** Prints what would run. Whether something exists already is not asked, so both ways are said. */
function printPlan({ name, environment }: Options): void {
  const { worker, jurisdiction } = environment;
  const config = `.wrangler/deploy-environments/${name}.json`;
  const commands = [
    ['whoami', '--json'],
    ['secret', 'list', '--name', worker, '--format', 'json'],
    ['d1', 'list', '--json'],
    ['d1', 'create', worker, ...within(jurisdiction), '# if it is missing'],
    ['kv', 'namespace', 'list'],
    ['kv', 'namespace', 'create', cacheTitleOf(environment), ...within(jurisdiction), '# if it is missing'],
    ['d1', 'migrations', 'apply', 'DB', '--remote', '--config', config],
    ['deploy', '--dry-run', '--config', config, '--outdir', '<temporary folder>'],
    ['versions', 'list', '--name', worker, '--json'],
    [
      'deploy',
      '--config',
      config,
      '--tag',
      '<fingerprint>',
      '--secrets-file',
      '<temporary file>',
      '# if anything differs',
    ],
  ];
  console.log(commands.map((args) => `wrangler ${args.join(' ')}`).join('\n'));
  console.log('GET /readyz until it is ready\nnpm run doctor -- <url>');
  console.log(
    `Secrets: ${secretsOf(environment)
      .map(({ name, from }) => `${name} (${from})`)
      .join(', ')}`,
  );
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  console.error(`\n✗ ${error.message}\n  ${error.todo}`);
  if (done.length > 0) console.error(`  What stands already:\n${done.map((line) => `    ${line}`).join('\n')}`);
  process.exitCode = 1;
}
