/** What happens to a command when the provider goes away in the middle of it, on the real bundle. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { eventually, profile16, startWorld, valueAt, type ChargerInSession, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld('citrineos', { CSMS_COMMAND_TIMEOUT_MS: '5000' });
}, 60_000);
afterAll(() => world.close());

/** Stekker sends a profile and hangs up once the command is under way. */
async function hangUp(charger: ChargerInSession): Promise<void> {
  const abort = new AbortController();
  const answer = fetch(new URL(`/stekker/chargers/${charger.id}/set-charging-profile`, world.edge.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', secret: sandboxSettings.STEKKER_INBOUND_KEY },
    body: JSON.stringify(profile16(7400, Number(charger.providerTransactionId))),
    signal: abort.signal,
  });
  await eventually(() => world.commandsFor(charger)).toHaveLength(1);
  abort.abort();
  await expect(answer).rejects.toThrow('aborted');
}

const profileOf = async ({ id }: ChargerInSession) =>
  valueAt((await world.api('GET', `/api/chargers/${id}`)).body, 'sessions', 0, 'profile');

it('a provider that hangs up loses the answer, but what the charger said is remembered, and the next profile goes through', async () => {
  const charger = await world.inSession('ocpp1.6', 'stekker');
  world.citrineos.setCallbacks(charger.ocppIdentity, 'held');
  await hangUp(charger);
  await world.citrineos.releaseCallbacks();
  await eventually(() => profileOf(charger)).toMatchObject({ status: 'Accepted', limit: 7400 });
  world.citrineos.setCallbacks(charger.ocppIdentity, 'prompt');
  expect(await world.sendProfile(charger, 3600)).toEqual({ status: 200, body: { status: 'Accepted' } });
});
