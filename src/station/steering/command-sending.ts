/** Sends one command to the station's charger through the configured channel, and notes how it went. */
import type { Charger } from '../../charging/charger.ts';
import type { Config } from '../../config.ts';
import type { Command, CommandChannel, CommandOutcome } from '../../csms/command.ts';
import type { LogLevel } from '../../log.ts';
import { Callbacks } from './command-callbacks.ts';

/** What the commander needs of its station object. */
export type CommanderHome = {
  readonly config: () => Config;
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

  constructor(home: CommanderHome) {
    this.#home = home;
  }

  /** How commands are sent; undefined while no channel is configured. */
  get channel(): CommandChannel | undefined {
    return this.#home.config().commands;
  }

  /** The request leaves before this returns its promise, so a storage write after the call does not delay it. */
  async send(channel: CommandChannel, { charger, action, payload, requestId }: CommandOrder): Promise<CommandRecord> {
    const { chargePointId, ocppIdentity, protocol } = charger;
    const command = { id: crypto.randomUUID(), chargePointId, ocppIdentity, protocol, action, payload };
    const startedAt = Date.now();
    const expected: { readonly forget: () => void }[] = [];
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
    return { id: command.id, action, channel: channel.name, payload, outcome, durationMs };
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
