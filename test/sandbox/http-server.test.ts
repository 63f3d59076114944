import { afterEach, describe, expect, it } from 'vitest';
import { startHttpServer, type Fault, type HttpServer } from '../../sandbox/http-server.ts';

let server: HttpServer;
let handled: string[];

async function startWith(fault: Fault): Promise<void> {
  handled = [];
  server = await startHttpServer({
    faults: () => fault,
    handle(request) {
      handled.push(
        `${request.method} ${request.path}?${request.query.toString()} ${request.headers['x-name']} ${request.bodyText}`,
      );
      return { status: 201, headers: { 'x-answer': 'yes' }, body: { done: true } };
    },
  });
}

afterEach(() => server.close());

const post = (init: RequestInit = {}) =>
  fetch(`${server.url}/a/b?c=1`, { method: 'POST', headers: { 'X-Name': 'n' }, body: 'é', ...init });

describe('the HTTP server under the stand-ins', () => {
  it('hands method, path, query, headers and body to the handler, and sends its answer as JSON', async () => {
    await startWith('none');
    const response = await post();
    expect(handled).toEqual(['POST /a/b?c=1 n é']);
    expect([response.status, response.headers.get('x-answer'), await response.json()]).toEqual([
      201,
      'yes',
      { done: true },
    ]);
  });

  it('breaks the connection before the handler on reset', async () => {
    await startWith('reset');
    await expect(post()).rejects.toThrow('fetch failed');
    expect(handled).toEqual([]);
  });

  it('breaks the connection after the handler on lose-answer', async () => {
    await startWith('lose-answer');
    await expect(post()).rejects.toThrow('fetch failed');
    expect(handled).toHaveLength(1);
  });

  it('never answers on hang, and close does not wait for it', async () => {
    await startWith('hang');
    await expect(post({ signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/);
    expect(handled).toEqual([]);
  });

  it('answers a status with its headers instead of the handler', async () => {
    await startWith({ status: 503, headers: { 'retry-after': '7' } });
    const response = await post();
    expect([response.status, response.headers.get('retry-after'), handled]).toEqual([503, '7', []]);
  });

  it('answers later on a delay', async () => {
    await startWith({ delayMs: 150 });
    const startedAt = performance.now();
    const response = await post();
    expect(response.status).toBe(201);
    expect(performance.now() - startedAt).toBeGreaterThan(140);
  });

  it('takes another fault plan while it runs', async () => {
    await startWith('reset');
    server.setFaults();
    expect((await post()).status).toBe(201);
  });
});
