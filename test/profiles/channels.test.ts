/** What each channel makes of what a CSMS answers, and which settings it wants. The contract part holds for every channel on the list. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/config.ts';
import type { Command, CommandChannel, CommandOutcome } from '../../src/csms/command.ts';
import { COMMAND_CHANNELS } from '../../src/csms/index.ts';
import { standIn, type Host } from '../outside.ts';

const SECRET = `whsec_${btoa('command-secret-0123456789abcdefgh')}`;
const SETTINGS: Readonly<Record<string, Record<string, string>>> = {
  ocpp: { CSMS_COMMAND_URL: 'https://csms.test/commands', CSMS_COMMAND_SECRET: SECRET },
  citrineos: { CITRINEOS_BASE_URL: 'https://csms.test/', PUBLIC_BASE_URL: 'https://edge.test/' },
};

afterEach(() => {
  vi.restoreAllMocks();
});

const command: Command = {
  id: '0b7c2f9e-6a43-4c0e-9d1b-6f3a3f0d5c11',
  chargePointId: 'a/b',
  ocppIdentity: 'CP 1',
  protocol: 'ocpp1.6',
  action: 'SetChargingProfile',
  payload: { connectorId: 1 },
};

function channelOf(name: string, settings: Record<string, string> = {}): CommandChannel {
  const channel = readConfig({ ...SETTINGS[name], CSMS_COMMANDS: name, ...settings }).commands;
  if (channel === undefined) throw new Error('the channel is not configured');
  return channel;
}

/** Sends the command to a CSMS that answers so; `callback` is what it posts to our URL. */
async function send(channel: CommandChannel, host: Host, callback?: unknown): Promise<CommandOutcome> {
  standIn({ 'csms.test': host });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  if (callback !== undefined) resolve(callback);
  const expectCallback = () => ({ path: '/callbacks/a%2Fb/token', answer: promise });
  return channel.send(command, { timeoutMs: 50, now: Date.now(), expectCallback });
}

const answer =
  (status: number, body: unknown = '') =>
  () =>
    new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
const broken = () => {
  throw new TypeError('connection reset');
};
const silent = () => new Promise<Response>(() => {});

describe.each(COMMAND_CHANNELS)('the channel $name', ({ name }) => {
  it('is chosen by its name, and the settings of the others do not matter', () => {
    const others = Object.fromEntries(
      Object.values(SETTINGS)
        .flatMap((each) => Object.keys(each))
        .map((key) => [key, 'bad']),
    );
    expect(channelOf(name, { ...others, ...SETTINGS[name] }).name).toBe(name);
  });

  it.each(Object.keys(SETTINGS[name] ?? {}))('is a mistake without %s, and the problem names it', (setting) => {
    const config = readConfig({ ...SETTINGS[name], CSMS_COMMANDS: name, [setting]: '' });
    expect(config).toMatchObject({ commands: undefined, badSettings: [setting] });
  });

  it.each([
    ['a connection that breaks', broken, { kind: 'failed', reason: 'network' }],
    ['an error of its own', answer(500), { kind: 'failed', reason: 'http-500' }],
    ['refused credentials', answer(401), { kind: 'failed', reason: 'http-401' }],
    ['a redirect', answer(302), { kind: 'failed', reason: 'http-302' }],
    ['no JSON', answer(200, 'ok'), { kind: 'failed', reason: 'answer-unreadable' }],
  ] as const)('takes %s of the CSMS as %o', async (_, host, expected) => {
    expect(await send(channelOf(name), host)).toEqual(expected);
  });
});

/** A CSMS that never answers: a call ends when its caller gives up. */
function fallSilent(): void {
  vi.spyOn(globalThis, 'fetch').mockImplementation((_, init) => {
    const { promise, reject } = Promise.withResolvers<Response>();
    init?.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    return promise;
  });
}

describe.each(COMMAND_CHANNELS)('the channel $name', ({ name }) => {
  it('waits for a silent CSMS no longer than the time-out', async () => {
    fallSilent();
    const io = { timeoutMs: 50, now: Date.now(), expectCallback: () => ({ path: '', answer: silent() }) };
    expect(await channelOf(name).send(command, io)).toEqual({ kind: 'no-answer' });
  });
});

describe('our own channel', () => {
  it.each([
    [200, { status: 'Accepted' }, { kind: 'answered', payload: { status: 'Accepted' } }],
    [404, '', { kind: 'unknown' }],
    [503, '', { kind: 'offline' }],
    [504, '', { kind: 'no-answer' }],
    [200, '[]', { kind: 'failed', reason: 'answer-unreadable' }],
  ])('takes %i %o as %o', async (status, body, expected) => {
    expect(await send(channelOf('ocpp'), answer(status, body))).toEqual(expected);
  });

  it('signs the body it sends, with the command’s id as webhook-id', async () => {
    const { calls } = standIn({ 'csms.test': answer(200, {}) });
    const io = { timeoutMs: 50, now: Date.now(), expectCallback: () => ({ path: '', answer: silent() }) };
    await channelOf('ocpp').send(command, io);
    const [call] = calls;
    const { Webhook } = await import('standardwebhooks');
    expect(new Webhook(SECRET).verify(call?.body ?? '', { ...call?.headers })).toEqual(command);
    expect(call?.headers['webhook-id']).toBe(command.id);
  });
});

describe('the channel of CitrineOS', () => {
  const refused = (payload: unknown) => answer(200, [{ success: false, payload }]);
  it.each([
    ['No connection found for identifier: 1:CP 1', { kind: 'offline' }],
    [undefined, { kind: 'offline' }],
    ['1 ChargingProfile with stackLevel 1 and transactionId 7 already exists.', { kind: 'occupied' }],
    [
      'No two charging profiles with the same stack level and purpose can be valid at the same time.',
      { kind: 'occupied' },
    ],
    [
      "Requested protocol: 'ocpp2.0.1', connection protocol: 'ocpp1.6' for identifier: '1:CP 1'",
      { kind: 'failed', reason: expect.stringContaining('refused: Requested protocol') },
    ],
  ])('takes a refusal that says %o as %o', async (words, expected) => {
    expect(await send(channelOf('citrineos'), refused(words))).toEqual(expected);
  });

  it('gives the verdict that is posted to our URL', async () => {
    const outcome = await send(channelOf('citrineos'), answer(200, [{ success: true }]), { status: 'Rejected' });
    expect(outcome).toEqual({ kind: 'answered', payload: { status: 'Rejected' } });
  });

  it('gives the verdict even when the confirmation never comes', async () => {
    expect(await send(channelOf('citrineos'), silent, { status: 'Accepted' })).toMatchObject({ kind: 'answered' });
  });

  it('waits no longer than the time-out when no verdict comes', async () => {
    expect(await send(channelOf('citrineos'), answer(200, [{ success: true }]))).toEqual({ kind: 'no-answer' });
  });

  it.each([
    ['1', {}, null],
    ['7', { CITRINEOS_TENANT_ID: '7', CITRINEOS_TOKEN: 'secret' }, 'Bearer secret'],
  ])('asks for tenant %s with the settings %o', async (tenantId, settings, authorization) => {
    const { calls } = standIn({ 'csms.test': refused('') });
    const expectCallback = () => ({ path: '/callbacks/a%2Fb/token', answer: silent() });
    await channelOf('citrineos', settings).send(command, { timeoutMs: 50, now: Date.now(), expectCallback });
    const url = new URL(calls[0]?.path ?? '', 'https://csms.test');
    expect(url.pathname).toBe('/ocpp/1.6/smartcharging/setChargingProfile');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      identifier: 'CP 1',
      tenantId,
      callbackUrl: 'https://edge.test/callbacks/a%2Fb/token',
    });
    expect(calls[0]?.headers['authorization'] ?? null).toBe(authorization);
  });
});

describe('without a choice', () => {
  it('there is no channel, and nothing else is wrong', () => {
    const config = readConfig({ ...SETTINGS['ocpp'], ...SETTINGS['citrineos'] });
    expect(config).toMatchObject({ commands: undefined, badSettings: [] });
  });

  it('a name that is none is a mistake', () => {
    expect(readConfig({ CSMS_COMMANDS: 'smoke signals' })).toMatchObject({
      commands: undefined,
      badSettings: ['CSMS_COMMANDS'],
    });
  });

  it('a provider that is gone is released after an hour, unless that is set otherwise or switched off', () => {
    const released = (settings: Record<string, string>) => readConfig(settings).profileReleaseAfterMs;
    expect([
      released({}),
      released({ PROFILE_RELEASE_AFTER_S: '0' }),
      released({ PROFILE_RELEASE_AFTER_S: '900' }),
    ]).toEqual([3_600_000, undefined, 900_000]);
    expect(readConfig({ PROFILE_RELEASE_AFTER_S: '-1' }).badSettings).toEqual(['PROFILE_RELEASE_AFTER_S']);
  });
});
