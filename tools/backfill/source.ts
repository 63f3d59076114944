/** Where the kept messages are read from: a file, or the GraphQL API of CitrineOS's database (Hasura). */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';

/** Which messages are wanted. */
export type Period = { readonly since: Date; readonly to: Date };

/** Every row of a source; of a file also those outside of the period. @throws with a sentence when it cannot be read. */
export async function rowsFrom(source: string, period: Period, secret?: string): Promise<readonly unknown[]> {
  return /^https?:/.test(source) ? fromCitrineos(source, period, secret) : fromFile(source);
}

/** A JSON list, or a JSON value on each line. */
async function fromFile(path: string): Promise<readonly unknown[]> {
  const text = await readFile(path, 'utf8');
  if (text.trimStart().startsWith('[')) return z.array(z.unknown()).parse(JSON.parse(text));
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as unknown);
}

const QUERY = `query Kept($since: timestamptz!, $to: timestamptz!, $after: Int!, $limit: Int!) {
  OCPPMessages(where: { timestamp: { _gte: $since, _lt: $to }, id: { _gt: $after } }, order_by: { id: asc }, limit: $limit) {
    id stationId correlationId origin protocol action message timestamp
  }
}`;
const PAGE = 1000;

const Answer = z.object({
  data: z.object({ OCPPMessages: z.array(z.looseObject({ id: z.number() })) }).optional(),
  errors: z.array(z.looseObject({ message: z.string() })).optional(),
});

async function fromCitrineos(
  url: string,
  { since, to }: Period,
  secret: string | undefined,
): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for (let after = 0; ;) {
    const variables = { since: since.toISOString(), to: to.toISOString(), after, limit: PAGE };
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(secret !== undefined && { 'x-hasura-admin-secret': secret }) },
      body: JSON.stringify({ query: QUERY, variables }),
    });
    const { data, errors = [] } = Answer.parse(await response.json());
    if (data === undefined)
      throw new Error(`CitrineOS: ${errors.map(({ message }) => message).join('; ') || response.status}`);
    rows.push(...data.OCPPMessages);
    const last = data.OCPPMessages.at(-1);
    if (last === undefined || data.OCPPMessages.length < PAGE) return rows;
    after = last.id;
  }
}
