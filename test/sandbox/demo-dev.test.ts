import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { curlCommands } from '../../sandbox/demo/curl-commands.ts';
import { findTakenPorts, portsFrom } from '../../sandbox/demo/ports.ts';

const place = {
  edgeUrl: 'http://127.0.0.1:8787',
  pageUrl: 'http://127.0.0.1:8790',
  stekkerCode: 'PEN4E',
  startedAt: new Date('2026-05-12T16:00:00Z'),
};

describe('the ports of the sandbox', () => {
  it('lie together above the edge', () => {
    expect(portsFrom('8787')).toEqual({ edge: 8787, page: 8790, stekker: 8791, jedlix: 8792, csms: 8793 });
  });

  it.each(['', 'abc', '80', '1.5e3', '65530', '-1'])('are not taken from PORT=%s', (port) => {
    expect(() => portsFrom(port)).toThrow('must be a number');
  });

  it('are named when they are taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    // Port 0 is any free port, so nothing else on this machine can take it meanwhile.
    const free = { edge: 0, page: 0, stekker: 0, jedlix: 0, csms: 0 };
    expect(await findTakenPorts({ ...free, csms: port })).toEqual([`port ${port} (csms) is taken`]);
    expect(await findTakenPorts(free)).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the curl commands', () => {
  it('are one line each and quote what they send', () => {
    for (const { command } of curlCommands(place)) {
      expect(command).not.toContain('\n');
      for (const [, body = ''] of command.matchAll(/ -d '([^']*)'/g)) expect(() => JSON.parse(body)).not.toThrow();
    }
  });

  it('go from registration to the end of a session', () => {
    const actions = curlCommands(place).flatMap(
      ({ command }) => /"frame":\[2,"[^"]+","(\w+)"/.exec(command)?.[1] ?? [],
    );
    expect(actions).toEqual(['StartTransaction', 'MeterValues', 'StopTransaction']);
  });
});
