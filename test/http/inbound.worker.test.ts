/** What providers call on us, whoever they are: every route of the list, by its data alone. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { unauthorized } from '../../src/http/bearer.ts';
import { PROVIDERS } from '../../src/providers/index.ts';
import { standIn } from '../outside.ts';
import { SETTINGS, STEKKER_KEY } from '../settings.ts';
import { requestTo } from './client.ts';

beforeEach(() => {
  standIn();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const ROUTES = PROVIDERS.flatMap(({ name, inbound = [] }) =>
  inbound.map((route) => [route.path.replaceAll(/:\w+/g, 'x'), name, route] as const),
);

/** The environment without any setting of this provider. */
const withoutSettingsOf = (provider: string) => {
  const names = Object.keys(SETTINGS).filter((name) => name.startsWith(`${provider.toUpperCase()}_`));
  return { ...env, ...Object.fromEntries(names.map((name) => [name, undefined])) };
};

describe.each(ROUTES)('%s of %s', (path, provider, { method, refuse }) => {
  it('is there when the provider is off, and recognises nobody', async () => {
    const written = vi.spyOn(console, 'warn').mockReturnValue();
    const token = SETTINGS.JEDLIX_INBOUND_TOKENS;
    const request = requestTo(path, { method, json: {}, token, headers: { secret: STEKKER_KEY } });
    const response = await createApp().fetch(request, withoutSettingsOf(provider));
    expect(response.status).toBe(401);
    const inForm = refuse?.(unauthorized()).body ?? { reason: 'unauthorized' };
    expect(await response.json()).toMatchObject(inForm);
    expect(written.mock.calls.join()).toContain('"scsp.reason":"unauthorized"');
  });

  it('answers another method with 405', async () => {
    const response = await createApp().fetch(requestTo(path), env);
    expect([response.status, response.headers.get('allow')]).toEqual([405, method]);
  });
});

it('Stekker may show one of several keys, so that they can be rotated', async () => {
  const several = { ...env, STEKKER_INBOUND_KEY: 'old-key, new-key' };
  const path = '/stekker/chargers/x/set-charging-profile';
  const answers = ['old-key', 'new-key', 'old-key, new-key', ''].map(async (secret) => {
    const request = requestTo(path, { json: {}, token: null, headers: { secret } });
    return (await createApp().fetch(request, several)).status;
  });
  expect(await Promise.all(answers)).toEqual([400, 400, 401, 401]);
});
