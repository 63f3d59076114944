/**
 * The Worker with a rate limiter that counts in memory, as the platform's does, and lets the benchmark through; the one that `wrangler dev`
 * emulates is a Durable Object that writes a row each time. For measuring only, never deployed.
 */
import worker from '../../src/index.ts';

export { ChargingStation, ProviderBreaker } from '../../src/index.ts';

const PERIOD_MS = 60_000;

const counts = new Map<string, number>();
let period = 0;

const limiter: RateLimit = {
  limit: ({ key }) => {
    const current = Math.floor(Date.now() / PERIOD_MS);
    if (current !== period) counts.clear();
    period = current;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return Promise.resolve({ success: true });
  },
};

/** One for the life of the Worker: settings are read once for each environment. */
let fenced: Env | undefined;

export default {
  fetch: (request, env, context) => {
    fenced ??= { ...env, PAIR_RATE_LIMIT: limiter };
    return worker.fetch(request, fenced, context);
  },
} satisfies ExportedHandler<Env>;
