/** What the CSMS is told of sessions whose readings look wrong, of lost webhooks, and of guessing. */
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { GUESSING_FROM } from '../../src/pairing/attempts.ts';
import { watchEveryMinute } from '../../src/sweep.ts';
import { call } from '../http/client.ts';
import { PATIENCE } from '../patience.ts';
import { ADMIN_TOKEN, CSMS_HOST, JEDLIX_TOKEN } from '../settings.ts';
import { accepted, drained, paired, received, ring, say, travel } from '../station/world.ts';
import { standInCsms, toldTypes } from './world.ts';

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await env.DB.exec('DELETE FROM alerts; DELETE FROM notices;');
});

const alerts = async () =>
  (await (await call('/api/alerts', { token: ADMIN_TOKEN })).json<{ alerts: { type: string; subject: string }[] }>())
    .alerts;

async function charging(): Promise<string> {
  const id = await paired('stekker');
  await received(id, { frame: say.start(0), response: accepted(7) });
  return id;
}

describe('a session whose readings look wrong', () => {
  it('is told once for each code, with its figures, and is an alert of its charger', async () => {
    const csms = standInCsms();
    const id = await charging();
    await received(
      id,
      { frame: say.meter(1, 7, 1400) },
      { frame: say.meter(2, 7, 1200) },
      { frame: say.meter(3, 7, 1100) },
    );
    await received(id, { frame: say.stop(40, 7, 1500) });
    const [, told] = await toldTypes(csms, id, ['pairing.created', 'session.implausible']);
    expect(told?.data).toMatchObject({ transactionId: '7', code: 'register-decreased', fromWh: 1400, toWh: 1200 });
    await drained(id);
    expect(csms.told(id)).toHaveLength(2);
    expect(await alerts()).toMatchObject([{ type: 'session.implausible', subject: id }]);
  });

  it('took more than its EVSE can give: known when it is over', async () => {
    const csms = standInCsms();
    const id = await charging();
    await received(id, { frame: say.stop(10, 7, 90_000) });
    const [, told] = await toldTypes(csms, id, ['pairing.created', 'session.implausible']);
    expect(told?.data).toMatchObject({ code: 'energy-over-maximum', energyWh: 89_000 });
  });

  it('is not what is told of an ordinary one', async () => {
    const csms = standInCsms();
    const id = await charging();
    await received(id, { frame: say.meter(5, 7, 2000) }, { frame: say.stop(10, 7, 3000) });
    await drained(id);
    expect(csms.told(id)).toHaveLength(1);
    expect(await alerts()).toEqual([]);
  });
});

it('a transaction of which no start came tells of lost webhooks', async () => {
  const csms = standInCsms();
  const id = await paired('stekker');
  await received(id, { frame: say.meter(0, 7, 2000) });
  travel(11 * 60_000);
  await ring(id);
  // The first notification is older than a receiver takes by now, so its signature is not looked at here.
  const told = () => csms.calls.filter(({ host, body }) => host === CSMS_HOST && body.includes('webhooks.lost'));
  await expect.poll(told, PATIENCE).toHaveLength(1);
  const { data } = JSON.parse(told()[0]?.body ?? '');
  expect(data).toEqual({ chargePointId: id, transactionId: '7', evidence: expect.any(String) });
  expect(await alerts()).toMatchObject([{ type: 'webhooks.lost', subject: id }]);
});

it('a caller that sends a thousand wrong codes in an hour is told of once', async () => {
  const csms = standInCsms();
  vi.spyOn(console, 'error').mockReturnValue();
  const wrong = () => call('/v1/cpo/ocpp2.0.1/pair', { token: JEDLIX_TOKEN, json: { code: '11112222' } });
  await wrong();
  await env.DB.prepare('UPDATE pairing_attempts SET failures = ?')
    .bind(GUESSING_FROM - 1)
    .run();
  await wrong();
  await wrong();
  expect(await alerts()).toMatchObject([{ type: 'pairing.guessing', subject: expect.stringContaining('jedlix') }]);
  await watchEveryMinute(env, Date.now());
  const told = csms.calls.filter(({ host, body }) => host === CSMS_HOST && body.includes('pairing.guessing'));
  expect(told.map(({ body }) => JSON.parse(body).data)).toMatchObject([{ failures: GUESSING_FROM }]);
});
