// Pairs the demo's charger with both providers: by a code from Stekker's app, and by a code of ours that Jedlix verifies.
import type { OutsideWorld } from '../outside-world.ts';
import { sandboxSettings } from '../settings.ts';
import { callAsCsms } from './csms-calls.ts';
import { numberAt, textAt, valueAt } from './json.ts';
import { coordinates, recordedCharger, type Stage } from './registration.ts';

/** The code that Stekker's app shows. */
export const stekkerCode = 'PEN4E';

type PairingStage = Stage & { readonly world: OutsideWorld };

const pairingsPath = `/api/chargers/${recordedCharger.chargePointId}`;

/** The user types Stekker's code into the CSMS; gives what Stekker was told wrong. */
export async function pairWithStekker({ edgeUrl, screen, world }: PairingStage): Promise<string[]> {
  screen.heading(`2  Stekker's app shows ${stekkerCode}; the user types it into the CSMS`);
  const body = { provider: 'stekker', code: stekkerCode };
  const path = `${pairingsPath}/pairings`;
  const answer = await callAsCsms({ edgeUrl, method: 'POST', path, status: 201, body });
  screen.line(`   POST ${path} ${JSON.stringify(body)} → 201 ${textAt(answer, 'status')}`);
  const [details, ...more] = world.stekker.received;
  screen.line(
    `   Stekker received ${details?.method} ${details?.path} (latitude first, where GeoJSON has longitude first):`,
  );
  showJson(screen, details?.body);
  const [longitude, latitude] = coordinates;
  const told = JSON.stringify(valueAt(details?.body, 'geometry', 'coordinates'));
  const maxPowerW = numberAt(details?.body, 'connectors', 0, 'maxPower');
  return [
    ...(details?.method === 'PUT' && more.length === 0 ? [] : ['Stekker did not receive exactly one PUT']),
    ...(details?.status === 200 ? [] : [`Stekker refused the details: ${details?.reason}`]),
    ...(told === JSON.stringify([latitude, longitude]) ? [] : [`Stekker was told the coordinates ${told}`]),
    ...(maxPowerW === 22_080 ? [] : [`Stekker was told a maxPower of ${maxPowerW} W`]),
  ];
}

/** The user types our code into Jedlix's app; gives what is wrong with the edge's answers. */
export async function pairWithJedlix({ edgeUrl, screen, world }: PairingStage): Promise<string[]> {
  screen.heading("3  The edge issues a code; the user types it into Jedlix's app, and Jedlix verifies it");
  const body = { provider: 'jedlix', ttlSeconds: 900, format: 'ocpp' };
  const path = `${pairingsPath}/pairing-codes`;
  const issued = await callAsCsms({ edgeUrl, method: 'POST', path, status: 201, body });
  const code = textAt(issued, 'code');
  screen.line(`   POST ${path} → 201 code ${screen.paint('cyan', code)}, until ${textAt(issued, 'expiresAt')}`);
  const verify = async (typed: string) => {
    const answer = await world.jedlix.verifyPairing({
      edgeUrl,
      token: sandboxSettings.JEDLIX_INBOUND_TOKENS,
      code: typed,
    });
    screen.line(`   Jedlix asks POST /v1/cpo/ocpp2.0.1/pair ${JSON.stringify({ code: typed })} → ${answer.status}`);
    screen.line(`     ${JSON.stringify(answer.body)}`);
    return answer;
  };
  const wrong = await verify(code === '000000' ? '000001' : '000000');
  const right = await verify(code);
  const calls = world.csms.received.length;
  screen.line(`   The edge answers alone: the CSMS was called ${calls} times, and may be down.`);
  screen.line(
    '   Two providers on one charger is for show; the edge allows it with ONE_PROVIDER_PER_CHARGER=false only.',
  );
  const uid = textAt(right.body, 'charging_station', 'uid');
  return [
    ...(wrong.status === 404 ? [] : [`a wrong code was answered ${wrong.status}`]),
    ...(right.status === 200 ? [] : [`the right code was answered ${right.status}`]),
    ...(uid === recordedCharger.chargePointId ? [] : [`Jedlix was told the uid ${uid}`]),
    ...[...wrong.errors, ...right.errors].map((error) => `the answer to Jedlix: ${error}`),
    ...(calls === 0 ? [] : [`verifying took ${calls} calls to the CSMS`]),
  ];
}

function showJson(screen: Stage['screen'], body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  for (const [key, value] of Object.entries(body)) {
    screen.line(`     ${screen.paint('dim', `${key}:`)} ${JSON.stringify(value)}`);
  }
}
