import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startEdgeProcess, type EdgeProcess } from '../../sandbox/edge-process.ts';
import { startHttpServer, type HttpServer } from '../../sandbox/http-server.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { PATIENCE } from '../patience.ts';

let edge: EdgeProcess;
let peer: HttpServer;
let storagePath: string;

function start(port?: number): Promise<EdgeProcess> {
  const configPath = join(import.meta.dirname, 'probe-worker/wrangler.toml');
  const options = { stekkerUrl: peer.url, jedlixUrl: peer.url, csmsUrl: peer.url, configPath, storagePath };
  return startEdgeProcess(port === undefined ? options : { ...options, port });
}

beforeAll(async () => {
  storagePath = await mkdtemp(join(tmpdir(), 'scsp-edge-'));
  peer = await startHttpServer({ handle: ({ path }) => ({ status: 200, body: `hello from ${path}` }) });
  edge = await start();
}, 60_000);
afterAll(async () => {
  await edge.kill();
  await peer.close();
  await rm(storagePath, { recursive: true });
});

const ask = async (path: string): Promise<unknown> => (await fetch(`${edge.url}${path}`)).json();
const callPeer = () => ask(`/call?url=${encodeURIComponent(`${peer.url}/x`)}`);

describe('the edge as a process', () => {
  it('has the settings of the sandbox and reaches a stand-in from a Durable Object', async () => {
    expect(await ask('/settings')).toEqual(expect.objectContaining(sandboxSettings));
    expect(await callPeer()).toEqual({ status: 200, text: 'hello from /x' });
  });

  it('sees a broken connection as one', async () => {
    peer.setFaults(() => 'reset');
    expect(await callPeer()).toEqual({ threw: 'Network connection lost.' });
    peer.setFaults();
  });

  it('runs its cron', async () => {
    expect([await edge.runScheduled(), await ask('/probes')]).toEqual([200, [expect.anything()]]);
  });

  it('continues where it was killed: storage and alarms are kept, memory is not', async () => {
    expect(await ask('/count')).toEqual({ stored: 1, inMemory: 1 });
    await ask('/arm?delayMs=3000');
    await edge.kill();
    await expect(ask('/count')).rejects.toThrow('fetch failed');
    edge = await start(edge.port);
    expect(await ask('/count')).toEqual({ stored: 2, inMemory: 1 });
    const hasRung = await vi.waitUntil(() => ask('/has-rung'), PATIENCE);
    expect([hasRung, await ask('/probes')]).toEqual([true, [expect.anything()]]);
  }, 60_000);
});
