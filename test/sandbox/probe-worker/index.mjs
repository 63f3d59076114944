// A Worker that shows what the sandbox gives it: settings, storage, alarms, cron, and calls from a Durable Object; it does nothing else.
import { DurableObject } from 'cloudflare:workers';

export class ChargingStation extends DurableObject {
  turnsInMemory = 0;

  async call(url, timeoutMs) {
    const controller = new AbortController();
    // A pending AbortSignal.timeout would keep the object in memory, and its eviction waiting.
    const timer = setTimeout(() => controller.abort(new Error('timed out')), timeoutMs);
    try {
      const response = await fetch(url, { method: 'POST', redirect: 'manual', signal: controller.signal });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      return { threw: error.message };
    } finally {
      clearTimeout(timer);
    }
  }

  async count() {
    const stored = ((await this.ctx.storage.get('count')) ?? 0) + 1;
    await this.ctx.storage.put('count', stored);
    this.turnsInMemory += 1;
    return { stored, inMemory: this.turnsInMemory };
  }

  async arm(delayMs) {
    await this.ctx.storage.setAlarm(Date.now() + delayMs);
  }

  async alarm() {
    await this.ctx.storage.put('rang', true);
  }

  async hasRung() {
    return (await this.ctx.storage.get('rang')) ?? false;
  }
}

const answers = {
  '/settings': (env) => Object.fromEntries(Object.entries(env).filter(([, value]) => typeof value === 'string')),
  '/probes': async (env) => (await env.DB.prepare('SELECT id FROM probes').all()).results,
  '/call': (_env, station, query) => station.call(query.get('url'), Number(query.get('timeoutMs') ?? 5000)),
  '/count': (_env, station) => station.count(),
  '/arm': async (_env, station, query) => ({ armed: await station.arm(Number(query.get('delayMs'))) }),
  '/has-rung': (_env, station) => station.hasRung(),
};

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const answer = answers[pathname];
    if (!answer) return new Response(null, { status: 404 });
    return Response.json(await answer(env, env.CHARGING_STATION.getByName('only'), searchParams));
  },
  async scheduled(controller, env) {
    console.log(`cron ${controller.cron}`);
    await env.DB.prepare('INSERT INTO probes VALUES (?)').bind(crypto.randomUUID()).run();
  },
};
