/** Sessions across chargers: listed by filters, and found by an id token. Needs the admin token. */
import { Hono, type Context } from 'hono';
import * as z from 'zod';
import { problem, type Problem } from '../problem.ts';
import { PROVIDERS } from '../providers/index.ts';
import { err, ok, type Result } from '../result.ts';
import { WARNING_CODES } from '../station/steering/profile-view.ts';
import { tokenHmac } from '../storage/token-hmac.ts';
import { findSessions, SESSION_STATES, type NotedSession, type SessionKey } from '../storage/sessions.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { requireAdmin } from './bearer.ts';
import { readJson } from './body.ts';
import { cursorAfter, readPage, type Page } from './page.ts';

const moment = z.iso.datetime({ offset: true, error: 'must be an instant in RFC 3339' });
const FILTERS = {
  from: moment.optional(),
  to: moment.optional(),
  provider: z.enum(PROVIDERS.map(({ name }) => name)).optional(),
  chargePointId: z.string().min(1).max(255).optional(),
  state: z.enum(SESSION_STATES).optional(),
  flag: z.enum(WARNING_CODES).optional(),
};
const Filters = z.object(FILTERS);
/** Strict, because a misspelt filter would otherwise mean "all". */
export const SessionSearch = z.strictObject({
  idToken: z.string().min(1).max(255),
  ...FILTERS,
  limit: z.int().min(1).max(500).optional(),
  cursor: z.string().optional(),
});

/** The two routes. A token never stands in a URL, so it is searched for by POST. */
export function sessionRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/api/sessions', requireAdmin(...Object.keys(FILTERS), 'limit', 'cursor'), (c) => list(c))
    .post('/api/sessions/search', requireAdmin(), (c) => search(c));
}

async function list(c: Context<AppEnv>): Promise<Response> {
  const page = readPage(c.req.query());
  if (!page.ok) return answerProblem(c, page.error);
  const filters = Filters.safeParse(c.req.query());
  if (!filters.success) return answerProblem(c, problem('query-invalid', sentenceOf(filters.error)));
  return show(c, filters.data, page.value);
}

async function search(c: Context<AppEnv>): Promise<Response> {
  const body = await readJson(c.req.raw);
  if (!body.ok) return answerProblem(c, body.error);
  const read = SessionSearch.safeParse(body.value);
  if (!read.success) return answerProblem(c, problem('envelope-invalid', sentenceOf(read.error)));
  const { idToken, limit, cursor, ...filters } = read.data;
  const given = { ...(limit !== undefined && { limit: String(limit) }), ...(cursor !== undefined && { cursor }) };
  const page = readPage(given);
  if (!page.ok) return answerProblem(c, page.error);
  const hmac = tokenHmac(c.get('config').pairingCodePepper, idToken);
  if (hmac === undefined) return answerProblem(c, keyMissing());
  return show(c, { ...filters, tokenHmac: hmac }, page.value);
}

async function show(
  c: Context<AppEnv>,
  { from, to, ...filters }: z.output<typeof Filters> & { readonly tokenHmac?: string },
  { limit, after: key }: Page,
): Promise<Response> {
  const after = key === '' ? ok(undefined) : readKey(key);
  if (!after.ok) return answerProblem(c, after.error);
  const query = { ...filters, from: msOf(from), to: msOf(to), limit, after: after.value };
  const sessions = await findSessions(c.env.DB, query);
  const keys = sessions.map(({ startedAt, chargePointId, transactionId }) =>
    JSON.stringify([startedAt, chargePointId, transactionId]),
  );
  return c.json({ sessions: sessions.map(viewOf), cursor: cursorAfter(keys, limit) });
}

const keyMissing = () =>
  problem('misconfigured', 'Without PAIRING_CODE_PEPPER tokens are not noted, so none can be found.');

const msOf = (instant: string | undefined) => (instant === undefined ? undefined : Date.parse(instant));

const Key = z.tuple([z.int(), z.string(), z.string()]);

function readKey(text: string): Result<SessionKey, Problem> {
  const invalid = err(problem('cursor-invalid', 'cursor is not one that this list gave out.'));
  try {
    const read = Key.safeParse(JSON.parse(text));
    if (!read.success) return invalid;
    const [startedAt, chargePointId, transactionId] = read.data;
    return ok({ startedAt, chargePointId, transactionId });
  } catch {
    return invalid;
  }
}

function viewOf({ startedAt, endedAt, ...session }: NotedSession) {
  return {
    ...session,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
}

function sentenceOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'is not right'}.`;
}
