/** `npm run doctor`, run as a program against the real Worker among the stand-ins of the outside world. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { startWorld, type World } from '../e2e/world.ts';
import { runTool } from './program.ts';

const { ADMIN_TOKEN, CSMS_TOKENS, CSMS_WEBHOOK_SECRETS } = sandboxSettings;
const ALL = { ADMIN_TOKEN, CSMS_WEBHOOK_SECRETS };

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const doctor = (url: string, env: Record<string, string>) => runTool('doctor/index.ts', [url], env);

describe('npm run doctor', () => {
  it('finds nothing in a healthy deployment, and shows no secret', async () => {
    const { code, said } = await doctor(`${world.edge.url}/`, ALL);
    expect(said).toContain('No fault found.');
    for (const name of ['worker', 'settings', 'migrations', 'stekker, host', 'jedlix, token', 'webhook'])
      expect(said).toContain(`✓ ${name}`);
    for (const secret of Object.values(ALL)) expect(said).not.toContain(secret);
    expect(code).toBe(0);
  });

  it('uses the bearer token where there is no webhook secret, and says what it could not look at', async () => {
    const { code, said } = await doctor(world.edge.url, { CSMS_TOKENS });
    expect(said).toContain('A test webhook with the token was accepted.');
    expect(said).toContain('ADMIN_TOKEN is not in the environment');
    expect(code).toBe(0);
  });

  it.each([
    ['a wrong operator token', { ...ALL, ADMIN_TOKEN: 'wrong' }, '✗ admin token'],
    ['a wrong webhook secret', { ...ALL, CSMS_WEBHOOK_SECRETS: `whsec_${'A'.repeat(44)}` }, '✗ webhook'],
    ['a wrong CSMS token', { ADMIN_TOKEN, CSMS_TOKENS: 'wrong' }, '✗ webhook'],
  ])('says what to do about %s', async (_, env, line) => {
    const { code, said } = await doctor(world.edge.url, env);
    expect(said).toContain(line);
    expect(code).toBe(1);
  });

  it('says that nobody answers, and how it is called', async () => {
    const { code, said } = await doctor('http://127.0.0.1:1', ALL);
    expect(said).toContain('does not answer');
    expect(code).toBe(1);
    expect((await doctor('nowhere', ALL)).code).toBe(2);
  });
});

describe('npm run doctor, on clocks', () => {
  it.each([
    [-600_000, '✗ clock'],
    [0, '✓ clock'],
    [600_000, '✗ clock'],
  ])('compares them: %i ms apart', async (difference, line) => {
    const server = createServer((_, response) => {
      response.setHeader('date', new Date(Date.now() + difference).toUTCString());
      response.end(JSON.stringify({ status: 'ok', version: '1.0.0' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      expect((await doctor(`http://127.0.0.1:${port}`, {})).said).toContain(line);
    } finally {
      server.close();
    }
  });
});

describe('npm run doctor, with a half-configured provider', () => {
  it('names the setting', async () => {
    const half = await startWorld({ JEDLIX_API_KEY: '' });
    try {
      const { code, said } = await doctor(half.edge.url, ALL);
      expect(said).toMatch(/✗ provider-jedlix: .*JEDLIX_API_KEY/);
      expect(code).toBe(1);
    } finally {
      await half.close();
    }
  });
});
