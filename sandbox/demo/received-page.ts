// The page of `npm run dev`: what each stand-in received, what the edge printed, Jedlix's app, and the switch for faults; it keeps nothing of its own.
import { startHttpServer, type HttpServer, type SandboxAnswer, type SandboxRequest } from '../http-server.ts';
import { parseJson, type Received } from '../journal.ts';
import { sandboxSettings } from '../settings.ts';
import type { OutsideWorld } from '../outside-world.ts';
import { FAULT_HELP, faultOrderIn } from './faults.ts';
import { textAt } from './json.ts';

/** What the page shows, and where it is. */
export type ReceivedPageOptions = {
  readonly port: number;
  readonly edgeUrl: string;
  readonly world: Pick<OutsideWorld, 'stekker' | 'jedlix' | 'csms'>;
  readonly edgeOutput: () => string;
};

/** Starts the page. */
export function startReceivedPage(options: ReceivedPageOptions): Promise<HttpServer> {
  return startHttpServer({ port: options.port, handle: (request) => answer(request, options) });
}

async function answer(request: SandboxRequest, options: ReceivedPageOptions): Promise<SandboxAnswer> {
  const { edgeOutput } = options;
  switch (`${request.method} ${request.path}`) {
    case 'GET /received':
      return json(200, receivedBy(options));
    case 'GET /log':
      return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: edgeOutput() };
    case 'POST /jedlix-app/code':
      return typeIntoJedlix(request, options);
    case 'POST /faults':
      return setFault(request, options);
    default:
      return json(404, { message: 'There are GET /received, GET /log, POST /jedlix-app/code and POST /faults.' });
  }
}

/** From now on a stand-in does this to every request. */
function setFault({ bodyText }: SandboxRequest, { world }: ReceivedPageOptions): SandboxAnswer {
  const order = faultOrderIn(parseJson(bodyText));
  if (order === undefined) return json(400, { message: FAULT_HELP });
  world[order.of].setFaults(() => order.fault);
  return json(200, order);
}

/** Jedlix verifies a code at the edge, as when a user types it into its app. Unlike a bare call to the edge, Jedlix learns of the pairing. */
async function typeIntoJedlix(
  { bodyText }: SandboxRequest,
  { edgeUrl, world }: ReceivedPageOptions,
): Promise<SandboxAnswer> {
  const code = textAt(parseJson(bodyText), 'code');
  if (code === '') return json(400, { message: 'The body must be {"code": "…"}.' });
  const token = sandboxSettings.JEDLIX_INBOUND_TOKENS;
  const { status, body, errors } = await world.jedlix.verifyPairing({ edgeUrl, token, code });
  return json(200, { edgeAnswered: { status, body }, ...(errors.length === 0 ? {} : { errors }) });
}

function receivedBy({ world: { stekker, jedlix, csms } }: ReceivedPageOptions): Record<string, unknown> {
  return {
    stekker: { counts: stekker.counts, requests: stekker.received.map(inReadingOrder) },
    jedlix: { counts: jedlix.counts, requests: jedlix.received.map(inReadingOrder) },
    csms: { counts: csms.counts, requests: csms.received.map(inReadingOrder) },
  };
}

/** What happened first, the long body last. */
function inReadingOrder({ at, method, path, status, reason, answer, body }: Received): Record<string, unknown> {
  return { at, request: `${method} ${path}`, status, reason, answer, body };
}

function json(status: number, body: unknown): SandboxAnswer {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: `${JSON.stringify(body, undefined, 2)}\n` };
}
