/** Calls of the JSON API, with the cookie of the console's session. */
import { signal } from '@preact/signals';

/** Who is signed in: undefined until it is known, null when nobody is. */
export const session = signal<{ readonly by?: string } | null | undefined>(undefined);

/** What was wrong with a call, as a sentence. `reason` is one of docs/problems.md, or "network". */
export type Refusal = { readonly status: number; readonly reason: string; readonly detail: string };

/** The answer to a call. What our own Worker answers is trusted to be what the reference says. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** The newest answer to each path, for as long as the page is open: what has not changed is not sent again. */
const seen = new Map<string, { readonly etag: string; readonly value: unknown }>();
const SEEN = 50;

function remember(path: string, etag: string | null, value: unknown): void {
  if (etag === null) return;
  if (seen.size >= SEEN) seen.clear();
  seen.set(path, { etag, value });
}

/** Calls the API. The header shows the Worker that no other site makes the browser write. */
export async function call<T>(method: Method, path: string, body?: unknown): Promise<Answer<T>> {
  const known = method === 'GET' ? seen.get(path) : undefined;
  const headers = {
    accept: 'application/json',
    ...(known && { 'if-none-match': known.etag }),
    ...(method !== 'GET' && { 'x-scsp-console': '1' }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const init = {
    method,
    headers,
    cache: 'no-store',
    ...(body !== undefined && { body: JSON.stringify(body) }),
  } as const;
  const response = await fetch(path, init).catch(() => undefined);
  if (response === undefined) return refused(0, { reason: 'network', detail: 'The Worker cannot be reached.' });
  if (response.status === 304 && known) return { ok: true, value: known.value as T };
  const answer: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  if (response.ok && method === 'GET') remember(path, response.headers.get('etag'), answer);
  if (response.status === 401 && path !== SESSION) session.value = null;
  // A Worker that is not ready says so with 503 and the same answer as when it is.
  if (response.ok || path === '/readyz') return { ok: true, value: answer as T };
  return refused(response.status, answer);
}

function refused(status: number, answer: unknown): { readonly ok: false; readonly refusal: Refusal } {
  const said = (answer ?? {}) as Partial<Refusal>;
  const detail = said.detail ?? `The Worker answered ${status}.`;
  return { ok: false, refusal: { status, reason: said.reason ?? `http-${status}`, detail } };
}

const SESSION = '/console/session';

/** Asks who is signed in. */
export async function findSession(): Promise<void> {
  const answer = await call<{ by: string | null }>('GET', SESSION);
  session.value = answer.ok && answer.value.by !== null ? { by: answer.value.by } : null;
}

/** Exchanges the operator's token for the cookie; gives the refusal when it is not accepted. */
export async function signIn(token: string): Promise<Refusal | undefined> {
  const answer = await call<{ by?: string }>('POST', SESSION, { token });
  if (!answer.ok) return answer.refusal;
  session.value = answer.value ?? {};
  return undefined;
}

/** Ends the session. */
export async function signOut(): Promise<void> {
  await call('DELETE', SESSION);
  session.value = null;
}

/** A path of the API: each part is encoded, and empty filters are left out. */
export function api(
  path: readonly (string | number)[],
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const filters = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  const search = new URLSearchParams(filters).toString();
  const base = `/api/${path.map((part) => encodeURIComponent(part)).join('/')}`;
  return search === '' ? base : `${base}?${search}`;
}
