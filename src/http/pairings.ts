/** `/api/chargers/{id}/pairings` and `/pairing-codes`: the CSMS's side of pairing. Refuses by problem. */
import { Hono, type Context } from 'hono';
import type { Charger } from '../charging/charger.ts';
import { issueCode } from '../pairing/issue.ts';
import { pairCharger } from '../pairing/pair.ts';
import { unpairCharger } from '../pairing/unpair.ts';
import type { Problem } from '../problem.ts';
import { err, ok, type Result } from '../result.ts';
import { findCharger } from '../storage/chargers.ts';
import { listPairings } from '../storage/pairings.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { requireCsms } from './bearer.ts';
import { readJson } from './body.ts';
import { chargerUnknown } from './charger-view.ts';
import { pairingContextOf } from './pairing-context.ts';
import { readCodeRequest, readPairRequest } from './pairing-schema.ts';
import { pairingViewOf } from './pairing-view.ts';

const CHARGER = '/api/chargers/:chargePointId';

/** The four calls on pairings. */
export function pairingRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .post(`${CHARGER}/pairings`, requireCsms, (c) => pair(c, c.req.param('chargePointId')))
    .get(`${CHARGER}/pairings`, requireCsms, (c) => list(c, c.req.param('chargePointId')))
    .delete(`${CHARGER}/pairings/:provider`, requireCsms, (c) =>
      unpair(c, c.req.param('chargePointId'), c.req.param('provider')),
    )
    .post(`${CHARGER}/pairing-codes`, requireCsms, (c) => issue(c, c.req.param('chargePointId')));
}

async function pair(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const order = await readOrder(c, chargePointId, readPairRequest);
  if (!order.ok) return answerProblem(c, order.error);
  const paired = await pairCharger(pairingContextOf(c), order.value.charger, order.value.request);
  return paired.ok ? c.json(pairingViewOf(paired.value), 201) : answerProblem(c, paired.error);
}

async function issue(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const order = await readOrder(c, chargePointId, readCodeRequest);
  if (!order.ok) return answerProblem(c, order.error);
  const { charger, request } = order.value;
  const issued = await issueCode(pairingContextOf(c), charger, request);
  if (!issued.ok) return answerProblem(c, issued.error);
  const { code, expiresAt } = issued.value;
  return c.json({ code, provider: request.provider, chargePointId, expiresAt: new Date(expiresAt).toISOString() }, 201);
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

/** The body first, then the charger: a malformed request costs no query. */
async function readOrder<Request>(
  c: Context<AppEnv>,
  chargePointId: string,
  read: (body: unknown) => Result<Request, Problem>,
): Promise<Result<{ readonly charger: Charger; readonly request: Request }, Problem>> {
  const body = await readJson(c.req.raw);
  if (!body.ok) return body;
  const request = read(body.value);
  if (!request.ok) return request;
  const charger = await findCharger(c.env.DB, chargePointId);
  return charger === undefined ? err(chargerUnknown()) : ok({ charger, request: request.value });
}
