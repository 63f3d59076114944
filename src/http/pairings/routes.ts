/** `/api/chargers/{id}/pairings` and `/pairing-codes`: the CSMS's side of pairing. Refuses by problem. */
import { Hono, type Context } from 'hono';
import { displayOf } from '../../pairing/code.ts';
import { issueCode } from '../../pairing/issue.ts';
import { pairCharger, type PairRequest } from '../../pairing/pair.ts';
import { listPairings } from '../../pairing/pairings.ts';
import { unpairCharger } from '../../pairing/unpair.ts';
import { err, ok } from '../../result.ts';
import { findCharger } from '../../storage/chargers.ts';
import { answerProblem } from '../answer.ts';
import type { AppEnv } from '../app-env.ts';
import { requireCsms } from '../bearer.ts';
import { readJson } from '../body.ts';
import { chargerUnknown } from '../chargers/view.ts';
import { onceByKey, type KeptAnswer } from '../idempotency.ts';
import { pairingContextOf } from './context.ts';
import { readCodeRequest, readPairRequest } from './schema.ts';
import { pairingViewOf } from './view.ts';

const CHARGER = '/api/chargers/:chargePointId';

/** The four calls on pairings. */
export function pairingRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .post(`${CHARGER}/pairings`, requireCsms(), (c) => pair(c, c.req.param('chargePointId')))
    .get(`${CHARGER}/pairings`, requireCsms(), (c) => list(c, c.req.param('chargePointId')))
    .delete(`${CHARGER}/pairings/:provider`, requireCsms(), (c) =>
      unpair(c, c.req.param('chargePointId'), c.req.param('provider')),
    )
    .post(`${CHARGER}/pairing-codes`, requireCsms(), (c) => issue(c, c.req.param('chargePointId')));
}

async function pair(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const body = await readJson(c.req.raw);
  if (!body.ok) return answerProblem(c, body.error);
  const request = readPairRequest(body.value);
  if (!request.ok) return answerProblem(c, request.error);
  const pairing = onceByKey(c, request.value, () => pairOnce(c, chargePointId, request.value));
  // The platform ends a request when its caller hangs up. This lets the work go on, because the provider was asked.
  c.executionCtx.waitUntil(pairing);
  const { outcome, isReplayed } = await pairing;
  const response = outcome.ok ? c.json(outcome.value, 201) : answerProblem(c, outcome.error);
  if (isReplayed) response.headers.set('idempotency-replayed', 'true');
  return response;
}

async function pairOnce(c: Context<AppEnv>, chargePointId: string, request: PairRequest): Promise<KeptAnswer> {
  const charger = await findCharger(c.env.DB, chargePointId);
  if (charger === undefined) return err(chargerUnknown());
  const paired = await pairCharger(pairingContextOf(c), charger, request);
  return paired.ok ? ok(pairingViewOf(paired.value)) : paired;
}

async function issue(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const body = await readJson(c.req.raw);
  if (!body.ok) return answerProblem(c, body.error);
  const request = readCodeRequest(body.value);
  if (!request.ok) return answerProblem(c, request.error);
  const charger = await findCharger(c.env.DB, chargePointId);
  if (charger === undefined) return answerProblem(c, chargerUnknown());
  const issued = await issueCode(pairingContextOf(c), charger, request.value);
  if (!issued.ok) return answerProblem(c, issued.error);
  const { code, expiresAt } = issued.value;
  const { provider } = request.value;
  const display = displayOf(code);
  return c.json({ code, display, provider, chargePointId, expiresAt: new Date(expiresAt).toISOString() }, 201);
}

async function list(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const [charger, pairings] = await Promise.all([
    findCharger(c.env.DB, chargePointId),
    listPairings(c.env.DB, chargePointId, Date.now()),
  ]);
  if (charger === undefined) return answerProblem(c, chargerUnknown());
  return c.json({ pairings: pairings.map(pairingViewOf) });
}

async function unpair(c: Context<AppEnv>, chargePointId: string, provider: string): Promise<Response> {
  const charger = await findCharger(c.env.DB, chargePointId);
  if (charger === undefined) return answerProblem(c, chargerUnknown());
  const unpaired = await unpairCharger(pairingContextOf(c), charger, provider);
  return unpaired.ok ? c.body(null, 204) : answerProblem(c, unpaired.error);
}
