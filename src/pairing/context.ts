/** What every pairing function is given of the world. */
import type { Config } from '../config.ts';
import type { Audit } from '../station/station-rpc.ts';

/** `now` in ms since the epoch; `audit` is who asks, by which request, for the record. */
export type PairingContext = {
  readonly env: Env;
  readonly config: Config;
  readonly now: number;
  readonly audit: Audit;
};
