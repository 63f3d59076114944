import { exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';

it('answers health without credentials', async () => {
  const response = await exports.default.fetch('https://scsp.test/healthz');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok', version: '0.1.0' });
  expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});
