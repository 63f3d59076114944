/** The baseline of the ratios: one row into a Durable Object per webhook, one `UPDATE … RETURNING` in D1 per code. Checks nothing. */
import { DurableObject } from 'cloudflare:workers';

export type BareEnv = { readonly ROWS: DurableObjectNamespace<Rows>; readonly DB: D1Database };

export class Rows extends DurableObject<BareEnv> {
  constructor(ctx: DurableObjectState, env: BareEnv) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  }

  async insert(body: string): Promise<void> {
    this.ctx.storage.sql.exec('INSERT INTO entries (body) VALUES (?)', body);
  }
}

/** `POST /rows/{name}` stores the body; `POST /pair` redeems a code; `PUT /codes` stores codes to redeem. */
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/pair') return pair(env.DB, await request.json<{ code: string }>());
    if (pathname === '/codes') return store(env.DB, await request.json<string[]>());
    if (!pathname.startsWith('/rows/')) return new Response(null, { status: 404 });
    await env.ROWS.getByName(pathname).insert(await request.text());
    return Response.json({ received: 1 }, { status: 202 });
  },
} satisfies ExportedHandler<BareEnv>;

async function pair(db: D1Database, { code }: { readonly code: string }): Promise<Response> {
  const sql = 'UPDATE codes SET used_at = ? WHERE code = ? AND used_at IS NULL RETURNING charge_point_id';
  const row = await db.prepare(sql).bind(Date.now(), code).first();
  return row === null ? new Response(null, { status: 404 }) : Response.json(row);
}

async function store(db: D1Database, codes: readonly string[]): Promise<Response> {
  const insert = db.prepare('INSERT INTO codes (code, charge_point_id) VALUES (?, ?)');
  await db.batch(codes.map((code) => insert.bind(code, `cp-${code}`)));
  return new Response(null, { status: 204 });
}
