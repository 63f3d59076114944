/** The port of a command channel: how a command reaches a charger through its CSMS, and how the answer comes back. */
import type { OcppVersion } from '../charging/charger.ts';
import type { Problem } from '../problem.ts';
import type { Result } from '../result.ts';

/** One command for one charger. `payload` is the request in the charger's OCPP version. `id` is used only once. */
export type Command = {
  readonly id: string;
  readonly chargePointId: string;
  readonly ocppIdentity: string;
  readonly protocol: OcppVersion;
  readonly action: 'SetChargingProfile' | 'ClearChargingProfile';
  readonly payload: object;
};

/**
 * What became of a command. answered: the charger's CALLRESULT payload, whatever it says. offline: the CSMS has no
 * connection to the charger. unknown: the CSMS does not know the charger. no-answer: nobody answered in time, so the
 * charger may have carried it out. occupied: the CSMS wants the profile in the same place cleared first. failed: the
 * CSMS is at fault.
 */
export type CommandOutcome =
  | { readonly kind: 'answered'; readonly payload: unknown }
  | { readonly kind: 'offline' | 'unknown' | 'no-answer' | 'occupied' }
  | { readonly kind: 'failed'; readonly reason: string; readonly detail?: string };

/** Where a CSMS may post one answer: a `path` below our public URL. `answer` is what it posts there. */
export type ExpectedCallback = { readonly path: string; readonly answer: Promise<unknown> };

/** What a channel needs for one command. `now` is in ms since the epoch. Callbacks are forgotten when `send` ends. */
export type CommandIo = {
  readonly timeoutMs: number;
  readonly now: number;
  readonly expectCallback: () => ExpectedCallback;
};

/** A channel with its settings. It can be used only in this form. */
export type CommandChannel = {
  readonly name: string;
  /** Ends within `timeoutMs`, never throws, and leaves nothing running. */
  readonly send: (command: Command, io: CommandIo) => Promise<CommandOutcome>;
  /**
   * Of a CSMS that sends a command later when the charger does not answer, and posts the answer then: how long (ms) from
   * a command on the next one waits, unless the answer came, and how such an answer reads.
   */
  readonly late?: { readonly quietMs: number; readonly read: (answer: unknown) => CommandOutcome };
  /** Whether the CSMS refuses a profile until the one it replaces is cleared, on chargers of this version. */
  readonly clearsFirst?: (protocol: OcppVersion) => boolean;
};

/** One kind of channel, chosen by its name. A problem names the settings that are missing or malformed. */
export type CommandChannelKind = {
  readonly name: string;
  readonly configure: (settings: Readonly<Record<string, unknown>>) => Result<CommandChannel, Problem>;
};
