/**
 * `POST /callbacks/{chargePointId}/{token}`: a CSMS posts the answer to a command here. The token is the only
 * authentication. It is made for one command, and good for one answer. A token that no command waits for is refused.
 */
import { Hono, type Context } from 'hono';
import { problem } from '../problem.ts';
import { isSignedToken } from '../secret.ts';
import { stationOf } from '../station/station-of.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { decodeJson, readBody } from './body.ts';

/** A charger's answer to a command is a few words. */
const MAX_ANSWER_BYTES = 16_384;

/** The one route. Any content type will do, if the body is JSON. */
export function callbackRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>().post('/callbacks/:chargePointId/:token', (c) =>
    take(c, c.req.param('chargePointId'), c.req.param('token')),
  );
}

async function take(c: Context<AppEnv>, chargePointId: string, token: string): Promise<Response> {
  if (!isSignedToken(c.get('config').callbackKey, chargePointId, token)) return answerProblem(c, unknown());
  const body = await readBody(c.req.raw, MAX_ANSWER_BYTES);
  if (!body.ok) return answerProblem(c, body.error);
  const answer = decodeJson(body.value);
  if (!answer.ok) return answerProblem(c, answer.error);
  const isTaken = await stationOf(c.env, chargePointId).takeAnswer(token, answer.value);
  return isTaken ? c.body(null, 204) : answerProblem(c, unknown());
}

const unknown = () => problem('callback-unknown', 'No command waits for an answer here, or not any more.');
