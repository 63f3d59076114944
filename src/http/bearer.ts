/** Who may call our own API: the CSMS or the operator, by bearer token. Refuses everyone while no token is set. */
import type { MiddlewareHandler } from 'hono';
import type { Config } from '../config.ts';
import { problem, type Problem } from '../problem.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { credentialOf, isOneOf, recognise } from '../secret.ts';

/** Needs a CSMS token or the admin token (else 401), and no query parameters but those named (else 400). */
export const requireCsms = requireToken(({ csmsTokens, adminTokens }) => [csmsTokens, adminTokens]);

/** Needs the admin token (else 401, also for a CSMS token), and no query parameters but those named (else 400). */
export const requireAdmin = requireToken(({ adminTokens }) => [adminTokens]);

/** Every list is compared, so that the time an answer takes does not tell which list has the token. */
function requireToken(
  listsOf: (config: Config) => readonly (readonly string[])[],
): (...parameters: readonly string[]) => MiddlewareHandler<AppEnv> {
  return (...parameters) =>
    async (c, next) => {
      const credential = credentialOf(c.req.header('authorization'));
      const [caller] = listsOf(c.get('config')).flatMap((tokens) => recognise(credential, tokens) ?? []);
      if (caller === undefined) return answerProblem(c, unauthorized());
      const isOperator = isOneOf(credential, c.get('config').adminTokens);
      c.set('caller', { by: isOperator ? 'operator' : 'csms', caller });
      const unknown = Object.keys(c.req.queries()).find((name) => !parameters.includes(name));
      return unknown === undefined ? next() : answerProblem(c, queryInvalid(unknown));
    };
}

/** The answer to missing and to wrong credentials: both get the same one. */
export function unauthorized(): Problem {
  return problem('unauthorized', 'No accepted credentials came with the request.');
}

function queryInvalid(name: string): Problem {
  return problem('query-invalid', `There is no query parameter "${name.slice(0, 64)}" here.`);
}
