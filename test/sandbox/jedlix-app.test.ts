import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  startHttpServer,
  type HttpServer,
  type SandboxAnswer,
  type SandboxRequest,
} from '../../sandbox/http-server.ts';
import { startJedlix, type Jedlix } from '../../sandbox/jedlix.ts';
import { evse, station } from './examples.ts';

let jedlix: Jedlix;
let edge: HttpServer;
let answer: SandboxAnswer;
let asked: SandboxRequest | undefined;

beforeEach(async () => {
  jedlix = await startJedlix({ clientId: 'c', clientSecret: 's', audience: 'a', apiKey: 'k' });
  edge = await startHttpServer({
    handle(request) {
      asked = request;
      return answer;
    },
  });
});
afterEach(() => Promise.all([jedlix.close(), edge.close()]));

const access = () => ({ edgeUrl: edge.url, token: 'inbound' });

describe("Jedlix's app", () => {
  it('asks the edge about a code and remembers the station', async () => {
    answer = { status: 200, body: { charging_station: station } };
    const result = await jedlix.verifyPairing({ ...access(), code: '362821' });
    expect([asked?.path, asked?.headers['authorization'], asked?.bodyText]).toEqual([
      '/v1/cpo/ocpp2.0.1/pair',
      'Bearer inbound',
      '{"code":"362821"}',
    ]);
    expect([result.status, result.errors, [...jedlix.paired]]).toEqual([200, [], [[station.uid, 'chargingstations']]]);
  });

  it('expects an EVSE under an OCPI protocol', async () => {
    answer = { status: 200, body: { evse } };
    const result = await jedlix.verifyPairing({ ...access(), code: '362821', protocol: 'ocpi2.2' });
    expect([asked?.path, result.errors, [...jedlix.paired]]).toEqual([
      '/v1/cpo/ocpi2.2/pair',
      [],
      [[evse.uid, 'evse']],
    ]);
  });

  it('does not pair on an answer with a key too many', async () => {
    answer = { status: 200, body: { charging_station: { ...station, name: 'x' } } };
    const result = await jedlix.verifyPairing({ ...access(), code: '362821' });
    expect(result.errors).toEqual(['/charging_station Unrecognized key: "name"']);
    expect(jedlix.paired.size).toBe(0);
  });

  it('does not accept a 404 in other words', async () => {
    answer = { status: 404, body: { message: 'Wrong.' } };
    const result = await jedlix.verifyPairing({ ...access(), code: '362821' });
    expect(result.errors).toEqual(['message should be: Incorrect Code, please check the code and try again.']);
  });

  it('posts a profile to the path of either revision of the guide', async () => {
    answer = { status: 503 };
    const result = await jedlix.setChargingProfile({
      ...access(),
      uid: 'u 1',
      profile: { evseId: 0 },
      pathWord: 'chargingstation',
    });
    expect(asked?.path).toBe('/v1/cpo/chargingstation/u%201/events/ocpp2.0.1/SetChargingProfile');
    expect([asked?.bodyText, result.status, result.errors]).toEqual(['{"evseId":0}', 503, []]);
  });

  it('does not accept a status that is not documented for a profile', async () => {
    answer = { status: 409 };
    const result = await jedlix.setChargingProfile({ ...access(), uid: 'u', profile: {} });
    expect(result.errors).toEqual(['status 409 is not documented']);
  });

  it('unpairs at the edge and forgets the station', async () => {
    answer = { status: 200, body: { charging_station: station } };
    await jedlix.verifyPairing({ ...access(), code: '362821' });
    answer = { status: 200, body: { message: 'Charging station successfully unpaired.' } };
    const result = await jedlix.unpair({ ...access(), uid: station.uid });
    expect([asked?.path, result.errors]).toEqual([`/v1/cpo/chargingstations/${station.uid}/unpair`, []]);
    expect(jedlix.paired.size).toBe(0);
  });
});
