/** `npm run deploy`, run as a program against a stand-in for wrangler that answers as the real one does. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { offlineEnvironment } from '../../sandbox/edge.ts';
import { workerConfigOf, writeWorkerConfig } from '../../tools/deploy/worker-config.ts';
import { wranglerOf } from '../../tools/deploy/wrangler.ts';
import { runTool } from './program.ts';

const ROOT = join(import.meta.dirname, '../..');
const JEDLIX_SECRETS = {
  JEDLIX_CLIENT_ID: 's3cret-id',
  JEDLIX_CLIENT_SECRET: 's3cret-of-jedlix',
  JEDLIX_API_KEY: 's3cret-key',
};
const PROVIDERS = { STEKKER_TOKEN: 's3cret-of-stekker', ...JEDLIX_SECRETS };
const OURS = [
  'ADMIN_TOKEN',
  'CSMS_TOKENS',
  'CSMS_WEBHOOK_SECRETS',
  'PAIRING_CODE_PEPPER',
  'JEDLIX_INBOUND_TOKENS',
  'STEKKER_INBOUND_KEY',
];
const NEW = [
  '--new',
  '--var',
  'JEDLIX_BASE_URL=https://jedlix.invalid',
  '--var',
  'JEDLIX_TOKEN_URL=https://jedlix.invalid/t',
];
const NEW_ENVIRONMENT = [...NEW, '--var', 'JEDLIX_AUDIENCE=aud'];

type Fails = Record<string, string>;
type State = {
  isLoggedIn: boolean;
  accounts: { id: string; name: string }[];
  databases: { uuid: string; name: string; jurisdiction: string | null }[];
  namespaces: { id: string; title: string }[];
  worker?: { secrets: string[]; tags: string[]; config: Record<string, unknown> };
  code: string;
  fails: Fails;
  calls: string[];
};

let server: Server;
let folder: string;
let isReady = true;

beforeAll(async () => {
  server = createServer((_, response) => {
    const checks = [
      { name: 'settings', ok: isReady },
      { name: 'cron', ok: false },
    ];
    response.writeHead(isReady ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ready: isReady, checks }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());

const stateFile = () => join(folder, 'state.json');
const state = (): State => JSON.parse(readFileSync(stateFile(), 'utf8'));
const change = (changes: Partial<State>) => writeFileSync(stateFile(), JSON.stringify({ ...state(), ...changes }));

beforeEach(() => {
  isReady = true;
  folder = mkdtempSync(join(tmpdir(), 'scsp-edge-deploy-'));
  const fresh: State = {
    isLoggedIn: true,
    accounts: [{ id: 'acc-1', name: 'CPO' }],
    databases: [],
    namespaces: [],
    code: 'export default 1',
    fails: {},
    calls: [],
  };
  writeFileSync(stateFile(), JSON.stringify(fresh));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(join(ROOT, '.wrangler/deploy-environments/of-a-test.json'), { force: true });
});

function run(args: readonly string[], env: Record<string, string> = {}) {
  const { port } = server.address() as AddressInfo;
  return runTool('deploy/index.ts', ['--dir', join(folder, 'deployments'), ...args], {
    SCSP_EDGE_WRANGLER: join(import.meta.dirname, 'wrangler-stand-in.mjs'),
    SCSP_EDGE_URL: `http://127.0.0.1:${port}`,
    STAND_IN_STATE: stateFile(),
    ...env,
  });
}

const named = ['--env', 'of-a-test', '--yes'];

describe('npm run deploy', () => {
  it('makes what is missing, uploads all secrets with the version, and says what to hand to whom', async () => {
    const { said } = await run([...named, ...NEW_ENVIRONMENT, '--jurisdiction', 'eu'], PROVIDERS);
    const { databases, namespaces, worker, calls } = state();
    expect(databases).toEqual([{ uuid: 'id-of-scsp-edge-of-a-test', name: 'scsp-edge-of-a-test', jurisdiction: 'eu' }]);
    expect(namespaces.map(({ title }) => title)).toEqual(['scsp-edge-of-a-test-cache']);
    expect(calls).toContain('kv namespace create scsp-edge-of-a-test-cache --jurisdiction eu');
    expect(calls.filter((call) => call.startsWith('secret') && !call.startsWith('secret list'))).toEqual([]);
    expect(calls.filter((call) => call.startsWith('deploy') && !call.includes('--dry-run'))).toHaveLength(1);
    expect(new Set(worker?.secrets)).toEqual(new Set([...Object.keys(PROVIDERS), ...OURS]));
    expect(worker?.config).toMatchObject({
      name: 'scsp-edge-of-a-test',
      vars: { DATA_JURISDICTION: 'eu', JEDLIX_AUDIENCE: 'aud' },
      d1_databases: [{ binding: 'DB', database_id: 'id-of-scsp-edge-of-a-test' }],
      kv_namespaces: [{ binding: 'CACHE', id: 'id-of-scsp-edge-of-a-test-cache' }],
    });
    expect(said).toMatch(/To the CSMS:[\s\S]*whsec_[\s\S]*To Stekker:[\s\S]*To Jedlix:/);
    for (const secret of Object.values(PROVIDERS)) expect(said).not.toContain(secret);
  });

  it('changes nothing when it is run again, and only what changed after that', async () => {
    await run([...named, ...NEW_ENVIRONMENT], PROVIDERS);
    const before = state();
    const again = await run(named);
    expect(again.said).toContain('has this code and these settings already');
    expect(state()).toEqual({ ...before, calls: state().calls });
    change({ code: 'export default 2' });
    await run(named);
    expect(state().worker?.tags).toHaveLength(2);
    expect(state().worker?.secrets).toEqual(before.worker?.secrets);
    await run(named, { STEKKER_TOKEN: 'rotated' });
    expect(state().worker?.tags).toHaveLength(3);
  });

  it('adopts a database and a namespace that have the names', async () => {
    change({ databases: [{ uuid: 'old', name: 'scsp-edge-of-a-test', jurisdiction: null }] });
    await run([...named, ...NEW_ENVIRONMENT], PROVIDERS);
    expect(state().calls.some((call) => call.startsWith('d1 create'))).toBe(false);
    expect(state().worker?.config).toMatchObject({ d1_databases: [{ database_id: 'old' }] });
  });

  it('prints every command and runs none with --dry-run', async () => {
    const { code, said } = await run([...named, ...NEW_ENVIRONMENT, '--dry-run']);
    expect(code).toBe(0);
    expect(said).toContain('wrangler d1 create scsp-edge-of-a-test # if it is missing');
    expect(said).toContain('--secrets-file');
    expect(state().calls).toEqual([]);
    expect(existsSync(join(folder, 'deployments'))).toBe(false);
  });

  it('lists the environments when the one that is named does not exist', async () => {
    await run([...named, ...NEW_ENVIRONMENT], PROVIDERS);
    const { code, said } = await run(['--env', 'prod', '--yes']);
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining('There are: of-a-test.') });
  });

  it('names every secret that is missing, before it makes anything', async () => {
    const { code, said } = await run([...named, ...NEW_ENVIRONMENT], { STEKKER_TOKEN: 't' });
    expect(code).toBe(1);
    expect(said).toContain('JEDLIX_CLIENT_ID');
    expect(said).toContain('JEDLIX_API_KEY');
    expect(state().databases).toEqual([]);
  });

  const failures: readonly [string, Partial<State>, RegExp][] = [
    ['is not logged in', { isLoggedIn: false }, /wrangler login/],
    [
      'reaches two accounts',
      {
        accounts: [
          { id: 'a', name: 'A' },
          { id: 'b', name: 'B' },
        ],
      },
      /A \(a\), B \(b\)/,
    ],
    [
      'has a token without rights',
      { fails: { 'd1 list': 'Authentication error [code: 10000]' } },
      /does not accept the login/,
    ],
    [
      'finds the name taken',
      { fails: { 'd1 create': 'A database with that name already exists' } },
      /The name is taken/,
    ],
    [
      'has an account on Workers Free',
      { fails: { deploy: 'CPU limits are not supported for the Free plan. [code: 100328]' } },
      /Workers Paid/,
    ],
    [
      'meets a migration that fails',
      { fails: { 'd1 migrations apply': 'near "TABEL": syntax error at offset 7' } },
      /syntax error at offset 7/,
    ],
  ];
  it.each(failures)(
    'says in plain words what to do when it %s, and goes on when run again',
    async (_, trouble, words) => {
      const healthy = state();
      change(trouble);
      const failed = await run([...named, ...NEW_ENVIRONMENT], PROVIDERS);
      expect(failed).toMatchObject({ code: 1, said: expect.stringMatching(words) });
      expect(state().worker).toBeUndefined();
      change({ isLoggedIn: true, accounts: healthy.accounts, fails: {} });
      await run(named, PROVIDERS);
      expect(state().worker?.tags).toHaveLength(1);
      expect(state().databases).toHaveLength(1);
    },
  );

  it('refuses a file that is malformed, a jurisdiction and a flag that do not exist', async () => {
    expect((await run([...named, ...NEW_ENVIRONMENT, '--jurisdiction', 'mars'])).said).toContain(
      '"mars" is no jurisdiction',
    );
    expect((await run([...named, '--colour'])).said).toContain('--colour');
    await run([...named, ...NEW_ENVIRONMENT], PROVIDERS);
    writeFileSync(join(folder, 'deployments/of-a-test.json'), '{ "worker": "A B", "providers": ["stekker"] }');
    expect((await run(named)).said).toContain('worker: must be lower-case letters');
  });
});

describe('what a deployment is made of', () => {
  it('has an example of secrets without a single value', () => {
    const lines = readFileSync(join(ROOT, '.dev.vars.example'), 'utf8').split('\n');
    const given = lines.filter((line) => /^\w+=/.test(line));
    expect(given.length).toBeGreaterThan(0);
    expect(given.filter((line) => !line.endsWith('='))).toEqual([]);
  });

  it('lets Cloudflare’s own build migrate by the name of the binding, and then deploy', async () => {
    const fails = { deploy: 'stands for the end' };
    change({ fails });
    const { said } = await run([], { WORKERS_CI: '1' });
    expect(said).toContain('stands for the end');
    expect(state().calls).toEqual(['d1 migrations apply DB --remote', 'deploy']);
  });

  it('is a configuration that the real wrangler builds, and migrations that it applies', async () => {
    const environment = { worker: 'of-a-test', providers: ['stekker' as const], jurisdiction: 'eu' as const, vars: {} };
    const config = workerConfigOf(ROOT, environment, { databaseId: crypto.randomUUID(), cacheId: 'a'.repeat(32) });
    const path = writeWorkerConfig(ROOT, 'of-a-test', config);
    const wrangler = wranglerOf(ROOT, { ...process.env, ...offlineEnvironment });
    const built = await wrangler(['deploy', '--dry-run', '--config', path, '--outdir', join(folder, 'out')]);
    expect(built).toMatchObject({ code: 0, stdout: expect.stringContaining('env.DATA_JURISDICTION ("eu")') });
    const persistTo = join(folder, 'storage');
    const args = ['d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', persistTo, '--config', path];
    expect(await wrangler(args)).toMatchObject({ code: 0, stdout: expect.stringContaining('0001') });
  });
});
