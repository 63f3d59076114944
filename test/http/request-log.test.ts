/** The level of a request's line: whoever is woken by errors must have something to do. */
import { expect, test } from 'vitest';
import { levelOf } from '../../src/http/request-log.ts';

test.each([
  ['a success', 200, undefined, 'info'],
  ['a mistake of the caller', 400, 'charger-invalid', 'warn'],
  ['a charger that is offline', 503, 'charger-offline', 'info'],
  ['a charger that does not answer', 503, 'charger-no-answer', 'warn'],
  ['a provider that does not answer', 503, 'provider-unavailable', 'warn'],
  ['a provider that refuses our credentials', 502, 'provider-misconfigured', 'error'],
  ['a setting of ours', 503, 'provider-half-configured', 'error'],
  ['a bug of ours', 500, 'internal', 'error'],
  ['a failure without a reason', 500, undefined, 'error'],
])('%s', (_, status, reason, level) => {
  expect(levelOf(status, reason)).toBe(level);
});
