/** What every pairing function is given of the world. Types only. */
import type { Config } from '../config.ts';

/** `now` in ms since the epoch; `requestId` for the log. */
export type PairingContext = {
  readonly env: Env;
  readonly config: Config;
  readonly now: number;
  readonly requestId: string;
};
