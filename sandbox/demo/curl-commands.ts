// Ready-made curl commands for `npm run dev`, one charger from registration to the end of a session; they are to be run in this order.
import { sandboxSettings } from '../settings.ts';

/** A command for a shell, and what it does. */
export type CurlCommand = { readonly title: string; readonly command: string };

/** Where things are, and when the session of the commands began. */
export type CurlPlace = { edgeUrl: string; pageUrl: string; stekkerCode: string; startedAt: Date };

const chargePointId = 'my-charger';
const ocppIdentity = 'MY_CHARGER';
const transactionId = 123_885_164;
const idTag = '1234567890123A';

/** The commands in the order in which they make sense. The same event posted twice is a duplicate. */
export function curlCommands({ edgeUrl, pageUrl, stekkerCode, startedAt }: CurlPlace): CurlCommand[] {
  const charger = `${edgeUrl}/api/chargers/${chargePointId}`;
  const codeBody = { provider: 'jedlix', ttlSeconds: 900, format: 'ocpp' };
  const issueCode = `${post(`${charger}/pairing-codes`, codeBody)} | sed 's/.*"code":"\\([^"]*\\)".*/\\1/'`;
  const verifyAtEdge = `${edgeUrl}/v1/cpo/ocpp2.0.1/pair`;
  const jedlixToken = `-H 'authorization: Bearer ${sandboxSettings.JEDLIX_INBOUND_TOKENS}'`;
  const webhook = (frame: unknown, more: object = {}) => post(`${edgeUrl}/webhooks/ocpp`, eventOf(frame, more));
  return [
    { title: 'Is it up?', command: `curl -s ${edgeUrl}/healthz` },
    { title: 'Register a charger', command: request('PUT', charger, chargerBody) },
    {
      title: `Pair it with Stekker, by the code that Stekker's app shows`,
      command: post(`${charger}/pairings`, { provider: 'stekker', code: stekkerCode }),
    },
    { title: 'Issue a code for Jedlix', command: `CODE=$(${issueCode}); echo $CODE` },
    {
      title: "Type it into Jedlix's app, which verifies it at the edge",
      command: `curl -s -X POST ${pageUrl}/jedlix-app/code -d "{\\"code\\":\\"$CODE\\"}"`,
    },
    {
      title: 'What the app did, by hand (for 10 minutes the same code has the same answer)',
      command: `curl -s -X POST ${verifyAtEdge} ${jedlixToken} ${jsonHeader} -d "{\\"code\\":\\"$CODE\\"}"`,
    },
    { title: 'A session starts: request and reply in one webhook', command: webhook(start(startedAt), startReply) },
    { title: 'Its first reading', command: webhook(reading(minutesAfter(startedAt, 1))) },
    { title: 'It stops', command: webhook(stop(minutesAfter(startedAt, 2)), { response: { idTagInfo } }) },
    { title: 'What everyone received', command: `curl -s ${pageUrl}/received` },
  ];
}

const jsonHeader = "-H 'content-type: application/json'";
const idTagInfo = { status: 'Accepted' };
const startReply = { response: { transactionId, idTagInfo } };

const chargerBody = {
  ocppIdentity,
  protocol: 'ocpp1.6',
  name: 'Solar 0213',
  country: 'NLD',
  geometry: { type: 'Point', coordinates: [5.365, 52.583] },
  evses: [
    {
      evseId: 1,
      emi3Id: 'NL*STK*E000002',
      connectors: [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }],
    },
  ],
};

function start(at: Date): unknown {
  return [2, 'msg-1', 'StartTransaction', { connectorId: 1, idTag, meterStart: 579_130, timestamp: at.toISOString() }];
}

function reading(at: Date): unknown {
  const register = { measurand: 'Energy.Active.Import.Register', unit: 'Wh', value: '579313' };
  const power = { measurand: 'Power.Active.Import', unit: 'W', value: '11000' };
  const meterValue = [{ timestamp: at.toISOString(), sampledValue: [register, power] }];
  return [2, 'msg-2', 'MeterValues', { connectorId: 1, transactionId, meterValue }];
}

function stop(at: Date): unknown {
  const payload = { transactionId, idTag, meterStop: 579_496, timestamp: at.toISOString(), reason: 'Local' };
  return [2, 'msg-3', 'StopTransaction', payload];
}

function eventOf(frame: unknown, more: object): unknown {
  return { chargePointId, ocppIdentity, protocol: 'ocpp1.6', frame, ...more };
}

function post(url: string, body: unknown): string {
  return request('POST', url, body);
}

/** No value in these bodies has a single quote, so that the shell takes each as it is. */
function request(method: string, url: string, body: unknown): string {
  const token = `-H 'authorization: Bearer ${sandboxSettings.CSMS_TOKENS}'`;
  return `curl -s -X ${method} ${url} ${token} ${jsonHeader} -d '${JSON.stringify(body)}'`;
}

function minutesAfter(at: Date, minutes: number): Date {
  return new Date(at.getTime() + minutes * 60_000);
}
