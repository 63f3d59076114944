/** `/console/session`: signs an operator in and out of the console. */
import { Hono, type Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import * as z from 'zod';
import { problem } from '../../problem.ts';
import { answerProblem } from '../answer.ts';
import type { AppEnv } from '../app-env.ts';
import { unauthorized } from '../bearer.ts';
import { readJson } from '../body.ts';
import { operatorOf } from '../operator.ts';
import { SESSION_COOKIE, SESSION_MS, sessionFor } from './session.ts';

const PATH = '/console/session';
const ATTRIBUTES = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict' } as const;

export const SignIn = z.object({ token: z.string().min(1).max(1024) });

/** Who is signed in (`by` is null for nobody), signing in with the admin token, and signing out. */
export function consoleRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get(PATH, async (c) => c.json({ by: (await operatorOf(c))?.caller ?? null }))
    .post(PATH, (c) => signIn(c))
    .delete(PATH, (c) => {
      deleteCookie(c, SESSION_COOKIE, ATTRIBUTES);
      return c.body(null, 204);
    });
}

async function signIn(c: Context<AppEnv>): Promise<Response> {
  const body = await readJson(c.req.raw);
  if (!body.ok) return answerProblem(c, body.error);
  const read = SignIn.safeParse(body.value);
  if (!read.success) return answerProblem(c, problem('envelope-invalid', 'The body is not { "token": "…" }.'));
  const session = sessionFor(read.data.token, c.get('config').adminTokens, Date.now());
  if (session === undefined) return answerProblem(c, unauthorized());
  setCookie(c, SESSION_COOKIE, session, { ...ATTRIBUTES, maxAge: SESSION_MS / 1000 });
  return c.json({ by: 'console' });
}
