// The small HTTP server under every stand-in: one fetch-style handler on 127.0.0.1, with faults on demand; it refuses nothing itself.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request as the handlers see it: header names in lower case, the body as text. */
export type SandboxRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  bodyText: string;
};

/** What a handler answers; a body that is no string is sent as JSON. */
export type SandboxAnswer = { status: number; headers?: Record<string, string>; body?: unknown };

/**
 * What goes wrong with one request. `reset`, `hang` and a status happen instead of the handler;
 * `lose-answer` happens after it (the peer has acted, the caller never learns); `delayMs` happens before it.
 */
export type Fault =
  | 'none'
  | 'reset'
  | 'hang'
  | 'lose-answer'
  | { delayMs: number }
  | { status: number; headers?: Record<string, string> };

/** Chooses the fault for a request. */
export type FaultPlan = (request: SandboxRequest) => Fault;

/** Options of {@link startHttpServer}. `onFault` hears of each request that a fault kept from the handler. */
export type HttpServerOptions = {
  handle: (request: SandboxRequest) => SandboxAnswer | Promise<SandboxAnswer>;
  port?: number | undefined;
  faults?: FaultPlan | undefined;
  onFault?: (request: SandboxRequest, fault: Fault) => void;
};

/** A running server. `close` also cuts the requests that hang. */
export type HttpServer = {
  url: string;
  setFaults: (faults?: FaultPlan) => void;
  close: () => Promise<void>;
};

/** Starts a server on 127.0.0.1, on a free port unless one is given. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  let faults = options.faults;
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing, { ...options, faults }).catch(() => incoming.socket.destroy());
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    setFaults: (plan) => {
      faults = plan;
    },
    close: () => close(server),
  };
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse, options: HttpServerOptions): Promise<void> {
  const request = await read(incoming);
  const fault = options.faults?.(request) ?? 'none';
  if (isInstead(fault)) {
    options.onFault?.(request, fault);
    return strike(fault, incoming, outgoing);
  }
  if (typeof fault === 'object') await sleep(fault.delayMs);
  const answer = await answerOf(request, options);
  if (fault === 'lose-answer') incoming.socket.resetAndDestroy();
  else send(outgoing, answer);
}

type InsteadFault = 'reset' | 'hang' | { status: number; headers?: Record<string, string> };

function isInstead(fault: Fault): fault is InsteadFault {
  return fault === 'reset' || fault === 'hang' || (typeof fault === 'object' && 'status' in fault);
}

function strike(fault: InsteadFault, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (fault === 'reset') incoming.socket.resetAndDestroy();
  else if (fault !== 'hang') send(outgoing, { ...fault, body: { message: 'fault on demand' } });
}

/** A throwing handler is a bug of the stand-in: it is printed, and answered with 599 so that no test takes it for a peer's 500. */
async function answerOf(request: SandboxRequest, { handle }: HttpServerOptions): Promise<SandboxAnswer> {
  try {
    return await handle(request);
  } catch (error) {
    console.error(`sandbox bug at ${request.method} ${request.path}:`, error);
    return { status: 599, body: { message: String(error) } };
  }
}

async function read(incoming: IncomingMessage): Promise<SandboxRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) if (chunk instanceof Uint8Array) chunks.push(chunk);
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    bodyText: Buffer.concat(chunks).toString('utf8'),
  };
}

function send(outgoing: ServerResponse, answer: SandboxAnswer): void {
  const isText = typeof answer.body === 'string' || answer.body === undefined;
  outgoing.writeHead(answer.status, { ...(isText ? {} : { 'content-type': 'application/json' }), ...answer.headers });
  outgoing.end(isText ? answer.body : JSON.stringify(answer.body));
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
