/** Whether an answer is one that the reference documents. Pure. */
import { PROBLEMS, type ProblemReason } from '../src/problem.ts';
import { answerSchema, reasonsOf, type Operation } from './operation.ts';
import { OPERATIONS } from './operations/index.ts';
import { Problem } from './answers/index.ts';

const statusOf = (reason: ProblemReason): number => PROBLEMS[reason].status;

/** The operation of a request; undefined when the path or the method is not served. `path` is without the query. */
export function operationOf(method: string, path: string): Operation | undefined {
  return OPERATIONS.find((each) => each.method === method && patternOf(each.path).test(path));
}

function patternOf(path: string): RegExp {
  const literal = path.split(/\{\w+\}/).map((part) => part.replaceAll('.', String.raw`\.`));
  return new RegExp(`^${literal.join('[^/]+')}$`);
}

/** What is wrong with an answer to a documented operation; undefined when nothing is. `body` is undefined for none. */
export function faultOf(operation: Operation, status: number, body: unknown): string | undefined {
  const schema = answerSchema(operation, status, statusOf);
  if (schema === undefined) return `${operation.id} has no status ${status}: ${JSON.stringify(body)}`;
  if (schema === null) return body === undefined ? undefined : `${operation.id} has no body with ${status}`;
  const read = schema.safeParse(body);
  if (!read.success) return `${operation.id} ${status}: ${read.error.message}`;
  if (schema !== Problem || operation.answers[status] !== undefined) return undefined;
  const { reason } = Problem.parse(body);
  return reasonsOf(operation).includes(reason) ? undefined : `${operation.id} has no reason ${reason}`;
}
