import { describe, expect, it } from 'vitest';
import { ocpp } from '../../src/csms/ocpp/index.ts';

const NOW = '2026-04-01T00:00:00.000Z';
const EVENT = { chargePointId: 'cp-1', protocol: 'ocpp1.6', frame: [2, 'm', 'Heartbeat', {}] };
const FRAME = { type: 'call', messageId: 'm', action: 'Heartbeat', payload: {} };

/** The one event in a body, or the reason why it was refused. */
function unwrapped(changes: object) {
  const events = ocpp.unwrap({ ...EVENT, ...changes }, NOW);
  const [event] = events.ok ? events.value : [];
  return event?.ok ? event.value : event?.error.reason;
}

describe('our own format', () => {
  it('is from the station and of this moment unless it says otherwise', () => {
    expect(unwrapped({})).toEqual({
      station: { chargePointId: 'cp-1' },
      incoming: {
        kind: 'message',
        message: { protocol: 'ocpp1.6', direction: 'cs', frame: FRAME, seenAt: NOW, isSeenAtAssumed: true },
      },
    });
  });

  it.each([
    [[2, 'm', 'StartTransaction', {}], 'cs'],
    [[3, 'm', {}], 'csms'],
    [[4, 'm', 'InternalError', '', {}], 'csms'],
  ])(
    '%j is the station’s as a request, and the CSMS’s as an answer, when nobody says whose it is',
    (frame, direction) => {
      expect(unwrapped({ frame, direction: undefined })).toMatchObject({ incoming: { message: { direction } } });
      expect(unwrapped({ frame, direction: 'cs' })).toMatchObject({ incoming: { message: { direction: 'cs' } } });
    },
  );

  it.each(['.', '..', 'a/b', 'a\nb', '\u0000'])('refuses %j as the id of a charger', (id) => {
    expect(unwrapped({ chargePointId: id })).toBe('envelope-invalid');
  });

  it.each(['', 'a\nb', '\u0000'])('refuses %j as an identity', (id) => {
    expect(unwrapped({ chargePointId: undefined, ocppIdentity: id })).toBe('envelope-invalid');
  });

  it.each(['a/b', 'A B', '..'])('takes %j as an identity, which is never part of a path', (id) => {
    const station = { ocppIdentity: id };
    expect(unwrapped({ chargePointId: undefined, ocppIdentity: id })).toMatchObject({ station });
  });

  it('tells of connections', () => {
    const at = '2026-03-31T13:47:30.000Z';
    expect(unwrapped({ protocol: undefined, frame: undefined, connection: 'closed', timestamp: at })).toEqual({
      station: { chargePointId: 'cp-1' },
      incoming: { kind: 'connection', change: 'disconnected', at },
    });
  });

  it('says who sent the frame, when, and what was answered', () => {
    const changes = { direction: 'csms', timestamp: '2026-03-31T15:47:30+02:00', response: { a: 1 } };
    expect(unwrapped(changes)).toMatchObject({
      incoming: { message: { direction: 'csms', seenAt: '2026-03-31T13:47:30.000Z', response: { a: 1 } } },
    });
  });

  it.each([null, 'yesterday', '2026-03-31', '2026-03-31T13:47:30', 7])(
    'counts as seen on arrival when its timestamp is %j',
    (timestamp) => {
      expect(unwrapped({ timestamp })).toMatchObject({ incoming: { message: { seenAt: NOW } } });
    },
  );

  it('prefers our key to the OCPP identity, and reads numbers as text', () => {
    expect(unwrapped({ ocppIdentity: 'CP' })).toMatchObject({ station: { chargePointId: 'cp-1' } });
    expect(unwrapped({ chargePointId: 6 })).toMatchObject({ station: { chargePointId: '6' } });
    expect(unwrapped({ chargePointId: null, ocppIdentity: 'CP' })).toMatchObject({ station: { ocppIdentity: 'CP' } });
  });

  it.each([{ chargePointId: '' }, { chargePointId: 'x'.repeat(256) }, { chargePointId: {} }, { chargePointId: null }])(
    'refuses %j',
    (changes) => {
      expect(unwrapped(changes)).toBe('envelope-invalid');
    },
  );

  it('never repeats a value of the event in what it says is wrong', () => {
    const events = ocpp.unwrap({ ...EVENT, direction: 'SECRET', chargePointId: ['SECRET'] }, NOW);
    expect(JSON.stringify(events)).not.toContain('SECRET');
  });
});
