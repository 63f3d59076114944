/** The Worker's entry: `fetch`, `scheduled` and the Durable Object classes. */
import { createApp } from './app.ts';
import { configOf } from './config.ts';
import { locate } from './storage/jurisdiction.ts';
import { sweep } from './sweep.ts';

export { ProviderBreaker } from './breaker/provider-breaker.ts';
export { ChargingStation } from './station/station.ts';

const app = createApp();

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
  scheduled: async (controller, env) => sweep(await locate(env, configOf(env).jurisdiction), controller.scheduledTime),
} satisfies ExportedHandler<Env>;
