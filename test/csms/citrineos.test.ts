import { describe, expect, it } from 'vitest';
import { citrineos } from '../../src/csms/citrineos/index.ts';

const NOW = '2026-04-01T00:00:00.000Z';
const V1 = {
  stationId: 'cp001',
  event: 'message',
  origin: 'cs',
  message: '[2,"123","BootNotification",{"reason":"PowerUp"}]',
  info: {
    correlationId: '123',
    origin: 'cs',
    timestamp: '2026-02-20T16:24:24.000Z',
    protocol: 'ocpp2.0.1',
    action: 'BootNotification',
  },
};
const UNWRAPPED = {
  station: { ocppIdentity: 'cp001' },
  incoming: {
    kind: 'message',
    message: {
      protocol: 'ocpp2.0.1',
      direction: 'cs',
      frame: { type: 'call', messageId: '123', action: 'BootNotification', payload: { reason: 'PowerUp' } },
      seenAt: '2026-02-20T16:24:24.000Z',
    },
  },
};

/** The one event in a callback, or the reason why it was refused. */
function unwrapped(body: unknown) {
  const events = citrineos.unwrap(body, NOW);
  if (!events.ok) return events.error.reason;
  const [event] = events.value;
  return event?.ok ? event.value : event?.error.reason;
}

describe('CitrineOS', () => {
  it('is read in its first spelling', () => {
    expect(unwrapped(V1)).toEqual(UNWRAPPED);
  });

  it('is read in its second spelling', () => {
    const { stationId, info, ...rest } = V1;
    const { action: _, ...v2Info } = info;
    expect(unwrapped({ ...rest, ocppConnectionName: stationId, info: { ...v2Info, type: 2 } })).toEqual(UNWRAPPED);
  });

  it('knows the CSMS’s own frames by their origin, and answers by their frame', () => {
    const answer = { ...V1, origin: 'csms', message: '[3,"123",{}]', info: { ...V1.info, action: 'undefined' } };
    const message = { direction: 'csms', frame: { type: 'call-result', messageId: '123' } };
    expect(unwrapped(answer)).toMatchObject({ incoming: { message } });
    const { origin: _, ...unsaid } = { ...answer, info: { ...V1.info, origin: 'csms' } };
    expect(unwrapped(unsaid)).toMatchObject({ incoming: { message } });
  });

  it('tells of connections, which are of this moment', () => {
    const incoming = { kind: 'connection', at: NOW };
    expect(unwrapped({ stationId: 'cp001', event: 'connected' })).toMatchObject({
      incoming: { ...incoming, change: 'connected' },
    });
    expect(unwrapped({ ocppConnectionName: 'cp001', event: 'closed' })).toMatchObject({
      incoming: { ...incoming, change: 'disconnected' },
    });
  });

  it.each([
    ['text that is no JSON', { message: 'GET / HTTP/1.1' }, 'frame-invalid'],
    ['JSON that is no frame', { message: '{"a":1}' }, 'frame-invalid'],
    ['no message', { message: undefined }, 'frame-invalid'],
    ['another protocol', { info: { ...V1.info, protocol: 'ocpp2.1' } }, 'protocol-unknown'],
    ['no info', { info: undefined }, 'protocol-unknown'],
    ['no station', { stationId: undefined }, 'envelope-invalid'],
    ['an unknown event', { event: 'exploded' }, 'envelope-invalid'],
    ['an unknown origin', { origin: 'moon' }, 'envelope-invalid'],
  ])('is refused with %s', (_, changes, reason) => {
    expect(unwrapped({ ...V1, ...changes })).toBe(reason);
  });

  it.each(['text', 7, null, true])('is refused as %j', (body) => {
    expect(unwrapped(body)).toBe('envelope-invalid');
  });
});
