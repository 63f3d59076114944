import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { curlCommands } from '../../sandbox/demo/curl-commands.ts';
import { DEV_HELP, devOptionsFrom, devVarsIn } from '../../sandbox/demo/dev-options.ts';
import { faultOrderIn } from '../../sandbox/demo/faults.ts';
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

describe('the options', () => {
  it('send commands and notifications to a CSMS of one’s own', () => {
    const args = ['--csms-url', 'http://127.0.0.1:3000/commands', '--events-url', 'https://csms.example/events'];
    expect(devOptionsFrom(args)).toEqual({
      isHelp: false,
      vars: { CSMS_COMMAND_URL: 'http://127.0.0.1:3000/commands', CSMS_EVENTS_URL: 'https://csms.example/events' },
    });
    expect(devOptionsFrom([])).toEqual({ isHelp: false, vars: {} });
  });

  it.each([[['--csms-url', 'localhost:3000']], [['--csms-url']], [['--port', '1']], [['stray']]])(
    'refuse %s',
    (args) => {
      expect(() => devOptionsFrom(args)).toThrow(/csms-url|port|stray|argument/i);
    },
  );

  it('are all in the help', () => {
    expect(devOptionsFrom(['--help'])).toMatchObject({ isHelp: true });
    for (const option of ['--csms-url', '--events-url', '--help', '.dev.vars', 'PORT'])
      expect(DEV_HELP).toContain(option);
  });

  it('are joined by what has a value in .dev.vars', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dev-vars-'));
    const path = join(folder, '.dev.vars');
    expect(devVarsIn(path)).toEqual({});
    writeFileSync(path, '# ours\nADMIN_TOKEN=\nSTEKKER_TOKEN="a b"\n#JEDLIX_API_KEY=x\nALERT_DELAY_S=60\n');
    expect(devVarsIn(path)).toEqual({ STEKKER_TOKEN: 'a b', ALERT_DELAY_S: '60' });
    rmSync(folder, { recursive: true });
  });
});

describe('the switch for faults', () => {
  it.each([
    [{ of: 'stekker', fault: { status: 503 } }],
    [{ of: 'jedlix', fault: 'hang' }],
    [{ of: 'csms', fault: { delayMs: 100 } }],
    [{ of: 'jedlix', fault: { status: 429, headers: { 'retry-after': '60' } } }],
  ])('takes %j', (order) => {
    expect(faultOrderIn(order)).toEqual(order);
  });

  it.each([[undefined], [{}], [{ of: 'ocpi', fault: 'hang' }], [{ of: 'csms', fault: { status: 200 } }]])(
    'refuses %j',
    (order) => {
      expect(faultOrderIn(order)).toBeUndefined();
    },
  );
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
