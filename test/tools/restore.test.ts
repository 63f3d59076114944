/** `npm run restore`, run as a program against the real Worker. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { startWorld, type World } from '../e2e/world.ts';
import { runTool } from './program.ts';

const { ADMIN_TOKEN } = sandboxSettings;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const restore = (args: readonly string[], env: Record<string, string> = { ADMIN_TOKEN }) =>
  runTool('restore/index.ts', args, env);

describe('npm run restore', () => {
  it('asks until nothing is left, and says what it did', async () => {
    const { code, said } = await restore([`${world.edge.url}/`]);
    expect(said).toMatch(/\d+ stations asked, 0 pairings taken over, 0 erasures begun again\./);
    expect(said).not.toContain(ADMIN_TOKEN);
    expect(code).toBe(0);
  });

  it('says what is wrong, and how to go on', async () => {
    expect(await restore([world.edge.url], { ADMIN_TOKEN: 'wrong' })).toMatchObject({
      code: 1,
      said: expect.stringContaining('does not accept this ADMIN_TOKEN'),
    });
    expect((await restore([world.edge.url], {})).code).toBe(2);
    expect((await restore(['nowhere'])).code).toBe(2);
    expect((await restore([world.edge.url, '--other'])).code).toBe(2);
    expect(await restore(['http://127.0.0.1:1'])).toMatchObject({
      code: 1,
      said: expect.stringContaining('does not answer. Run it again.'),
    });
    expect((await restore([world.edge.url, '--cursor', '???'])).said).toContain('answered 400');
  });

  it('says where to go on when the Worker fails on the way, and names stations that were not reached', async () => {
    const step = { stations: 1, pairings: 1, erasures: 0, unreachable: ['CP-1'] };
    let calls = 0;
    const server = createServer((_, response) => {
      calls += 1;
      const isFailing = calls === 2;
      response.writeHead(isFailing ? 503 : 202, { 'content-type': 'application/json' });
      response.end(JSON.stringify(calls === 1 ? { ...step, cursor: 'abc' } : step));
    });
    await new Promise<void>((resolve) => server.listen(0, () => resolve()));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    expect(await restore([url])).toMatchObject({ code: 1, said: expect.stringContaining('--cursor abc') });
    const { code, said } = await restore([url, '--cursor', 'abc']);
    expect(said).toContain('Not reached: CP-1. Run it again.');
    expect(code).toBe(1);
    server.close();
  });
});
