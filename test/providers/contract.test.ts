/** What every provider on the list must keep, whoever it is: a new folder is tested without editing a test. */
import type { Exchange } from '../../src/recipient.ts';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ChargeEvent } from '../../src/charging/charge-event.ts';
import { PROVIDERS } from '../../src/providers/index.ts';
import type { ConfiguredProvider, Provider } from '../../src/providers/provider.ts';
import { SETTINGS } from '../settings.ts';
import { CHARGER, EVENTS } from './events.ts';

const NOW = Date.parse('2026-03-31T12:00:00Z');
/** No message in particular: what is special of one is the provider's own test. */
const MESSAGE = { name: 'Any', method: 'POST', path: '/', body: {} } as const;

const answer = (status: number, retryAfter: string | null = null): Exchange => ({
  kind: 'answer',
  status,
  retryAfter,
  body: '',
});

function configured(provider: Provider): ConfiguredProvider {
  const result = provider.configure(SETTINGS);
  if (!result.ok || result.value === undefined)
    throw new Error(`${provider.name} is not configured by the test settings`);
  return result.value;
}

const settingsOf = (provider: Provider) =>
  Object.keys(SETTINGS).filter((name) => name.startsWith(`${provider.name.toUpperCase()}_`));

describe.each(PROVIDERS.map((provider) => [provider.name, provider] as const))('%s', (name, provider) => {
  test('lives in the folder of its name, and that name is unique', () => {
    const folders = readdirSync(join(import.meta.dirname, '../../src/providers'));
    expect(folders).toContain(name);
    expect(PROVIDERS.filter((other) => other.name === name)).toHaveLength(1);
  });

  test('is off when none of its settings is there', () => {
    expect(provider.configure({})).toEqual({ ok: true, value: undefined });
  });

  test('half of its settings is a mistake that names the missing ones, never a value', () => {
    const names = settingsOf(provider);
    expect(names.length).toBeGreaterThan(1);
    const faults = names.flatMap((missing) => {
      const { [missing]: _, ...rest } = { ...SETTINGS } as Record<string, string>;
      const result = provider.configure(rest);
      return result.ok ? [] : [{ missing, error: result.error }]; // One that is no fault has a default.
    });
    expect(faults.length).toBeGreaterThan(0);
    for (const { missing, error } of faults) {
      expect(error).toMatchObject({ reason: 'misconfigured', context: { settings: [missing] } });
      expect(JSON.stringify(error)).not.toContain('for-tests');
    }
  });

  test('translates every kind of event purely, and what it does not want to nothing', () => {
    const { translate } = configured(provider);
    for (const event of EVENTS) {
      const before = structuredClone(event);
      const messages = translate(event, { charger: CHARGER, seqNo: 3 });
      expect(translate(event, { charger: CHARGER, seqNo: 3 })).toEqual(messages);
      expect(event).toEqual(before);
      expect(messages.length === 0 || provider.wants(event)).toBe(true);
      for (const message of messages) {
        expect(message.path).toMatch(/^\//);
        expect(JSON.parse(JSON.stringify(message.body))).toEqual(message.body);
      }
    }
  });

  test('is told of the sessions of a charger: start, update and end are wanted', () => {
    const kinds: readonly ChargeEvent['kind'][] = ['session-started', 'session-updated', 'session-ended'];
    for (const event of EVENTS.filter(({ kind }) => kinds.includes(kind))) expect(provider.wants(event)).toBe(true);
  });

  test.each([200, 201, 202, 204])('takes %i as delivered', (status) => {
    expect(configured(provider).classify(answer(status), NOW, MESSAGE)).toEqual({ kind: 'delivered' });
  });

  test.each([400, 404, 405, 409, 410, 413, 422, 301, 302])('parks on %i: repeating cannot cure it', (status) => {
    expect(configured(provider).classify(answer(status), NOW, MESSAGE)).toEqual({
      kind: 'rejected',
      reason: `http-${status}`,
    });
  });

  test.each([401, 403, 408, 425, 429, 500, 502, 503, 504])('holds on %i', (status) => {
    const outcome = configured(provider).classify(answer(status, '120'), NOW, MESSAGE);
    expect(outcome).toEqual({ kind: 'deferred', reason: `http-${status}`, retryAfterMs: 120_000 });
  });

  test.each(['timeout', 'network', 'credential'] as const)('holds when there is no answer: %s', (cause) => {
    const outcome = configured(provider).classify({ kind: 'no-answer', cause, detail: '' }, NOW, MESSAGE);
    expect(outcome).toEqual({ kind: 'deferred', reason: cause });
  });

  test('has fixtures that somebody who knows it can review', () => {
    const fixtures = readdirSync(join(import.meta.dirname, '../fixtures'), { recursive: true, encoding: 'utf8' });
    expect(fixtures.filter((file) => file.endsWith(`.${name}.json`)).length).toBeGreaterThan(0);
  });
});
