/** Sends one command to the station's charger through the configured channel, and notes how it went. */
import type { Charger } from '../../charging/charger.ts';
import type { Config } from '../../config.ts';
import type { Command, CommandChannel, CommandOutcome } from '../../csms/command.ts';
import type { LogLevel } from '../../log.ts';
import { Callbacks } from './command-callbacks.ts';

/** What the commander needs of its station object. `hold`: no further command is begun before this ends. */
export type CommanderHome = {
  readonly hold: (end: Promise<void>) => void;
  readonly config: () => Config;
  /** Hears of each command before it leaves. */
  readonly sending: (action: string, payload: object) => void;
  readonly log: (level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>) => void;
};

/** One command as the timeline shows it. */
export type CommandRecord = {
  readonly id: string;
  readonly action: Command['action'];
  readonly channel: string;
  readonly payload: object;
  readonly outcome: CommandOutcome;
  readonly durationMs: number;
};

/** A command that was sent. `token`: the answer may still be posted under it, because none came in time. */
export type SentCommand = { readonly record: CommandRecord; readonly token?: string };

/** What is sent to which charger, and because of which request. */
export type CommandOrder = {
  readonly charger: Charger;
  readonly action: Command['action'];
  readonly payload: object;
  readonly requestId: string;
};

export class Commander {
  readonly callbacks = new Callbacks(() => this.#home.config().callbackKey);
  readonly #home: CommanderHome;
  /** The command without an answer for which the next one waits. */
  #awaited: { readonly token: string; readonly end: () => void } | undefined;

  constructor(home: CommanderHome) {
    this.#home = home;
  }

  /** How commands are sent; undefined while no channel is configured. */
  get channel(): CommandChannel | undefined {
    return this.#home.config().commands;
  }

  /** The request leaves before this returns its promise, so a storage write after the call does not delay it. */
  async send(channel: CommandChannel, { charger, action, payload, requestId }: CommandOrder): Promise<SentCommand> {
    const { chargePointId, ocppIdentity, protocol } = charger;
    const command = { id: crypto.randomUUID(), chargePointId, ocppIdentity, protocol, action, payload };
    const startedAt = Date.now();
    this.#home.sending(action, payload);
    const expected: { readonly token: string; readonly forget: () => void }[] = [];
    const sent = channel.send(command, {
      timeoutMs: this.#home.config().commandTimeoutMs,
      now: startedAt,
      expectCallback: () => {
        const callback = this.callbacks.expect(chargePointId);
        expected.push(callback);
        return callback;
      },
    });
    const outcome = await sent;
    for (const { forget } of expected) forget();
    const durationMs = Date.now() - startedAt;
    this.#note(command, outcome, { channel: channel.name, requestId, durationMs });
    const record = { id: command.id, action, channel: channel.name, payload, outcome, durationMs };
    const token = outcome.kind === 'no-answer' ? expected[0]?.token : undefined;
    if (token === undefined || channel.late === undefined) return { record };
    this.#await(token, channel.late.quietMs - durationMs);
    return { record, token };
  }

  /** The answer that a command lacked has come: the next command need not wait any more. */
  answered(token: string): void {
    if (this.#awaited?.token === token) this.#awaited.end();
  }

  /** The next command waits until the answer comes, `waitMs` at most: the CSMS may send this one only now. */
  #await(token: string, waitMs: number): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, waitMs));
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    this.#awaited = { token, end };
    this.#home.hold(promise);
  }

  #note(
    { id, action }: Command,
    outcome: CommandOutcome,
    about: { readonly channel: string; readonly requestId: string; readonly durationMs: number },
  ): void {
    this.#home.log(outcome.kind === 'answered' ? 'info' : 'warn', 'command.sent', {
      'scsp.request_id': about.requestId,
      'scsp.command_id': id,
      'scsp.channel': about.channel,
      'scsp.message': action,
      'scsp.outcome': outcome.kind,
      ...(outcome.kind === 'failed' && { 'scsp.reason': outcome.reason, 'scsp.detail': outcome.detail }),
      duration_ms: about.durationMs,
    });
  }
}
