/** Who may call our own API: the CSMS or the operator by bearer token. Refuses everyone when no token is set. */
import type { MiddlewareHandler } from 'hono';
import type { Config } from '../config.ts';
import { problem, type Problem } from '../problem.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { credentialOf, isOneOf, recognise } from '../secret.ts';

/** Lets in a CSMS token or the admin token, 401 otherwise; and the query parameters named, 400 for any other. */
export const requireCsms = requireToken(({ csmsTokens, adminTokens }) => [csmsTokens, adminTokens]);

/** Lets in the admin token only, 401 for a CSMS token too; and the query parameters named, 400 for any other. */
export const requireAdmin = requireToken(({ adminTokens }) => [adminTokens]);

/** Every list is looked through, so that the time an answer takes does not tell which one knew the token. */
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

/** The one answer to missing and wrong credentials alike. */
export function unauthorized(): Problem {
  return problem('unauthorized', 'No accepted credentials came with the request.');
}

function queryInvalid(name: string): Problem {
  return problem('query-invalid', `There is no query parameter "${name.slice(0, 64)}" here.`);
}
