/** A whole CSMS, as far as scsp-edge needs one: it posts what chargers say, and takes commands and notifications. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';

type Settings = Record<'edge' | 'token' | 'webhookSecret' | 'commandSecret' | 'eventsSecret', string>;
/** Sends a charger a request, and gives the payload of its CALLRESULT. */
type Charger = (action: string, payload: object) => object | Promise<object>;

export function startCsms(settings: Settings, chargers: Map<string, Charger>, told: (event: object) => void) {
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const [secret, isCommand] = request.url === '/commands' ? [settings.commandSecret, true] : [settings.eventsSecret];
    try {
      const said = new Webhook(secret).verify(body, request.headers as never) as Record<string, never>;
      if (!isCommand) return (told(said), response.end());
      const charger = chargers.get(said['chargePointId'] ?? '');
      if (charger === undefined) return response.writeHead(503).end(); // offline
      return response.end(JSON.stringify(await charger(said['action'] ?? '', said['payload'] ?? {})));
    } catch {
      return response.writeHead(401).end();
    }
  };
  const server = createServer((request, response) => void handle(request, response));
  const send = (method: string, path: string, body: string, headers: Record<string, string>) =>
    fetch(settings.edge + path, { method, body, headers: { ...headers, 'content-type': 'application/json' } });
  /** Calls the API: registers a charger, pairs it. */
  const call = (method: string, path: string, body: object) =>
    send(method, path, JSON.stringify(body), { authorization: `Bearer ${settings.token}` });
  /** Posts events until they are stored: 202. Sent again, they are duplicates. */
  const post = async (...events: object[]): Promise<Response> => {
    const [id, at, body] = [randomUUID(), new Date(), JSON.stringify(events)];
    const [time, signature] = [`${Math.floor(+at / 1000)}`, new Webhook(settings.webhookSecret).sign(id, at, body)];
    const headers = { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature };
    const answer = await send('POST', '/webhooks/ocpp', body, headers).catch(() => undefined);
    return answer && answer.status < 500 ? answer : wait(5000).then(() => post(...events));
  };
  return { server, call, post };
}
