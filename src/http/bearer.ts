/** Who may call our own API: the CSMS by its token, or the operator. Refuses everyone while no token is set. */
import type { MiddlewareHandler } from 'hono';
import type { Config } from '../config.ts';
import { problem, type Problem } from '../problem.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { CONSOLE_HEADER, isMeant, operatorOf } from './operator.ts';
import { credentialOf, recognise } from '../secret.ts';

/** Needs a CSMS token or the admin token (else 401), and no query parameters but those named (else 400). */
export const requireCsms = requireToken(({ csmsTokens, adminTokens }) => [csmsTokens, adminTokens]);

/** Needs the admin token (else 401, also for a CSMS token), and no query parameters but those named (else 400). */
export const requireAdmin = requireToken(({ adminTokens }) => [adminTokens]);

/**
 * A caller who presents no token may be an operator in a browser. Every list is compared, so that the time an answer
 * takes does not tell which list has the token.
 */
function requireToken(
  listsOf: (config: Config) => readonly (readonly string[])[],
): (...parameters: readonly string[]) => MiddlewareHandler<AppEnv> {
  return (...parameters) =>
    async (c, next) => {
      const credential = credentialOf(c.req.header('authorization'));
      const [caller] = listsOf(c.get('config')).flatMap((tokens) => recognise(credential, tokens) ?? []);
      const operator = await operatorOf(c);
      if (operator === undefined && caller === undefined) return answerProblem(c, unauthorized());
      if (operator !== undefined && !isMeant(c, operator)) return answerProblem(c, headerMissing());
      c.set('caller', operator ? { by: 'operator', caller: operator.caller } : { by: 'csms', caller: caller ?? '' });
      const unknown = Object.keys(c.req.queries()).find((name) => !parameters.includes(name));
      return unknown === undefined ? next() : answerProblem(c, queryInvalid(unknown));
    };
}

/** The answer to missing and to wrong credentials: both get the same one. */
export function unauthorized(): Problem {
  return problem('unauthorized', 'No accepted credentials came with the request.');
}

function headerMissing(): Problem {
  return problem('console-header-missing', `A browser's writes need the header ${CONSOLE_HEADER}.`);
}

function queryInvalid(name: string): Problem {
  return problem('query-invalid', `There is no query parameter "${name.slice(0, 64)}" here.`);
}
