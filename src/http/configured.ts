/** Gives the settings to the routes. Refuses nothing: a bad setting stops only what needs it. */
import type { MiddlewareHandler } from 'hono';
import { configOf } from '../config.ts';
import type { AppEnv } from './app-env.ts';

/** Puts `config` into the context. */
export const configured: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.set('config', configOf(c.env));
  return next();
};
