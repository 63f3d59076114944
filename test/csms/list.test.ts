import { describe, expect, it } from 'vitest';
import { MAX_BATCH } from '../../src/csms/fields.ts';
import { CSMS } from '../../src/csms/index.ts';

const NOW = '2026-04-01T00:00:00.000Z';

describe.each(CSMS.map((csms) => [csms.name, csms] as const))('the CSMS %s', (name, csms) => {
  it('has a name that fits in a path, and that no other has', () => {
    expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(CSMS.filter((each) => each.name === name)).toHaveLength(1);
  });

  it('refuses what is no envelope, without throwing', () => {
    for (const body of [undefined, null, 1, 'text', true]) {
      expect(csms.unwrap(body, NOW)).toMatchObject({ ok: false, error: { reason: 'envelope-invalid' } });
    }
  });

  it('refuses each bad event on its own, in order', () => {
    const events = csms.unwrap([{}, null, 'x', [], { event: {} }], NOW);
    expect(events).toMatchObject({ ok: true, value: Array.from({ length: 5 }, () => ({ ok: false })) });
  });

  it('takes nothing for nothing, and no batch that is too large', () => {
    expect(csms.unwrap([], NOW)).toEqual({ ok: true, value: [] });
    const tooMany = Array.from({ length: MAX_BATCH + 1 }, () => ({}));
    expect(csms.unwrap(tooMany, NOW)).toMatchObject({ ok: false, error: { reason: 'batch-too-large' } });
  });
});
