/** What a crash test sends and which faults strike must be the same for the same seed, and must be what a CSMS would send. */
import { describe, expect, test } from 'vitest';
import { isTaken, stormOf } from '../../bench/chaos/faults.ts';
import { fleetOf } from '../../bench/chaos/fleet.ts';
import { storyOf, type Story } from '../../bench/chaos/sessions.ts';
import { mailingOf, partOf } from '../../bench/chaos/webhooks.ts';
import { randomFrom } from '../../bench/random.ts';
import { listAt, textAt } from '../../sandbox/demo/json.ts';
import { schemaErrors } from '../../sandbox/ocpp-schema.ts';

const LENGTH = 120;
const storiesOf = (seed: string): Story[] =>
  fleetOf(5).map((charger, index) => storyOf(charger, index, LENGTH, randomFrom(`${seed} ${index}`)));
const STORIES = storiesOf('a');
const frames = STORIES.flatMap(({ events }) => events.map(({ body }) => listAt(body, 'frame')));

describe('the stories of the chargers', () => {
  test('are the same for the same seed, and others for another', () => {
    expect(storiesOf('a')).toEqual(STORIES);
    expect(storiesOf('b')).not.toEqual(STORIES);
  });

  test('are valid OCPP 1.6', () => {
    const calls = frames.filter(([type]) => type === 2);
    expect(calls.flatMap((frame) => schemaErrors('1.6', textAt(frame, 2), frame[3]))).toEqual([]);
  });

  test('have a time of its own for each message that is due, and as many as were asked for', () => {
    for (const { events, due } of STORIES) {
      expect(new Set(due.map(({ at }) => at)).size).toBe(due.length);
      expect(events.filter(({ isOfInterest }) => isOfInterest).length).toBeGreaterThanOrEqual(LENGTH);
    }
  });

  test('leave no start without its answer', () => {
    const bodies = STORIES.flatMap(({ events }) => events.map(({ body }) => body));
    const answered = new Set(frames.filter(([type]) => type === 3).map((frame) => textAt(frame, 1)));
    const open = bodies.filter(
      (body) => textAt(body, 'frame', 2) === 'StartTransaction' && !Object.hasOwn(Object(body), 'response'),
    );
    expect(open.length).toBeGreaterThan(0);
    expect(open.filter((body) => !answered.has(textAt(body, 'frame', 1)))).toEqual([]);
  });

  test('make a start with a separate answer due only when the answer comes', () => {
    const [, , story] = STORIES; // The third charger has three connectors.
    const told = story?.events.map(({ body }) => Date.parse(textAt(body, 'timestamp'))) ?? [];
    expect(story?.due.map(({ at }) => at)).not.toEqual(story?.due.map(({ at }) => at).toSorted((a, b) => a - b));
    expect(story?.due.every(({ at }) => told.includes(at))).toBe(true);
  });
});

describe('the mailing', () => {
  const parts = STORIES.map(({ events }) => partOf(events, 1, 3));
  const { requests, repeats } = mailingOf(parts, 'x', randomFrom('a'));
  const told = requests.flatMap(({ events }) => events);

  test('tells every event, and each charger its own in order', () => {
    const fresh = [...new Set(told)];
    for (const part of parts) expect(fresh.filter((event) => part.includes(event))).toEqual(part);
    expect(fresh.length).toBe(parts.flat().length);
  });

  test('counts the repeats', () => {
    const interesting = told.filter(({ isOfInterest }) => isOfInterest);
    expect(repeats).toBe(interesting.length - new Set(interesting).size);
    expect(repeats).toBeGreaterThan(0);
  });

  test('gives a request sent twice the same id and events', () => {
    const byId = Map.groupBy(requests, ({ id }) => id);
    for (const same of byId.values()) expect(new Set(same.map(({ events }) => events)).size).toBe(1);
  });

  test('ends with something of interest of every charger', () => {
    const tail = requests.slice(-4).flatMap(({ events }) => events);
    const chargers = new Set(tail.filter(({ isOfInterest }) => isOfInterest).map(({ chargePointId }) => chargePointId));
    expect(chargers.size).toBe(parts.length);
  });
});

describe('the faults', () => {
  const request = (n: number) => {
    return { method: 'POST', path: '/x', query: new URLSearchParams(), headers: {}, bodyText: String(n) };
  };
  const strike = (seed: string, times = 1) => {
    const storm = stormOf(
      { seed, rate: 0.3, maxInARow: 4 },
      { now: () => 0, nameOf: () => ({ chargePointId: 'cp', at: 0 }) },
    );
    for (let attempt = 0; attempt < times; attempt += 1) for (let n = 0; n < 2000; n += 1) storm.plan(request(n));
    return storm.reached.map(({ trouble }) => trouble);
  };

  test('strike the same requests for the same seed', () => {
    expect(strike('a')).toEqual(strike('a'));
    expect(strike('a')).not.toEqual(strike('b'));
  });

  test('strike about as many as asked for, of every kind', () => {
    const troubles = strike('a').filter((trouble) => trouble !== 'none');
    expect(troubles.length / 2000).toBeGreaterThan(0.25);
    expect(troubles.length / 2000).toBeLessThan(0.35);
    expect(new Set(troubles).size).toBe(7);
  });

  test('spare a request that failed often enough', () => {
    expect(
      strike('a', 5)
        .slice(-2000)
        .every((trouble) => trouble === 'none'),
    ).toBe(true);
  });

  test('leave the provider having acted only where the answer alone was late or lost', () => {
    expect((['500', '503', '429', 'reset', 'time-out'] as const).filter(isTaken)).toEqual([]);
    expect((['none', 'slow', 'late-reset'] as const).filter((trouble) => !isTaken(trouble))).toEqual([]);
  });
});
