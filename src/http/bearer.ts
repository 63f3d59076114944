/** Who may call our own API: the CSMS or the operator by bearer token. Refuses everyone when no token is set. */
import type { MiddlewareHandler } from 'hono';
import type { Config } from '../config.ts';
import { problem, type Problem } from '../problem.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { credentialOf, isOneOf, recognise } from '../secret.ts';

/** Lets in a CSMS token or the admin token; 401 otherwise. */
export const requireCsms = requireToken((config) => [...config.csmsTokens, ...adminTokens(config)]);

/** Lets in the admin token only; 401 otherwise, for a CSMS token too. */
export const requireAdmin = requireToken(adminTokens);

function requireToken(tokensOf: (config: Config) => readonly string[]): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const credential = credentialOf(c.req.header('authorization'));
    const caller = recognise(credential, tokensOf(c.get('config')));
    if (caller === undefined) return answerProblem(c, unauthorized());
    const isOperator = isOneOf(credential, adminTokens(c.get('config')));
    c.set('caller', { by: isOperator ? 'operator' : 'csms', caller });
    return next();
  };
}

function adminTokens({ adminToken }: Config): readonly string[] {
  return adminToken === undefined ? [] : [adminToken];
}

/** The one answer to missing and wrong credentials alike. */
export function unauthorized(): Problem {
  return problem('unauthorized', 'No accepted credentials came with the request.');
}
