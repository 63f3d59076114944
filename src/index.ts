/** The Worker's entry: `fetch`, `scheduled` and the Durable Object classes. */
import { createApp } from './app.ts';
import { configOf } from './config.ts';
import { locate } from './storage/jurisdiction.ts';
import { sweep, watchEveryMinute } from './sweep.ts';

export { ProviderBreaker } from './breaker/provider-breaker.ts';
export { ChargingStation } from './station/station.ts';

/** The cron trigger that looks for alerts (wrangler.toml). The other one sweeps. */
const EVERY_MINUTE = '* * * * *';

const app = createApp();

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
  scheduled: async (controller, env) => {
    const located = await locate(env, configOf(env).jurisdiction);
    const run = controller.cron === EVERY_MINUTE ? watchEveryMinute : sweep;
    await run(located, controller.scheduledTime);
  },
} satisfies ExportedHandler<Env>;
