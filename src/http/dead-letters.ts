/** `/api/dead-letters`: the messages that were given up. Listed, sent again, dropped. Needs the admin token. */
import { Hono, type Context } from 'hono';
import * as z from 'zod';
import { maskIdTokens } from '../charging/mask.ts';
import { findLetter, findLetters } from '../operations/letters.ts';
import { dropLetter, purgeMatching } from '../operations/purge.ts';
import { replay, replayMatching } from '../operations/replay.ts';
import { problem, type Problem } from '../problem.ts';
import { err, ok, type Result } from '../result.ts';
import type { LetterFilter, StoredLetter } from '../storage/dead-letters.ts';
import { summarizeLetters } from '../storage/letter-summary.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { requireAdmin } from './bearer.ts';
import { readJson } from './body.ts';
import { cursorOf, readPage } from './page.ts';

const QUERY = ['provider', 'chargePointId', 'reason', 'limit', 'cursor', 'idTokens'];

const text = z.string().min(1).max(255).optional();
/** Strict, because a misspelt filter would otherwise mean "all". */
export const Filter = z.strictObject({
  provider: text,
  chargePointId: text,
  reason: text,
  cursor: z.string().optional(),
});

/** The routes of parked messages. `idTokens=plain` shows id tokens in full in the listing. */
export function deadLetterRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/api/dead-letters', requireAdmin(...QUERY), (c) => list(c))
    .get('/api/dead-letters/summary', requireAdmin('provider', 'chargePointId', 'reason'), (c) => summary(c))
    .post('/api/dead-letters/replay', requireAdmin(), (c) => replayFiltered(c))
    .post('/api/dead-letters/purge', requireAdmin(), (c) => purge(c))
    .post('/api/dead-letters/:deliveryId/replay', requireAdmin(), (c) => replayOne(c, c.req.param('deliveryId')))
    .delete('/api/dead-letters/:deliveryId', requireAdmin(), (c) => drop(c, c.req.param('deliveryId')));
}

async function list(c: Context<AppEnv>): Promise<Response> {
  const page = readPage(c.req.query());
  if (!page.ok) return answerProblem(c, page.error);
  const { provider, chargePointId, reason } = c.req.query();
  const { letters, next } = await findLetters(c.env, { provider, chargePointId, reason }, page.value);
  const isPlain = c.req.query('idTokens') === 'plain';
  return c.json({ deadLetters: letters.map((letter) => viewOf(letter, isPlain)), cursor: cursorOf(next) });
}

async function summary(c: Context<AppEnv>): Promise<Response> {
  const { provider, chargePointId, reason } = c.req.query();
  const { groups, ...rest } = await summarizeLetters(c.env.DB, { provider, chargePointId, reason });
  const shown = groups.map(({ oldestAt, ...group }) => ({
    ...group,
    oldestParkedAt: new Date(oldestAt).toISOString(),
  }));
  return c.json({ groups: shown, ...rest });
}

function viewOf({ deliveryId, chargePointId, parkedAt, record }: StoredLetter, isPlain: boolean) {
  const { provider, reason, attempts, receivedAt, deliverables, answer } = record;
  const payload = deliverables.map(({ message, event }) => message ?? { event });
  return {
    deliveryId,
    provider,
    chargePointId,
    reason,
    attempts,
    receivedAt: new Date(receivedAt).toISOString(),
    parkedAt: new Date(parkedAt).toISOString(),
    lastAnswer: answer ?? null,
    payload: isPlain ? payload : maskIdTokens(payload),
  };
}

async function replayOne(c: Context<AppEnv>, deliveryId: string): Promise<Response> {
  const letter = await findLetter(c.env, deliveryId);
  if (letter === undefined) return answerProblem(c, letterUnknown());
  return c.json({ replayed: await replay(c.env, [letter], c.get('requestId')) }, 202);
}

async function drop(c: Context<AppEnv>, deliveryId: string): Promise<Response> {
  const isDropped = await dropLetter(c.env, deliveryId, c.get('requestId'));
  return isDropped ? c.body(null, 204) : answerProblem(c, letterUnknown());
}

async function replayFiltered(c: Context<AppEnv>): Promise<Response> {
  const order = await readOrder(c);
  if (!order.ok) return answerProblem(c, order.error);
  const { filter, ...run } = order.value;
  const { replayed, next } = await replayMatching(c.env, filter, run);
  return c.json({ replayed, cursor: cursorOf(next && `${run.now} ${next}`) }, 202);
}

async function purge(c: Context<AppEnv>): Promise<Response> {
  const order = await readOrder(c);
  if (!order.ok) return answerProblem(c, order.error);
  const { filter, ...run } = order.value;
  if (Object.values(filter).every((value) => value === undefined)) {
    return answerProblem(c, problem('envelope-invalid', 'A purge names a provider, chargePointId or reason.'));
  }
  const { purged, next } = await purgeMatching(c.env, filter, run);
  return c.json({ purged, cursor: cursorOf(next && `${run.now} ${next}`) }, 202);
}

type Order = {
  readonly filter: LetterFilter;
  readonly now: number;
  readonly after: string;
  readonly requestId: string;
};

/** What is replayed or purged. A cursor has the time of the first request: what is parked since then is left alone. */
async function readOrder(c: Context<AppEnv>): Promise<Result<Order, Problem>> {
  const body = await readJson(c.req.raw);
  if (!body.ok) return body;
  const read = Filter.safeParse(body.value);
  if (!read.success) {
    const detail = 'Only provider, chargePointId and reason limit this, and cursor goes on; each is a text.';
    return err(problem('envelope-invalid', detail));
  }
  const { cursor, ...filter } = read.data;
  const requestId = c.get('requestId');
  if (cursor === undefined) return ok({ filter, now: Date.now(), after: '', requestId });
  const page = readPage({ cursor });
  if (!page.ok) return page;
  const [, now = '', after = ''] = /^(\d{1,15}) ([^]*)$/.exec(page.value.after) ?? [];
  if (now === '') return err(problem('cursor-invalid', 'cursor is not one that this call gave out.'));
  return ok({ filter, now: Number(now), after, requestId });
}

const letterUnknown = (): Problem => problem('dead-letter-unknown', 'Nothing is parked under this id.');
