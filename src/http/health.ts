/** Whether the Worker answers (`/healthz`) and whether it can do its work (`/readyz`). Both are open to everyone. */
import { Hono } from 'hono';
import { checkReadiness } from '../operations/readiness.ts';
import type { AppEnv } from './app-env.ts';
import { operatorOf } from './operator.ts';

/** The two routes. Only the operator is told what a check found. Others learn its name, and whether it is ok. */
export function healthRoutes(version: string): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/healthz', (c) => c.json({ status: 'ok', version }))
    .get('/readyz', async (c) => {
      const config = c.get('config');
      const checks = await checkReadiness(c.env, config, Date.now());
      const ready = checks.every(({ ok, isWarning = false }) => ok || isWarning);
      const isOperator = (await operatorOf(c)) !== undefined;
      const shown = checks.map(({ name, ok, detail }) => (isOperator ? { name, ok, detail } : { name, ok }));
      return c.json({ ready, checks: shown }, ready ? 200 : 503);
    });
}
