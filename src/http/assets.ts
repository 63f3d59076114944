/** Hands out the static assets: the console, the reference and the page that shows it. Open to everyone: all is public. */
import { Hono, type Context } from 'hono';
import { problem } from '../problem.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';

/** Nothing but what we serve runs or loads, and no other site shows it in a frame. */
const CONSOLE_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'";
/** The page of the reference makes its styles itself. */
const DOCS_POLICY = `${CONSOLE_POLICY}; style-src 'self' 'unsafe-inline'; img-src 'self' data:`;

/** A file's name has a hash of its content, so that it never changes. */
const HASHED = /-[A-Z0-9a-z]{8}\.(?:js|css|svg)$/;

/** Any path of the console that is no file is a page of it: the script finds out which. */
export function assetRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/openapi.json', (c) => serve(c, '/openapi.json', DOCS_POLICY))
    .get('/docs', (c) => serve(c, '/docs/index.html', DOCS_POLICY))
    .get('/docs/redoc.js', (c) => serve(c, '/docs/redoc.js', DOCS_POLICY))
    .get('/console', (c) => serve(c, '/console/index.html', CONSOLE_POLICY))
    .get('/console/*', (c) => {
      const { pathname } = new URL(c.req.url);
      return serve(c, HASHED.test(pathname) ? pathname : '/console/index.html', CONSOLE_POLICY);
    });
}

async function serve(c: Context<AppEnv>, path: string, policy: string): Promise<Response> {
  const conditions = c.req.header('if-none-match');
  const asset = await c.env.ASSETS.fetch(new URL(path, 'https://assets.local'), {
    headers: conditions === undefined ? {} : { 'if-none-match': conditions },
  });
  if (asset.status !== 200 && asset.status !== 304)
    return answerProblem(c, problem('not-found', 'Nothing is served at this path.'));
  const headers = new Headers(asset.headers);
  headers.set('content-security-policy', policy);
  headers.set('x-content-type-options', 'nosniff');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('cache-control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
  return new Response(asset.body, { status: asset.status, headers });
}
