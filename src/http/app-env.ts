/** What every route and middleware shares: the bindings, and the variables of a request. Types only. */
import type { Config } from '../config.ts';
import type { Audit } from '../station/station-rpc.ts';

/** Who asks: the side, and a fingerprint of its credentials. */
export type Caller = Pick<Audit, 'by' | 'caller'>;

export type AppEnv = {
  Bindings: Env;
  Variables: {
    /** Read from the settings once per isolate. */
    config: Config;
    /** Our id of this request. It is in `x-request-id`, in problems and in the log, and goes on to the provider. */
    requestId: string;
    /** Whose credentials were accepted; absent on routes that authenticate in another way. */
    caller?: Caller;
    /** Fields of this request's one log line; routes add to it. */
    logFields: Record<string, unknown>;
  };
};
