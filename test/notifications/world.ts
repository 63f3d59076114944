/** A CSMS that takes notifications, beside both providers: what it was sent, and what it answers at the moment. */
import { Webhook } from 'standardwebhooks';
import { vi } from 'vitest';
import { answer } from '../station/world.ts';
import { standIn, type Host, type OutsideCall } from '../outside.ts';
import { PATIENCE } from '../patience.ts';
import { CSMS_HOST, EVENTS_SETTINGS, JEDLIX_HOST, JEDLIX_TOKEN_HOST, STEKKER_HOST } from '../settings.ts';

export type Told = { readonly id: string; readonly type: string; readonly data: Record<string, unknown> };

/** Stands in for the CSMS and both providers. `told` has every notification that was sent for a charger, in order. */
export function standInCsms() {
  const answers: Record<'csms' | 'stekker' | 'jedlix' | 'jedlixToken', Host> = {
    csms: answer(200),
    stekker: answer(200),
    jedlix: answer(200),
    jedlixToken: () => Response.json({ access_token: 'token-1', expires_in: 3600 }),
  };
  const { calls } = standIn({
    [CSMS_HOST]: (outside, signal) => answers.csms(outside, signal),
    [STEKKER_HOST]: (outside, signal) => answers.stekker(outside, signal),
    [JEDLIX_HOST]: (outside, signal) => answers.jedlix(outside, signal),
    [JEDLIX_TOKEN_HOST]: (outside) => answers.jedlixToken(outside),
  });
  const told = (chargePointId: string): Told[] =>
    calls
      .filter(({ host, path }) => host === CSMS_HOST && path === '/events')
      .map(verified)
      .filter(({ data }) => data['chargePointId'] === chargePointId);
  return { answers, calls, told };
}

/** The body of a call whose signature is right; a wrong one throws. */
function verified({ body, headers }: OutsideCall): Told {
  new Webhook(EVENTS_SETTINGS.CSMS_EVENTS_SECRET).verify(body, headers);
  return { id: headers['webhook-id'] ?? '', ...JSON.parse(body) };
}

/** Waits until the types that the CSMS was told of a charger are these. */
export async function toldTypes(csms: ReturnType<typeof standInCsms>, id: string, types: readonly string[]) {
  await vi.waitFor(
    () => {
      const told = csms.told(id).map(({ type }) => type);
      if (told.join() !== types.join()) throw new Error(`told so far: ${told.join()}`);
    },
    { ...PATIENCE, interval: 20 },
  );
  return csms.told(id);
}
