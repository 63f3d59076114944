/** Changes recorded events into what no charger should say: nested, huge, multi-byte, of the wrong kind, at odd times. */
import type { Random } from '../random.ts';

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

const ODD: readonly [unknown, ...unknown[]] = [
  null,
  true,
  '',
  ' \u0000',
  0,
  -1,
  -0.1,
  1e308,
  2 ** 31,
  2 ** 53,
  '9223372036854775807',
  'NaN',
  '1e999',
  'Infinity',
  '2,5',
  '\u{1F50C}'.repeat(40),
  '\ud800',
  '\u202e\u0000é',
  '__proto__',
  'constructor',
  '..',
  '%00',
  [],
  {},
  [[]],
  [null],
  { $ref: '#' },
  nested(60),
  nested(200),
];

const INSTANTS: readonly [string, ...string[]] = [
  '1970-01-01T00:00:00Z',
  '2036-02-07T06:28:16Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999+14:00',
  '+010000-01-01T00:00:00Z',
  '-271821-04-20T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-05-12T24:00:00Z',
  '2026-05-12T23:59:60Z',
  '2026-05-12 16:06:38',
  '2026-05-12T16:06:38',
  '2026-05-12T16:06:38+0200',
  '2026-05-12T16:06:38.1Z',
  '20260512T160638Z',
  'Tue, 12 May 2026 16:06:38 GMT',
  'yesterday',
];

type Place = { readonly holder: Record<string, unknown>; readonly key: string };

/** Every place in a JSON value, up to a depth at which recorded frames have ended. */
function placesIn(value: unknown, depth = 0): Place[] {
  if (typeof value !== 'object' || value === null || depth > 10) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key], depth + 1)]);
}

/** A copy of an event with one to four changes. */
export function mutated<T>(event: T, random: Random): T {
  const copy = structuredClone(event);
  for (let changes = random.between(1, 4); changes > 0; changes -= 1) {
    const [first, ...others] = placesIn(copy);
    if (first !== undefined) change(random.pick([first, ...others]), random);
  }
  return copy;
}

function change({ holder, key }: Place, random: Random): void {
  const value = holder[key];
  const roll = random.between(0, 99);
  if (typeof value === 'string' && /^\d{4}-\d\d/.test(value) && roll < 60) holder[key] = random.pick(INSTANTS);
  else if (Array.isArray(value) && value.length > 0 && roll < 30) holder[key] = repeated(value, random);
  else if (roll < 15) Reflect.deleteProperty(holder, key);
  else if (roll < 20) holder[`${key}\u0000`] = value;
  else if (roll < 21) holder[key] = 'é'.repeat(random.between(1, 100_000));
  else if (roll < 30 && typeof value === 'number') holder[key] = String(value);
  else holder[key] = structuredClone(random.pick(ODD));
}

/** Seldom so many that a row cannot hold them. */
function repeated(list: readonly unknown[], random: Random): unknown[] {
  const times = random.chance(0.01) ? 2000 : random.between(2, 4);
  return Array.from({ length: times }, () => structuredClone(list)).flat();
}
