import { describe, expect, it } from 'vitest';
import { responseSchemaErrors, schemaErrors, type OcppVersion } from '../../sandbox/ocpp-schema.ts';
import { selectSession, sessionsOf } from '../../sandbox/recorded-sessions.ts';
import { readRecording, recordingNames, replayAs, selectRange, type RecordedEvent } from '../../sandbox/recordings.ts';

const keba = [...readRecording('KEBA-P30-17619300')];

describe('the recordings', () => {
  it('hold 2159 frames of seven chargers', () => {
    const counts = recordingNames.map((name) => [...readRecording(name)].length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(2159);
  });

  it.each(recordingNames)('are valid by the official schemas, as far as their README says: %s', (name) => {
    const invalid = invalidLines([...readRecording(name)]);
    expect(invalid).toEqual(name === 'OPENCP-201-05' ? [42] : []);
  });

  it.each<[(typeof recordingNames)[number], number, number]>([
    ['ABB-TERRA53-A7', 6, 1],
    ['EVLINK-7P04-0021', 8, 1],
    ['KEBA-OCPP2-0042', 8, 1],
    ['OPENCP-201-05', 3, 0],
    ['OVOMALTIN-DC-3', 11, 0],
  ])('know the sessions of %s: %i, of which %i never stop', (name, count, open) => {
    const sessions = sessionsOf([...readRecording(name)]);
    expect(sessions).toHaveLength(count);
    expect(sessions.filter(({ endedAt }) => endedAt === undefined)).toHaveLength(open);
  });
});

describe('one session of a recording', () => {
  it('holds its start, readings, stop and their replies, and nothing of another session', () => {
    const session = selectSession(keba, 48120091);
    const text = JSON.stringify(session);
    const actions = new Set(session.map(({ frame }) => (frame[0] === 2 ? frame[2] : 'reply')));
    expect([...actions].toSorted()).toEqual(
      expect.arrayContaining(['MeterValues', 'StartTransaction', 'StatusNotification', 'StopTransaction', 'reply']),
    );
    expect(text).not.toContain('48120079');
    expect(text).not.toContain('48120099');
  });

  it('holds readings that name only the EVSE', () => {
    const openCp = [...readRecording('OPENCP-201-05')];
    const session = selectSession(openCp, 'e069c2cf-cc8a-4480-8373-40bb289424ca');
    const readings = session.filter(({ frame }) => frame[0] === 2 && frame[2] === 'MeterValues');
    expect(readings.length).toBeGreaterThan(3);
    expect(readings.every(({ frame }) => frame[0] === 2 && frame[3]['evseId'] === 2)).toBe(true);
  });

  it('is refused when the recording does not have it', () => {
    expect(() => selectSession(keba, 1)).toThrow('no session 1');
  });
});

describe('a part of a recording', () => {
  it('runs from one instant up to another', () => {
    const [first, second, third] = keba;
    const part = selectRange(keba, new Date(second?.timestamp ?? 0), new Date(third?.timestamp ?? 0));
    expect(part).not.toContain(first);
    expect(part).toContain(second);
    expect(part).not.toContain(third);
  });
});

describe('a replay', () => {
  const replay = replayAs(keba, { chargePointId: 'fresh-1', ocppIdentity: 'FRESH_1' });

  it('names the fresh charger and leaves every payload as it was', () => {
    expect(new Set(replay.map(({ chargePointId, ocppIdentity }) => `${chargePointId} ${ocppIdentity}`))).toEqual(
      new Set(['fresh-1 FRESH_1']),
    );
    expect(replay.map(({ frame }) => frame.slice(2))).toEqual(keba.map(({ frame }) => frame.slice(2)));
  });

  it('joins request and reply by message ids that no other charger has', () => {
    const idsOf = (events: RecordedEvent[]) => new Set(events.map(({ frame }) => frame[1]));
    const other = replayAs(keba, { chargePointId: 'fresh-2', ocppIdentity: 'FRESH_2' });
    expect(idsOf(replay).size).toBe(idsOf(keba).size);
    expect([...idsOf(replay)].filter((id) => idsOf(other).has(id))).toEqual([]);
    expect([...idsOf(replay)].every((id) => id.length <= 36)).toBe(true);
  });

  it('has the same ids each time', () => {
    expect(replayAs(keba, { chargePointId: 'fresh-1', ocppIdentity: 'FRESH_1' })).toEqual(replay);
  });
});

function invalidLines(events: RecordedEvent[]): number[] {
  const actions = new Map(events.flatMap(({ frame }) => (frame[0] === 2 ? [[frame[1], frame[2]]] : [])));
  return events.flatMap((event, index) => (errorsIn(event, actions).length > 0 ? [index + 1] : []));
}

function errorsIn({ protocol, frame }: RecordedEvent, actions: Map<string, string>): string[] {
  const version: OcppVersion = protocol === 'ocpp1.6' ? '1.6' : '2.0.1';
  if (frame[0] === 2) return schemaErrors(version, frame[2], frame[3]);
  return frame[0] === 3 ? responseSchemaErrors(version, actions.get(frame[1]) ?? 'none', frame[2]) : [];
}
