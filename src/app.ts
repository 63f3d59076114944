/** The HTTP application: middleware, our routes, and the routes that providers call. */
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { version } from '../package.json';
import { answerProblem, problemOfError } from './http/answer.ts';
import type { AppEnv } from './http/app-env.ts';
import { assetRoutes } from './http/assets.ts';
import { callbackRoutes } from './http/callbacks.ts';
import { chargerRoutes } from './http/chargers/routes.ts';
import { consoleRoutes } from './http/console/routes.ts';
import { configured, located } from './http/configured.ts';
import { deadLetterRoutes } from './http/dead-letters.ts';
import { erasureRoutes } from './http/data-protection/erasures.ts';
import { healthRoutes } from './http/health.ts';
import { inboundRoutes } from './http/inbound.ts';
import { operationsRoutes } from './http/operations.ts';
import { providerRoutes } from './http/providers.ts';
import { pairingRoutes } from './http/pairings/routes.ts';
import { requestLog } from './http/request-log.ts';
import { sessionRoutes } from './http/sessions.ts';
import { restoreRoutes } from './http/data-protection/restore.ts';
import { webhookRoutes } from './http/webhooks/routes.ts';
import { problem } from './problem.ts';
import { PROVIDERS } from './providers/index.ts';

/** Every route of the Worker. An exception is answered with 500 or 503, a wrong method 405, a wrong path 404. */
export function createApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.onError((error, c) => answerProblem(c, problemOfError(error)));
  app.notFound((c) => answerProblem(c, problem('not-found', 'Nothing is served at this path.')));
  app.use(requestLog);
  app.use(
    methodNotAllowed<AppEnv>({
      app,
      onMethodNotAllowed: (c, methods) => {
        const answer = answerProblem(c, problem('method-not-allowed', `Allowed here: ${methods.join(', ')}.`));
        answer.headers.set('allow', methods.join(', '));
        return answer;
      },
    }),
  );
  // Whoever asks again and again for what has not changed is told so.
  app.use('/api/*', etag());
  app.use(configured);
  app.route('/', healthRoutes(version));
  app.route('/', consoleRoutes());
  app.route('/', assetRoutes());
  app.use(located);
  app.route('/', webhookRoutes());
  app.route('/', callbackRoutes());
  app.route('/', chargerRoutes());
  app.route('/', pairingRoutes());
  app.route('/', operationsRoutes());
  app.route('/', deadLetterRoutes());
  app.route('/', erasureRoutes());
  app.route('/', restoreRoutes());
  app.route('/', providerRoutes());
  app.route('/', sessionRoutes());
  for (const provider of PROVIDERS) app.route('/', inboundRoutes(provider));
  return app;
}
