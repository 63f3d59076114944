/** Reads the settings before a route runs. Refuses everything while they are half there: the log names the setting. */
import type { MiddlewareHandler } from 'hono';
import { configOf } from '../config.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';

/** Puts `config` into the context, or answers 500 `misconfigured`. Health is exempt: it must answer before set-up is done. */
export const configured: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.req.path === '/healthz') return next();
  const config = configOf(c.env);
  if (!config.ok) return answerProblem(c, config.error);
  c.set('config', config.value);
  return next();
};
