/** The OpenAPI 3.1 document of everything that is served and sent. Pure. */
import * as z from 'zod';
import { PROBLEMS, type ProblemReason } from '../src/problem.ts';
import { BODIES, Command, Notification } from './bodies.ts';
import { answerSchema, isConditional, reasonsOf, type Caller, type Operation } from './operation.ts';
import { OPERATIONS } from './operations/index.ts';
import { ANSWERS } from './answers/index.ts';

type Json = Record<string, unknown>;

const uri = (id: string) => `#/components/schemas/${id}`;
const statusOf = (reason: ProblemReason): number => PROBLEMS[reason].status;

/** The schemes of each caller; any one of them will do. */
const SECURITY: Readonly<Record<Caller, readonly Json[]>> = {
  everyone: [{}],
  csms: [{ csmsToken: [] }, { adminToken: [] }, { consoleSession: [] }, { cloudflareAccess: [] }],
  admin: [{ adminToken: [] }, { consoleSession: [] }, { cloudflareAccess: [] }],
  jedlix: [{ jedlixToken: [] }],
  stekker: [{ stekkerSecret: [] }, { stekkerKey: [] }],
  webhook: [{ csmsToken: [] }, { webhookSignature: [] }, {}],
};

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description });
const header = (name: string, description: string) => ({ type: 'apiKey', in: 'header', name, description });

const SECURITY_SCHEMES = {
  csmsToken: bearer(
    'A token of CSMS_TOKENS. Webhooks also take `Authorization: Token <token>`, and the token in the path.',
  ),
  adminToken: bearer('A token of ADMIN_TOKEN.'),
  consoleSession: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-scsp-session',
    description: 'Of `POST /console/session`. Writes also need the header `x-scsp-console`.',
  },
  cloudflareAccess: header(
    'cf-access-jwt-assertion',
    'What Cloudflare Access adds, where ACCESS_TEAM_DOMAIN and ACCESS_AUD are set. Writes need `x-scsp-console` too.',
  ),
  jedlixToken: bearer('A token of JEDLIX_INBOUND_TOKENS.'),
  stekkerSecret: header('secret', 'A key of STEKKER_INBOUND_KEY.'),
  stekkerKey: header('x-functions-key', 'A key of STEKKER_INBOUND_KEY.'),
  webhookSignature: header('webhook-signature', 'Standard Webhooks, under a secret of CSMS_WEBHOOK_SECRETS.'),
};

const TAGS = {
  Webhooks: 'What a CSMS and its chargers said to each other, and what we send to the CSMS.',
  Chargers: 'The registry of chargers.',
  Pairing: 'Which provider steers which charger.',
  Operations: 'What the engineer on call sees and does.',
  Console: 'Signing in to the console of the operator, at `/console`.',
  Jedlix: 'What Jedlix calls. Errors have the form that Jedlix documents.',
  Stekker: 'What Stekker calls.',
};

const HEADERS = {
  'x-request-id': { schema: { type: 'string' }, description: 'Names the request in every log line.' },
  'retry-after': {
    schema: { type: 'integer' },
    description: 'After so many seconds the same request may be sent again.',
  },
};
const headerRef = (name: keyof typeof HEADERS) => ({ [name]: { $ref: `#/components/headers/${name}` } });

const PATH_VALUES: Readonly<Record<string, Json>> = {
  csms: { type: 'string', enum: ['ocpp', 'citrineos', 'ocpp-event'] },
  chargePointId: { type: 'string', minLength: 1, maxLength: 64 },
};

/** The whole document; `version` is that of the package. */
export function openApi(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'scsp-edge',
      version,
      summary: 'Smart charging providers behind one API',
      description:
        'A CSMS posts what its chargers say to `/webhooks`, registers chargers and pairs them. ' +
        'Smart charging providers verify codes and send charging profiles.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'this deployment' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: pathsOf(OPERATIONS),
    webhooks: {
      command: sent('Command', 'What we ask a charger to do, when CSMS_COMMANDS is `ocpp`', Command, {
        200: "The payload of the charger's CALLRESULT",
        404: 'The CSMS does not know the charger',
        503: 'The charger is offline',
      }),
      notification: sent('Notification', 'What the CSMS or its operator should know', Notification, {
        '2XX': 'Taken. Anything else is tried again, or parked',
      }),
    },
    components: { securitySchemes: SECURITY_SCHEMES, headers: HEADERS, schemas: schemas() },
  };
}

function schemas(): Json {
  const options: Parameters<typeof z.toJSONSchema>[1] & { uri: typeof uri } = {
    uri,
    unrepresentable: 'any',
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => withoutBounds(jsonSchema),
  };
  const all = {
    ...z.toJSONSchema(BODIES, { ...options, io: 'input' }).schemas,
    ...z.toJSONSchema(ANSWERS, { ...options, io: 'output' }).schemas,
  };
  const plain = Object.entries(all).map(([id, schema]) => {
    const { $schema: _, $id: __, id: ___, ...rest } = schema;
    return [id, rest] as const;
  });
  return Object.fromEntries(plain.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** That a number is one that JavaScript can hold says nothing to a reader. */
function withoutBounds(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

function pathsOf(operations: readonly Operation[]): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = operationOf(operation);
  }
  return paths;
}

function operationOf(operation: Operation): Json {
  const { id, tag, summary, body, examples, caller } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    security: SECURITY[caller],
    parameters: parametersOf(operation),
    ...(body !== undefined && { requestBody: { required: true, content: contentOf(body, examples) } }),
    responses: responsesOf(operation),
  };
}

function parametersOf({ path, query = {}, headers = {} }: Operation): Json[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const optional =
    (place: string) =>
    ([name, description]: [string, string]) => ({
      name,
      in: place,
      required: false,
      description,
      schema: name === 'limit' ? { type: 'integer', minimum: 1, maximum: 500 } : { type: 'string' },
    });
  return [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: PATH_VALUES[name] ?? { type: 'string' } })),
    ...Object.entries(query).map(optional('query')),
    ...Object.entries(headers).map(optional('header')),
  ];
}

function responsesOf(operation: Operation): Json {
  const reasons = operation.refusals === undefined ? reasonsOf(operation) : [];
  const statuses = [
    ...Object.keys(operation.answers).map(Number),
    ...reasons.map(statusOf),
    ...(operation.refusals ?? []),
    ...(isConditional(operation) ? [304] : []),
  ];
  const responses = [...new Set(statuses)]
    .toSorted((a, b) => a - b)
    .map((status) => [
      status,
      responseOf(
        operation,
        status,
        reasons.filter((reason) => statusOf(reason) === status),
      ),
    ]);
  return Object.fromEntries(responses);
}

/** Errors of ours are problem documents; Jedlix's are its own. */
function responseOf(operation: Operation, status: number, reasons: readonly ProblemReason[]): Json {
  const schema = answerSchema(operation, status, statusOf);
  const isProblem = reasons.length > 0 && operation.answers[status] === undefined;
  const said = reasons.map((reason) => `\`${reason}\``).join(', ');
  const description = isProblem ? `One of: ${said}.` : descriptionOf(schema);
  const retry = status === 429 || status === 500 || status === 503;
  return {
    description,
    headers: {
      ...headerRef('x-request-id'),
      ...(retry && headerRef('retry-after')),
    },
    ...(schema !== null &&
      schema !== undefined && {
        content: contentOf(schema, undefined, isProblem ? 'application/problem+json' : 'application/json'),
      }),
  };
}

const descriptionOf = (schema: z.ZodType | null | undefined) =>
  (schema && ANSWERS.get(schema)?.description) ?? 'Done; no body.';

function contentOf(schema: z.ZodType, examples: Json | undefined, type = 'application/json'): Json {
  const id = BODIES.get(schema)?.id ?? ANSWERS.get(schema)?.id;
  if (id === undefined) throw new Error('a schema without a name');
  const shown = Object.entries(examples ?? {}).map(([name, value]) => [
    name.replaceAll(/\W+/g, '-'),
    { summary: name, value },
  ]);
  return { [type]: { schema: { $ref: uri(id) }, ...(shown.length > 0 && { examples: Object.fromEntries(shown) }) } };
}

function sent(operationId: string, summary: string, body: z.ZodType, answers: Readonly<Record<string, string>>): Json {
  const responses = Object.entries(answers).map(([status, description]) => [status, { description }]);
  return {
    post: {
      operationId: `receive${operationId}`,
      tags: ['Webhooks'],
      summary,
      security: [{ webhookSignature: [] }],
      requestBody: { required: true, content: contentOf(body, undefined) },
      responses: Object.fromEntries(responses),
    },
  };
}
