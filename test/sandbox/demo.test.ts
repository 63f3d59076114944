import { spawn } from 'node:child_process';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { steerByJedlix, steerByStekker } from '../../sandbox/demo/circle.ts';
import { pairWithJedlix, pairWithStekker, stekkerCode } from '../../sandbox/demo/pairings.ts';
import { registerChargers, type Stage } from '../../sandbox/demo/registration.ts';
import { createScreen } from '../../sandbox/demo/screen.ts';
import { replaySession } from '../../sandbox/demo/session.ts';
import { startEdge, type Edge } from '../../sandbox/edge.ts';
import { startOutsideWorld, type OutsideWorld } from '../../sandbox/outside-world.ts';

describe('the demo', () => {
  it('passes, and writes plain lines where there is no terminal', async () => {
    const path = join(import.meta.dirname, '../../sandbox/demo.ts');
    const { FORCE_COLOR: _unset, ...env } = process.env;
    const child = spawn(process.execPath, [path], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('✓ PASSED');
    // oxlint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u001B\r]/);
  }, 60_000);
});

describe('the demo among providers that misbehave', () => {
  let world: OutsideWorld;
  let edge: Edge;
  let stage: Stage & { world: OutsideWorld };

  beforeAll(async () => {
    world = await startOutsideWorld({ stekkerCodes: [stekkerCode] });
    edge = await startEdge({ ...world.urls, vars: { ONE_PROVIDER_PER_CHARGER: 'false' } });
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    stage = { edgeUrl: edge.url, screen: createScreen(nowhere), world };
  }, 60_000);
  afterAll(() => Promise.all([edge.close(), world.close()]));

  it('fails by what a provider refused, and by no other provider', async () => {
    for (const act of [registerChargers, pairWithStekker, pairWithJedlix]) expect(await act(stage)).toEqual([]);
    world.stekker.setFaults(({ bodyText }) => (bodyText.includes('"StopTransaction"') ? { status: 422 } : 'none'));
    expect(await replaySession(stage)).toEqual([
      'Stekker: refused: StopTransaction (422 fault-status)',
      'Stekker: missing: StopTransaction',
    ]);
  }, 60_000);

  it('fails when the CSMS does not take the command', async () => {
    world.reset();
    world.csms.setFaults(() => ({ status: 500 }));
    expect(await steerByJedlix(stage)).toEqual(
      expect.arrayContaining([
        "Jedlix's plan of 4,140 W: the CSMS refused the command: 500 fault-status",
        "Jedlix's plan of 4,140 W: the charger said nothing, and Jedlix was told 500",
        'no plan of Jedlix was accepted',
      ]),
    );
  }, 60_000);

  it('fails when the provider refuses a reading of the steered session', async () => {
    world.reset();
    const isLimited = (bodyText: string) => bodyText.includes('"7400"');
    world.stekker.setFaults(({ bodyText }) => (isLimited(bodyText) ? { status: 422 } : 'none'));
    const faults = await steerByStekker(stage);
    expect(faults.filter((fault) => fault.startsWith('Stekker: refused: MeterValues'))).toHaveLength(2);
    expect(faults.filter((fault) => fault.startsWith('Stekker: missing: '))).toHaveLength(2);
    expect(faults).toHaveLength(4);
  }, 60_000);
});
