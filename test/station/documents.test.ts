/** What docs/delivery.md and docs/storage.md state is what the code does. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask, CLOSED, FIRST_RATE_PER_S, HIGHEST_RATE_PER_S, report, type Breaker } from '../../src/breaker/breaker.ts';
import { readConfig } from '../../src/config.ts';
import { classifyByHttp } from '../../src/http-outcome.ts';
import { backoffMs } from '../../src/station/backoff.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const DELIVERY = read('docs/delivery.md');
const STORAGE = read('docs/storage.md');
/** The page without its line breaks, for sentences. */
const DELIVERY_SAYS = DELIVERY.replaceAll(/\s+/g, ' ');

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

const config = readConfig({});

describe('docs/delivery.md', () => {
  const outcomeOf = (status: number) => classifyByHttp({ kind: 'answer', status, retryAfter: null, body: '' }, 0).kind;

  test('states the outcome of every status', () => {
    const said = [
      ...DELIVERY.matchAll(/^\| (?<statuses>[^|]*\d(?:\d\d|xx)[^|]*) \| (?<outcome>delivered|deferred|rejected)/gm),
    ];
    const rows = said.map(({ groups }) => [groups?.['statuses'], groups?.['outcome']]);
    expect(rows).toEqual([
      ['2xx', 'delivered'],
      ['401, 403', 'deferred'],
      ['408, 425, 429', 'deferred'],
      ['5xx', 'deferred'],
      ['every other 4xx', 'rejected'],
      ['3xx', 'rejected'],
    ]);
    const documented = (status: number) => {
      if ([401, 403, 408, 425, 429].includes(status) || status >= 500) return 'deferred';
      return status >= 200 && status < 300 ? 'delivered' : 'rejected';
    };
    const statuses = Array.from({ length: 400 }, (_, offset) => 200 + offset);
    expect(statuses.filter((status) => outcomeOf(status) !== documented(status))).toEqual([]);
  });

  test('states the waits', () => {
    expect(DELIVERY_SAYS).toContain('1 s after the first failure, doubling, at most 45 s, ± 20 %');
    expect([1, 2, 3].map((count) => backoffMs(count, 0.5))).toEqual([SECOND, 2 * SECOND, 4 * SECOND]);
    expect(backoffMs(99, 0.5)).toBe(45 * SECOND);
    expect(DELIVERY_SAYS).toContain('lengthens the wait, to at most 1 h');
    expect(backoffMs(1, 0, Number.MAX_SAFE_INTEGER)).toBe(60 * MINUTE);
  });

  test('states the defaults', () => {
    expect(DELIVERY_SAYS).toContain('(`PROVIDER_TIMEOUT_MS`, 15 s)');
    expect(DELIVERY_SAYS).toContain('`DELIVERY_MAX_AGE_S` (3 days)');
    expect(config).toMatchObject({ providerTimeoutMs: 15 * SECOND, deliveryMaxAgeMs: 3 * DAY });
  });

  test('states when the breaker opens, how it probes and how it recovers', () => {
    expect(DELIVERY_SAYS).toContain('20 failures of at least 5 chargers within 2 min');
    expect(DELIVERY_SAYS).toContain('one request in 10 s');
    expect(DELIVERY_SAYS).toContain(
      `${FIRST_RATE_PER_S} requests a second over all chargers, doubling every 30 s up to ${HIGHEST_RATE_PER_S}, for at least 3 min`,
    );
    const fail = (breaker: Breaker, place: number) => report(breaker, String(place % 5), false, place);
    const nineteen = Array.from({ length: 19 }, (_, place) => place).reduce(fail, CLOSED);
    const open = fail(nineteen, 19);
    expect([nineteen.mode, open.mode]).toEqual(['closed', 'open']);
    expect(fail(nineteen, 2 * MINUTE).mode).toBe('closed');
    const probe = ask(open, 19 + 10 * SECOND, 0);
    expect([probe.permit.waitMs, ask(probe.breaker, 19 + 10 * SECOND, 0).permit.waitMs]).toEqual([0, 10 * SECOND]);
    const recovering = report(open, '1', true, 0);
    expect(ask(recovering, 3 * MINUTE - 1, 0).breaker.mode).toBe('recovering');
    expect(ask(recovering, 3 * MINUTE, 0).breaker.mode).toBe('closed');
  });

  test('names log lines that the code writes', () => {
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(join('src', file)))
      .join('\n');
    const lines = [...DELIVERY.matchAll(/`([a-z-]+\.[a-z-]+)`/g)].map(([, line = '']) => line);
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.filter((line) => !sources.includes(`'${line}'`))).toEqual([]);
  });
});

describe('docs/storage.md', () => {
  test('states how long payloads and parked messages are kept', () => {
    expect(STORAGE).toContain('`PAYLOAD_RETENTION_DAYS` (7)');
    expect(STORAGE).toContain('`DEAD_LETTER_RETENTION_DAYS` (7; 30 ');
    expect(config).toMatchObject({ payloadRetentionMs: 7 * DAY, deadLetterRetentionMs: 7 * DAY });
    expect(config).toMatchObject({ olderLetterRetentionMs: 30 * DAY });
  });
});
