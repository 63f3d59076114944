// The CSMS's calls to the edge's API; a status other than the one awaited stops the demo.
import { parseJson } from '../journal.ts';
import { sandboxSettings } from '../settings.ts';

/** A call with the CSMS's bearer token or another one, and the status that it must have. */
export type CsmsCall = {
  edgeUrl: string;
  method: 'GET' | 'PUT' | 'POST';
  path: string;
  status: number;
  body?: unknown;
  token?: string;
};

/** Calls the edge and gives the answer's body. @throws when the status is another one. */
export async function callAsCsms(call: CsmsCall): Promise<unknown> {
  const { edgeUrl, method, path, status, body, token = sandboxSettings.CSMS_TOKENS } = call;
  const response = await fetch(new URL(path, edgeUrl), {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status !== status) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
  return parseJson(text) ?? text;
}
