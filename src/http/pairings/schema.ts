/** The bodies of the pairing routes. Pure; names every bad field, drops unknown ones. */
import * as z from 'zod';
import type { CodeRequest } from '../../pairing/issue.ts';
import type { PairRequest } from '../../pairing/pair.ts';
import { problem, type Problem } from '../../problem.ts';
import { err, ok, type Result } from '../../result.ts';
import { fieldErrors } from '../chargers/schema.ts';

const Target = {
  provider: z.string().min(1).max(64),
  format: z.enum(['ocpp', 'ocpi']).default('ocpp'),
  evseUid: z.string().min(1).max(36).optional(),
};

/** The code goes to the provider as it was typed, but for the spaces around it. */
export const PairBody = z.object({ ...Target, code: z.string().trim().min(1).max(64) });

/** From a minute to 90 days, because codes are shown on a screen, e-mailed, or sent by letter. */
export const CodeBody = z
  .object({ ...Target, ttlSeconds: z.int().min(60).max(7_776_000).default(900) })
  .transform(({ ttlSeconds, ...rest }) => ({ ...rest, ttlMs: ttlSeconds * 1000 }));

/** Reads `POST …/pairings`; 'pairing-invalid' with one entry for each bad field. */
export function readPairRequest(body: unknown): Result<PairRequest, Problem> {
  return read(PairBody, body);
}

/** Reads `POST …/pairing-codes`; 'pairing-invalid' with one entry for each bad field. */
export function readCodeRequest(body: unknown): Result<CodeRequest, Problem> {
  return read(CodeBody, body);
}

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): Result<z.output<Schema>, Problem> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return ok(parsed.data);
  const errors = fieldErrors(parsed.error);
  const paths = errors.map(({ path }) => path).join(', ');
  return err(problem('pairing-invalid', `Missing or invalid: ${paths}.`, { errors }));
}
