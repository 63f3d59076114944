/** Gives the settings and the bindings to the routes. Refuses nothing: a bad setting stops only what needs it. */
import type { MiddlewareHandler } from 'hono';
import { configOf } from '../config.ts';
import { locate } from '../storage/jurisdiction.ts';
import type { AppEnv } from './app-env.ts';

/** Puts `config` into the context. */
export const configured: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.set('config', configOf(c.env));
  return next();
};

/** Makes every object that a route calls one of the deployment's jurisdiction. */
export const located: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.env = await locate(c.env, c.get('config').jurisdiction);
  return next();
};
