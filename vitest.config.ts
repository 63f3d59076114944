/** Two kinds of tests: pure ones in Node, and those that need the platform in the real runtime (`*.worker.test.ts`). */
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { ensureAssets } from './tools/build-assets.ts';
import { EVENTS_SETTINGS, SETTINGS, TEST_RATE_LIMIT } from './test/settings.ts';

const WORKER_TESTS = 'test/**/*.worker.test.ts';
/** Here the CSMS wants notifications. */
const NOTIFIED_TESTS = 'test/notifications/*.worker.test.ts';
/** Here faults are played as the engineer on call meets them. */
const ONCALL_TESTS = 'test/oncall/*.worker.test.ts';
/** So that a provider that never answers costs a test little. */
const IMPATIENT = { PROVIDER_TIMEOUT_MS: '1000' };
/** Here id tokens are kept as pseudonyms only. */
const HASHED_TESTS = 'test/hashed/*.worker.test.ts';

// A loaded machine takes ten times as long as a quiet one, and the waits in tests (test/patience.ts) must end before a test does.
const TIME_OUTS = { testTimeout: 30_000, hookTimeout: 30_000 };

// wrangler looks for the secrets that wrangler.toml requires in the environment, and must find none of a developer's own.
for (const name of ['ADMIN_TOKEN', 'CSMS_TOKENS', 'PAIRING_CODE_PEPPER'] as const) process.env[name] = SETTINGS[name];

await ensureAssets();

/** Tests in the real runtime, with these settings. */
function worker(name: string, settings: object, files: { readonly include: string[]; readonly exclude?: string[] }) {
  return {
    plugins: [
      cloudflareTest(async () => ({
        wrangler: { configPath: './wrangler.toml' },
        miniflare: {
          bindings: { ...settings, TEST_MIGRATIONS: await readD1Migrations('./migrations') },
          ratelimits: { TEST_RATE_LIMIT: { namespace_id: '1002', simple: { limit: TEST_RATE_LIMIT, period: 60 } } },
        },
      })),
    ],
    test: { name, ...files, setupFiles: ['./test/worker-setup.ts'], ...TIME_OUTS },
  };
}

export default defineConfig({
  test: {
    silent: 'passed-only',
    reporters: ['default', './tools/plain-reporter.ts'],
    projects: [
      { test: { name: 'node', include: ['test/**/*.test.ts'], exclude: [WORKER_TESTS], ...TIME_OUTS } },
      worker('worker', SETTINGS, { include: [WORKER_TESTS], exclude: [NOTIFIED_TESTS, ONCALL_TESTS, HASHED_TESTS] }),
      worker('notified', { ...SETTINGS, ...EVENTS_SETTINGS }, { include: [NOTIFIED_TESTS] }),
      worker('oncall', { ...SETTINGS, ...EVENTS_SETTINGS, ...IMPATIENT }, { include: [ONCALL_TESTS] }),
      worker('hashed', { ...SETTINGS, STORE_ID_TOKENS: 'hashed' }, { include: [HASHED_TESTS] }),
    ],
  },
});
