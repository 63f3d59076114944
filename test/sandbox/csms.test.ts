import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCsms, type Csms } from '../../sandbox/csms.ts';
import type { ChargerVerdict } from '../../sandbox/csms-commands.ts';
import { postWebhook, signedWebhook } from '../../sandbox/csms-webhook.ts';
import { startHttpServer, type SandboxRequest } from '../../sandbox/http-server.ts';
import { profile, send } from './examples.ts';

const secret = `whsec_${Buffer.from('a secret of the tests').toString('base64')}`;
const eventsSecret = `whsec_${Buffer.from('another secret of the tests').toString('base64')}`;
const command = {
  id: randomUUID(),
  chargePointId: '6',
  ocppIdentity: 'SOLAR_0213',
  protocol: 'ocpp1.6',
  action: 'SetChargingProfile',
  payload: profile,
};
let csms: Csms;

beforeEach(async () => {
  csms = await startCsms({ commandSecret: secret, eventsSecret });
});
afterEach(() => csms.close());

function post(changes: object = {}, signedWith = secret) {
  const body = JSON.stringify({ ...command, ...changes });
  return send(csms.commandUrl, { headers: signedWebhook(signedWith, body), body });
}

const refused = (status: number, error: string) =>
  expect.objectContaining({ status, body: expect.objectContaining({ error }) });

describe('the CSMS', () => {
  it('takes a signed command and answers for its charger', async () => {
    expect(await post()).toEqual({ status: 200, body: { status: 'Accepted' } });
    expect(csms.commandsFor('6')).toEqual([{ ...command, at: expect.any(String), verdict: 'Accepted' }]);
    expect(csms.commandsFor('7')).toEqual([]);
  });

  it('counts a command with a known id as a duplicate', async () => {
    expect([(await post()).status, (await post()).status]).toEqual([200, 200]);
    expect(csms.counts).toEqual({ accepted: 2, refused: 0, duplicates: 1, outOfOrder: 0 });
  });

  it('refuses a command that is signed with another secret, or not at all', async () => {
    expect(await post({}, `whsec_${Buffer.from('another').toString('base64')}`)).toEqual(
      refused(401, 'signature-wrong'),
    );
    expect(await send(csms.commandUrl, { body: command })).toEqual(refused(401, 'signature-wrong'));
    expect(csms.commands).toEqual([]);
  });

  it('refuses a signature of ten minutes ago', async () => {
    const body = JSON.stringify(command);
    const headers = signedWebhook(secret, body, { at: new Date(Date.now() - 600_000) });
    expect(await send(csms.commandUrl, { headers, body })).toEqual(refused(401, 'signature-wrong'));
  });

  it('refuses an envelope with a key too many, an id that is no UUID and an action it does not know', async () => {
    expect(await post({ extra: 1 })).toEqual(refused(400, 'command-invalid'));
    expect(await post({ id: '1' })).toEqual(refused(400, 'command-invalid'));
    expect(await post({ action: 'Reset' })).toEqual(refused(400, 'command-invalid'));
  });

  it("refuses a payload in another OCPP version than the charger's", async () => {
    expect(await post({ protocol: 'ocpp2.0.1' })).toEqual(refused(400, 'payload-invalid'));
  });

  it.each<[ChargerVerdict, number, object]>([
    ['Rejected', 200, { status: 'Rejected' }],
    ['NotSupported', 200, { status: 'NotSupported' }],
    ['offline', 503, { error: 'charger-offline', details: [] }],
    ['unknown', 404, { error: 'charger-unknown', details: [] }],
  ])('answers %s for one charger with %i', async (verdict, status, body) => {
    csms.setVerdict('6', verdict);
    expect(await post()).toEqual({ status, body });
    expect((await post({ chargePointId: '7' })).status).toBe(200);
  });

  it('hands a command to the charger that is connected, and answers what it says', async () => {
    const taken: unknown[] = [];
    csms.connect('6', ({ payload }) => (taken.push(payload) === 1 ? 'Rejected' : 'Accepted'));
    const answers = [await post(), await post({ id: randomUUID() })].map(({ body }) => body);
    expect(answers).toEqual([{ status: 'Rejected' }, { status: 'Accepted' }]);
    await post({ payload: {} });
    expect(taken).toEqual([profile, profile]);
    expect(csms.commandsFor('6').map(({ verdict }) => verdict)).toEqual(['Rejected', 'Accepted']);
  });

  it('lets a command hang for one charger', async () => {
    csms.setVerdict('6', 'hang');
    const body = JSON.stringify(command);
    const headers = signedWebhook(secret, body);
    const hanging = fetch(csms.commandUrl, { method: 'POST', headers, body, signal: AbortSignal.timeout(100) });
    await expect(hanging).rejects.toThrow(/timeout/);
    expect(csms.commandsFor('6')).toHaveLength(1);
  });

  it('says Unknown when a profile cannot be cleared', async () => {
    csms.setVerdict('6', 'Rejected');
    const answer = await post({ action: 'ClearChargingProfile', payload: { id: 1 } });
    expect(answer.body).toEqual({ status: 'Unknown' });
  });
});

describe('notifications', () => {
  const notification = { type: 'pairing.created', timestamp: '2026-03-31T12:00:00Z', data: { chargePointId: '6' } };
  const notify = (body: string, headers = signedWebhook(eventsSecret, body, { id: 'msg_1' })) =>
    send(csms.eventsUrl, { headers, body });

  it('are taken when they are signed, and kept once each', async () => {
    const body = JSON.stringify(notification);
    expect([(await notify(body)).status, (await notify(body)).status]).toEqual([204, 204]);
    expect(csms.notifications).toEqual([{ id: 'msg_1', ...notification }]);
    expect(csms.counts).toMatchObject({ accepted: 2, duplicates: 1 });
  });

  it('are refused with the secret of commands, and without a type', async () => {
    const body = JSON.stringify(notification);
    expect(await notify(body, signedWebhook(secret, body))).toEqual(refused(401, 'signature-wrong'));
    expect(await notify('{"data":{}}')).toEqual(refused(400, 'notification-wrong'));
    expect(csms.notifications).toEqual([]);
  });
});

describe("the CSMS's webhooks", () => {
  let asked: SandboxRequest[];

  async function postTo(auth: Parameters<typeof postWebhook>[0]['auth'], csmsName?: string) {
    asked = [];
    const edge = await startHttpServer({
      handle(request) {
        asked.push(request);
        return { status: 202, body: { received: 1 } };
      },
    });
    const call = { edgeUrl: edge.url, events: [{ a: 1 }], auth };
    const answer = await postWebhook(csmsName === undefined ? call : { ...call, csms: csmsName });
    await edge.close();
    return answer;
  }

  it('carry a signature that Standard Webhooks verifies', async () => {
    const answer = await postTo({ secret, id: 'msg_1' });
    expect([answer.status, answer.body, asked[0]?.path]).toEqual([202, { received: 1 }, '/webhooks/ocpp']);
    expect(new Webhook(secret).verify(asked[0]?.bodyText ?? '', asked[0]?.headers ?? {})).toEqual([{ a: 1 }]);
    expect(asked[0]?.headers['webhook-id']).toBe('msg_1');
  });

  it('carry a token in the header, under either scheme', async () => {
    await postTo({ token: 't' });
    expect(asked[0]?.headers['authorization']).toBe('Bearer t');
    await postTo({ token: 't', scheme: 'Token' });
    expect(asked[0]?.headers['authorization']).toBe('Token t');
  });

  it('carry a token in the path for a CSMS that sets no headers', async () => {
    await postTo({ pathToken: 't/1' }, 'citrineos');
    expect(asked[0]?.path).toBe('/webhooks/citrineos/t%2F1');
    expect(asked[0]?.headers['authorization']).toBeUndefined();
  });
});
