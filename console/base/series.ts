/** What was asked, accepted and drawn in one session, and its register, out of the charger's timeline. Pure. */
import type { TimelineItem } from '../types.ts';
import { at, listAt, numberAt, textAt } from './json.ts';

/** A value from `ms` (since the epoch) on. */
export type Point = { readonly ms: number; readonly value: number };

/** One profile, and its three states: taken by the CSMS, answered by the charger, followed by the meter. */
export type ProfileLine = {
  readonly seq: number;
  readonly at: string;
  readonly provider: string;
  readonly asked: readonly Point[];
  readonly taken: string;
  readonly answered: string;
  readonly followed: 'yes' | 'no' | 'unknown';
};

/** Limits and power in W, registers in Wh; each in the order of time. */
export type Series = {
  readonly asked: readonly Point[];
  readonly accepted: readonly Point[];
  readonly drawn: readonly Point[];
  readonly register: readonly Point[];
  readonly profiles: readonly ProfileLine[];
};

type Session = {
  readonly transactionId: string;
  readonly evseId: number;
  readonly startedAt: string;
  readonly endedAt?: string | null | undefined;
};

/** Of an EVSE whose number of phases a profile does not say. */
const PHASES = 3;
const VOLTS = 230;
/** A meter is this much late, and this much wrong, before a profile counts as ignored. */
const SETTLED_MS = 60_000;
const SLACK_W = 300;
const SLACK = 1.1;

/** The series of a session; `items` are lines of its charger's timeline, in any order, `until` is now (ms). */
export function seriesOf(items: readonly TimelineItem[], session: Session, until: number): Series {
  const { drawn, register } = metersOf(items, session.transactionId);
  const begin = Date.parse(session.startedAt);
  const end = session.endedAt ? Date.parse(session.endedAt) : until;
  const entries = items
    .filter(
      ({ entry }) => entry.kind === 'charging-profile' && [0, session.evseId].includes(numberAt(entry, 'evseId') ?? -1),
    )
    .filter(({ at: time }) => Date.parse(time) >= begin && Date.parse(time) <= end)
    .toSorted((a, b) => a.seq - b.seq);
  // A plan is shown from its own start on, where that lies before it was asked.
  const starts = entries.map(({ at: time, entry }) => {
    const start = Date.parse(textAt(entry, 'profile', 'schedules', 0, 'startSchedule'));
    return Math.min(Date.parse(time), Math.max(begin, start || end));
  });
  const lines = entries.map((item, index) =>
    profileLine(item, { from: starts[index] ?? begin, to: Math.min(end, starts[index + 1] ?? end), drawn }),
  );
  const accepted = lines.filter(({ answered }) => answered === 'Accepted');
  return {
    asked: lines.flatMap(({ asked }) => asked),
    accepted: accepted.flatMap(({ asked }) => asked),
    drawn,
    register,
    profiles: lines,
  };
}

type Span = { readonly from: number; readonly to: number; readonly drawn: readonly Point[] };

function profileLine({ seq, at: time, entry }: TimelineItem, { from, to, drawn }: Span): ProfileLine {
  const asked = limitsOf(at(entry, 'profile'), from).filter(({ ms }) => ms < to);
  const command = listAt(entry, 'commands').at(-1);
  const kind = textAt(command, 'outcome', 'kind');
  const answered = textAt(command, 'outcome', 'payload', 'status');
  return {
    seq,
    at: time,
    provider: textAt(entry, 'provider'),
    asked,
    taken: kind === '' ? textAt(entry, 'outcome') : kind,
    answered: answered || '–',
    followed: answered === 'Accepted' ? followed(asked, { from: Date.parse(time), to, drawn }) : 'unknown',
  };
}

function followed(asked: readonly Point[], { from, to, drawn }: Span): ProfileLine['followed'] {
  const readings = drawn.filter(({ ms }) => ms >= from + SETTLED_MS && ms <= to);
  const over = readings.filter(({ ms, value }) => {
    const limit = asked.findLast((each) => each.ms + SETTLED_MS <= ms)?.value;
    return limit !== undefined && value > limit * SLACK + SLACK_W;
  });
  if (over.length >= 3) return 'no';
  return readings.length > over.length ? 'yes' : 'unknown';
}

/** The limits of a profile in W, from when it was asked on. */
function limitsOf(profile: unknown, from: number): Point[] {
  const schedule = listAt(profile, 'schedules')[0];
  const isAmpere = textAt(schedule, 'rateUnit') === 'A';
  const start = Date.parse(textAt(schedule, 'startSchedule')) || from;
  const points = listAt(schedule, 'periods').flatMap((period) => {
    const limit = numberAt(period, 'limit');
    if (limit === undefined) return [];
    const value = isAmpere ? limit * VOLTS * (numberAt(period, 'numberPhases') ?? PHASES) : limit;
    return [{ ms: start + (numberAt(period, 'startS') ?? 0) * 1000, value }];
  });
  const current = points.findLast(({ ms }) => ms <= from);
  return [...(current === undefined ? [] : [{ ...current, ms: from }]), ...points.filter(({ ms }) => ms > from)];
}

function metersOf(items: readonly TimelineItem[], transactionId: string): Pick<Series, 'drawn' | 'register'> {
  const own = items.flatMap(({ events }) =>
    events
      .map((each) => at(each, 'event'))
      .filter((event) => textAt(event, 'session', 'transactionId', 'ocpp201') === transactionId),
  );
  const values = own.flatMap((event) => [...listAt(event, 'meterValues')]);
  const taken = values.flatMap((value) => {
    const ms = Date.parse(textAt(value, 'at'));
    return Number.isNaN(ms) ? [] : [{ ms, samples: listAt(value, 'samples') }];
  });
  const points = (measure: (samples: readonly unknown[]) => number | undefined) =>
    taken
      .flatMap(({ ms, samples }) => {
        const value = measure(samples);
        return value === undefined ? [] : [{ ms, value }];
      })
      .toSorted((a, b) => a.ms - b.ms);
  return { drawn: points(powerIn), register: points(registerIn) };
}

const isOf = (measurand: string, fallback: boolean) => (sample: unknown) =>
  textAt(sample, 'measurand') === measurand || (fallback && textAt(sample, 'measurand') === '');

function powerIn(samples: readonly unknown[]): number | undefined {
  const all = samples.filter(isOf('Power.Active.Import', false));
  const totals = all.filter((sample) => textAt(sample, 'phase') === '');
  const chosen = totals.length > 0 ? totals.slice(0, 1) : all;
  const values = chosen.flatMap((sample) => valueOf(sample, 'kW') ?? []);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

function registerIn(samples: readonly unknown[]): number | undefined {
  const total = samples
    .filter(isOf('Energy.Active.Import.Register', true))
    .find((each) => textAt(each, 'phase') === '');
  return total === undefined ? undefined : valueOf(total, 'kWh');
}

function valueOf(sample: unknown, kilo: string): number | undefined {
  const value = numberAt(sample, 'value');
  if (value === undefined) return undefined;
  return value * (textAt(sample, 'unit') === kilo ? 1000 : 1) * 10 ** (numberAt(sample, 'multiplier') ?? 0);
}
