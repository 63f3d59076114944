import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startJedlix, type Jedlix } from '../../sandbox/jedlix.ts';
import { readRecording } from '../../sandbox/recordings.ts';
import { evse, send, station, transactionEvent } from './examples.ts';

const options = {
  clientId: 'c',
  clientSecret: 's',
  audience: 'a',
  apiKey: 'k',
  pairingCodes: ['362821', '111111'],
  tokenLifetimeS: 60,
};
const incorrectCode = { message: 'Incorrect Code, please check the code and try again.' };
const unknownStation = { message: 'The specified charging station is not valid or does not exist.' };

let jedlix: Jedlix;
let nowMs: number;
let headers: Record<string, string>;

beforeEach(async () => {
  nowMs = Date.parse('2026-03-31T12:00:00Z');
  jedlix = await startJedlix({ ...options, now: () => new Date(nowMs) });
  const { body } = await askToken({});
  headers = { authorization: `Bearer ${tokenIn(body)}`, ApiKey: 'k' };
});
afterEach(() => jedlix.close());

function askToken(changes: Record<string, string>) {
  const form = { grant_type: 'client_credentials', client_id: 'c', client_secret: 's', audience: 'a', ...changes };
  const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' };
  return send(jedlix.tokenUrl, { headers: formHeaders, body: new URLSearchParams(form).toString() });
}

function tokenIn(body: unknown): string {
  return typeof body === 'object' && body !== null && 'access_token' in body ? String(body.access_token) : 'none';
}

const call = (path: string, body?: unknown) => send(`${jedlix.url}${path}`, { headers, body });
const pair = (changes: object = {}) =>
  call('/v1/scsp/ocpp2.0.1/pair', { code: '362821', charging_station: station, ...changes });
const eventPath = `/v1/scsp/chargingstations/${station.uid}/events/ocpp2.0.1/TransactionEvent`;
const post = (event: object) => call(eventPath, event);
const refused = (status: number, message: string) => ({ status, body: { message } });
const lastReason = () => jedlix.received.at(-1)?.reason;

describe('Jedlix gives tokens', () => {
  it('to its client, with their lifetime', async () => {
    const { status, body } = await askToken({});
    expect([status, body]).toEqual([200, { access_token: expect.any(String), expires_in: 60, token_type: 'Bearer' }]);
    expect(jedlix.tokensIssued).toBe(2);
  });

  it.each([
    ['grant_type', 'password', 400, 'unsupported_grant_type'],
    ['client_id', 'x', 401, 'invalid_client'],
    ['client_secret', 'x', 401, 'invalid_client'],
    ['audience', 'x', 403, 'access_denied'],
  ])('not for a wrong %s', async (field, value, status, error) => {
    expect(await askToken({ [field]: value })).toEqual({ status, body: { error } });
  });

  it('not for a JSON body', async () => {
    expect(await send(jedlix.tokenUrl, { body: {} })).toEqual({ status: 400, body: { error: 'invalid_request' } });
  });
});

describe('Jedlix refuses calls', () => {
  it('without a token, and with one that it never gave out', async () => {
    for (const authorization of ['', 'Bearer made-up']) {
      headers = { ...headers, authorization };
      expect(await pair()).toEqual(refused(401, 'token-invalid'));
    }
  });

  it('with a token that expired', async () => {
    nowMs += 60_000;
    expect(await pair()).toEqual(refused(401, 'token-invalid'));
  });

  it('with a token that was revoked', async () => {
    jedlix.revokeTokens();
    expect(await pair()).toEqual(refused(401, 'token-invalid'));
  });

  it('with a token but without the API key', async () => {
    headers = { ...headers, ApiKey: 'other' };
    expect(await pair()).toEqual(refused(401, 'api-key-wrong'));
  });

  it('to other paths and methods, and bodies that do not say JSON', async () => {
    expect(await call('/v1/scsp/ocpp3.0/pair', {})).toEqual(refused(404, 'path-unknown'));
    const get = send(`${jedlix.url}${eventPath}`, { method: 'GET', headers });
    expect(await get).toEqual(refused(405, 'method-wrong'));
    headers = { ...headers, 'content-type': 'text/plain' };
    expect(await pair()).toEqual(refused(415, 'content-type-wrong'));
  });
});

describe('Jedlix pairs', () => {
  it('a station by OCPP and an EVSE by OCPI', async () => {
    expect((await pair()).status).toBe(200);
    expect((await call('/v1/scsp/ocpi2.2/pair', { code: '111111', evse })).status).toBe(200);
    expect([...jedlix.paired]).toEqual([
      [station.uid, 'chargingstations'],
      [evse.uid, 'evse'],
    ]);
  });

  it('nothing with an unknown code or a used one', async () => {
    expect(await pair({ code: '000000' })).toEqual({ status: 404, body: incorrectCode });
    expect(lastReason()).toBe('pairing-code-unknown');
    await pair();
    expect(await pair({ charging_station: { ...station, uid: 'other' } })).toEqual({
      status: 404,
      body: incorrectCode,
    });
    expect(lastReason()).toBe('pairing-code-used');
  });

  it('no uid twice', async () => {
    await pair();
    expect(await pair({ code: '111111' })).toEqual(refused(409, 'uid-exists'));
  });

  it.each([
    ['a camelCase key', { chargingStation: station }],
    ['an unknown key in a connector', withConnector({ standard: 'IEC_62196_T2' })],
    ['a power type that OCPI does not know', withConnector({ power_type: 'AC' })],
    ['half a volt', withConnector({ max_voltage: 230.5 })],
    ['no EVSEs', { charging_station: { ...station, evses: [] } }],
    ['an evse_id twice', { charging_station: { ...station, evses: [station.evses[0], station.evses[0]] } }],
    ['a numeric code', { code: 362821 }],
  ])('nothing with %s', async (_case, changes) => {
    expect((await pair(changes)).status).toBe(400);
    expect(lastReason()).toBe('pairing-invalid');
  });

  it('and unpairs what is paired, under the right word only', async () => {
    await pair();
    expect(await call(`/v1/scsp/evse/${station.uid}/unpair`)).toEqual({ status: 404, body: unknownStation });
    const answer = await call(`/v1/scsp/chargingstations/${station.uid}/unpair`);
    expect(answer).toEqual({ status: 200, body: { message: 'Charging station successfully unpaired.' } });
    expect(await call(`/v1/scsp/chargingstations/${station.uid}/unpair`)).toEqual({
      status: 404,
      body: unknownStation,
    });
  });
});

function withConnector(changes: object) {
  const [first] = station.evses;
  const evses = [{ ...first, connectors: [{ ...first?.connectors[0], ...changes }] }];
  return { charging_station: { ...station, evses } };
}

describe('Jedlix, once paired,', () => {
  beforeEach(async () => void (await pair()));

  it('takes a transaction without gaps and lists its events', async () => {
    const events = [transactionEvent('Started', 0), transactionEvent('Updated', 1), transactionEvent('Ended', 2)];
    for (const event of events) expect((await post(event)).status).toBe(200);
    expect(jedlix.transactionEvents(station.uid).map(({ body }) => body)).toEqual(events);
    expect(jedlix.counts).toEqual({ accepted: 4, refused: 0, duplicates: 0, outOfOrder: 0 });
  });

  it('refuses events of a station that is not paired', async () => {
    const path = eventPath.replace(station.uid, 'other');
    expect(await call(path, transactionEvent('Started', 0))).toEqual({ status: 404, body: unknownStation });
  });

  it('refuses what OCPP 2.0.1 does not allow, and says what is wrong', async () => {
    expect(await post(transactionEvent('Started', 0, { triggerReason: 'Plugged' }))).toEqual(
      refused(400, '/triggerReason must be equal to one of the allowed values'),
    );
    expect([lastReason(), jedlix.counts.outOfOrder]).toEqual(['ocpp-invalid', 0]);
  });

  it.each([
    ['leaves a gap', [transactionEvent('Started', 0), transactionEvent('Updated', 2)], 'seq-no-gap'],
    ['does not begin at 0', [transactionEvent('Started', 1)], 'seq-no-gap'],
    ['is taken by another body', [transactionEvent('Started', 0), transactionEvent('Updated', 0)], 'seq-no-taken'],
  ])('refuses a TransactionEvent whose seqNo %s', async (_case, events, reason) => {
    const answers = await inOrder(events);
    expect(answers.at(-1)).toEqual(refused(400, reason));
    expect(jedlix.counts.outOfOrder).toBe(1);
  });

  it.each([
    ['before it started', [transactionEvent('Updated', 0)], 'transaction-not-started'],
    [
      'after it ended',
      [transactionEvent('Started', 0), transactionEvent('Ended', 1), transactionEvent('Updated', 2)],
      'transaction-ended',
    ],
    [
      'as a second start',
      [transactionEvent('Started', 0), transactionEvent('Started', 1)],
      'transaction-already-started',
    ],
  ])('refuses an event of a transaction %s', async (_case, events, reason) => {
    const answers = await inOrder(events);
    expect(answers.at(-1)).toEqual(refused(400, reason));
    expect(jedlix.counts.outOfOrder).toBe(1);
  });

  it('takes an accepted event again, as a duplicate, even after the end', async () => {
    const answers = await inOrder([
      transactionEvent('Started', 0),
      transactionEvent('Ended', 1),
      transactionEvent('Started', 0),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(jedlix.counts).toEqual({ accepted: 4, refused: 0, duplicates: 1, outOfOrder: 0 });
  });

  it('counts seqNo apart for each transaction', async () => {
    const other = { transactionInfo: { transactionId: 'tx-2' } };
    const answers = await inOrder([transactionEvent('Started', 0), transactionEvent('Started', 0, other)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('takes every TransactionEvent of a recorded 2.0.1 station as it is', async () => {
    const events = [...readRecording('KEBA-OCPP2-0042')].flatMap(({ frame }) => {
      return frame[0] === 2 && frame[2] === 'TransactionEvent' ? [frame[3]] : [];
    });
    const answers = await inOrder(events);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers.length).toBeGreaterThan(50);
  });

  async function inOrder(events: object[]) {
    const answers = [];
    for (const event of events) answers.push(await post(event));
    return answers;
  }
});
