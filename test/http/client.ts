/** Calls the Worker under test as its callers would, and makes up chargers that no other test has. */
import { exports } from 'cloudflare:workers';
import { expect } from 'vitest';
import * as z from 'zod';
import { faultOf, operationOf } from '../../reference/check-answer.ts';
import { CSMS_TOKEN } from '../settings.ts';

const ORIGIN = 'https://scsp.test';

export type Call = {
  readonly method?: string;
  /** Bearer token; null for none. The CSMS's own when left out. */
  readonly token?: string | null;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly body?: BodyInit;
  readonly headers?: Record<string, string>;
};

/** A request to the Worker: GET, or POST with a body, unless told otherwise. */
export function requestTo(path: string, { method, token = CSMS_TOKEN, json, body, headers = {} }: Call = {}): Request {
  const payload = json === undefined ? body : JSON.stringify(json);
  return new Request(`${ORIGIN}${path}`, {
    method: method ?? (payload === undefined ? 'GET' : 'POST'),
    headers: {
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(payload === undefined ? {} : { body: payload }),
  });
}

/** Sends it. The answer must be one that the reference documents for the route. */
export async function call(path: string, options?: Call): Promise<Response> {
  const request = requestTo(path, options);
  const response = await exports.default.fetch(request);
  const operation = operationOf(request.method, new URL(request.url).pathname);
  if (operation === undefined) return response;
  const text = await response.clone().text();
  expect(faultOf(operation, response.status, text === '' ? undefined : JSON.parse(text))).toBeUndefined();
  return response;
}

const ProblemBody = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  reason: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** Expects a whole RFC 9457 answer with this status and reason, and gives its body. */
export async function expectProblem(response: Response, status: number, reason: string) {
  const body = ProblemBody.parse(await response.json());
  expect({ status: response.status, reason: body.reason }).toEqual({ status, reason });
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(body).toMatchObject({ type: `urn:scsp-edge:problem:${reason}`, status });
  expect(body.requestId).toBe(response.headers.get('x-request-id'));
  return body;
}

/** An id that no other test has. */
export function freshId(): string {
  return crypto.randomUUID().slice(0, 18);
}

/** The uid of the EVSE of a charger that was made up for this identity. */
export const uidOf = (identity: string): string => `3256-${identity}`;

/** A valid charger; `identity` makes its OCPP identity. */
export function chargerBody(identity: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ocppIdentity: `CP_${identity}`,
    protocol: 'ocpp1.6',
    name: 'Solar 0213',
    locationId: '3',
    country: 'NLD',
    geometry: { type: 'Point', coordinates: [5.365, 52.583] },
    evses: [
      {
        evseId: 1,
        uid: uidOf(identity),
        emi3Id: 'NL*STK*E000002',
        connectors: [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }],
      },
    ],
    ...changes,
  };
}

/** Registers a fresh charger and gives its id. */
export async function registered(changes: Record<string, unknown> = {}): Promise<string> {
  const id = freshId();
  const response = await call(`/api/chargers/${id}`, { method: 'PUT', json: chargerBody(id, changes) });
  expect(response.status).toBe(201);
  return id;
}

/** A native webhook event of a charger: a meter reading unless the frame says otherwise. */
export function nativeEvent(chargePointId: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    chargePointId,
    protocol: 'ocpp1.6',
    direction: 'cs',
    timestamp: '2026-03-31T13:47:30Z',
    frame: [
      2,
      crypto.randomUUID(),
      'StatusNotification',
      { connectorId: 1, status: 'Available', errorCode: 'NoError' },
    ],
    ...changes,
  };
}
