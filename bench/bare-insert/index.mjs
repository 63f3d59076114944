// The least a Worker can do to keep an event: one SQLite insert in a Durable Object per request. What accepting is compared with.
import { DurableObject } from 'cloudflare:workers';

export class Log extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  }

  async insert(body) {
    this.ctx.storage.sql.exec('INSERT INTO log (body) VALUES (?)', body);
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    await env.LOG.getByName(pathname).insert(await request.text());
    return new Response(null, { status: 202 });
  },
};
