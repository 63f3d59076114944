/** `/api/erasures`: forgetting an id token, or a charger, wherever it is stored. Needs the admin token. */
import { Hono, type Context } from 'hono';
import * as z from 'zod';
import { ANONYMOUS_ID_TAG } from '../../charging/id-token.ts';
import { beginErasure, eraseBeside, type ErasureRequest } from '../../operations/erasing.ts';
import { problem } from '../../problem.ts';
import { findErasure } from '../../storage/erasures.ts';
import { answerProblem } from '../answer.ts';
import type { AppEnv } from '../app-env.ts';
import { requireAdmin } from '../bearer.ts';
import { readJson } from '../body.ts';

const drop = z.boolean().optional();
/** The longest text that any OCPP version takes for a token is 255 characters (2.1); none of ours is longer. */
const idToken = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .refine((token) => token.toUpperCase() !== ANONYMOUS_ID_TAG);

/** What is erased: one of the two. */
export const ErasureBody = z.union([
  z.strictObject({ idToken, drop }),
  z.strictObject({ chargePointId: z.string().regex(/^[!-.0-~]{1,64}$/), drop }),
]);

/** The routes of erasures. */
export function erasureRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .post('/api/erasures', requireAdmin(), (c) => begin(c))
    .get('/api/erasures/:erasureId', requireAdmin(), (c) => show(c, c.req.param('erasureId')));
}

async function begin(c: Context<AppEnv>): Promise<Response> {
  const body = await readJson(c.req.raw);
  if (!body.ok) return answerProblem(c, body.error);
  const read = ErasureBody.safeParse(body.value);
  if (!read.success) {
    const detail = 'Give idToken or chargePointId as a text, and nothing else but drop, which is true or false.';
    return answerProblem(c, problem('erasure-invalid', detail));
  }
  const { pairingCodePepper: pepper } = c.get('config');
  const isDropping = read.data.drop ?? false;
  if ('chargePointId' in read.data) {
    return c.json({ erasureId: await startErasure(c, { chargePointId: read.data.chargePointId, isDropping }) }, 202);
  }
  if (pepper === undefined) return answerProblem(c, problem('misconfigured', 'PAIRING_CODE_PEPPER is not set.'));
  return c.json({ erasureId: await startErasure(c, { idToken: read.data.idToken, pepper, isDropping }) }, 202);
}

/** Begins an erasure and, beside the request, its first steps; gives its id. */
export async function startErasure(c: Context<AppEnv>, request: ErasureRequest): Promise<string> {
  const now = Date.now();
  const id = await beginErasure(c.env, request, now);
  c.executionCtx.waitUntil(eraseBeside(c.env, c.get('config'), id, now));
  return id;
}

async function show(c: Context<AppEnv>, erasureId: string): Promise<Response> {
  const erasure = await findErasure(c.env.DB, erasureId);
  if (erasure === undefined) return answerProblem(c, problem('erasure-unknown', 'There is no erasure of this id.'));
  const { phase, stations, done, createdAt, finishedAt } = erasure;
  return c.json({
    erasureId,
    status: phase === 'done' ? 'done' : 'running',
    stations,
    done,
    createdAt: new Date(createdAt).toISOString(),
    ...(finishedAt !== undefined && { finishedAt: new Date(finishedAt).toISOString() }),
  });
}
