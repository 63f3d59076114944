import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startEdge, type Edge } from '../../sandbox/edge.ts';
import { startHttpServer, type HttpServer } from '../../sandbox/http-server.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { PATIENCE } from '../patience.ts';

let edge: Edge;
let peer: HttpServer;
const surroundings = () => ({ stekkerUrl: peer.url, jedlixUrl: peer.url, csmsUrl: peer.url });

beforeAll(async () => {
  peer = await startHttpServer({ handle: ({ path }) => ({ status: 200, body: `hello from ${path}` }) });
  const configPath = join(import.meta.dirname, 'probe-worker/wrangler.toml');
  edge = await startEdge({ ...surroundings(), configPath, vars: { ADMIN_TOKEN: 'other', CITRINEOS_TOKEN: undefined } });
}, 30_000);
afterAll(() => Promise.all([edge.close(), peer.close()]));

const ask = async (path: string): Promise<unknown> => (await fetch(`${edge.url}${path}`)).json();
const callPeer = (path: string, timeoutMs = 5000) =>
  ask(`/call?timeoutMs=${timeoutMs}&url=${encodeURIComponent(`${peer.url}${path}`)}`);

describe('the edge in the sandbox', () => {
  it("has every setting, with the stand-ins' URLs, the test's own values, and without what the test left out", async () => {
    const { CITRINEOS_TOKEN: _left, ...settings } = sandboxSettings;
    expect(await ask('/settings')).toEqual({
      ...settings,
      ADMIN_TOKEN: 'other',
      CSMS_COMMAND_URL: `${peer.url}/commands`,
      CITRINEOS_BASE_URL: peer.url,
      STEKKER_BASE_URL: peer.url,
      JEDLIX_BASE_URL: peer.url,
      JEDLIX_TOKEN_URL: `${peer.url}/oauth/token`,
    });
  });

  it('reaches a stand-in from a Durable Object', async () => {
    expect(await callPeer('/x')).toEqual({ status: 200, text: 'hello from /x' });
  });

  it('gives up on a stand-in that hangs', async () => {
    peer.setFaults(() => 'hang');
    expect(await callPeer('/x', 200)).toEqual({ threw: 'timed out' });
    peer.setFaults();
  });

  it('sees a broken connection as a 500, because the harness calls on its behalf', async () => {
    peer.setFaults(() => 'reset');
    expect(await callPeer('/x')).toEqual({ status: 500, text: 'TypeError: fetch failed' });
    peer.setFaults();
  });

  it('has its migrations and runs its cron', async () => {
    expect(await ask('/probes')).toEqual([]);
    const { outcome } = await edge.worker.scheduled({ cron: '*/5 * * * *' });
    expect([outcome, await ask('/probes'), edge.logs()]).toEqual(['ok', [expect.anything()], ['cron */5 * * * *']]);
  });

  it('loses the memory of an evicted object and keeps its storage', async () => {
    expect(await ask('/count')).toEqual({ stored: 1, inMemory: 1 });
    expect(await ask('/count')).toEqual({ stored: 2, inMemory: 2 });
    await edge.worker.evictDurableObject('CHARGING_STATION', { name: 'only' });
    expect(await ask('/count')).toEqual({ stored: 3, inMemory: 1 });
  });

  it('keeps storage and alarms over a restart, and takes other settings', async () => {
    await ask('/arm?delayMs=500');
    await edge.restart({ ...surroundings(), vars: { ADMIN_TOKEN: 'third' } });
    expect(await ask('/settings')).toEqual(expect.objectContaining({ ADMIN_TOKEN: 'third' }));
    expect(await ask('/count')).toEqual({ stored: 4, inMemory: 1 });
    expect(await vi.waitUntil(() => ask('/has-rung'), PATIENCE)).toBe(true);
  });
});
