/** Compares a rate with a baseline that is measured in the same run, turn by turn, so that both have the same weather. */
import { medianOf, tableOf } from './table.ts';

/** A ratio beside its goal. `baseline` and `measured` are medians, in `unit`. */
export type Ratio = {
  readonly name: string;
  readonly unit: string;
  readonly baseline: number;
  readonly measured: number;
  readonly ratio: number;
  readonly goal?: { readonly least: number } | { readonly most: number };
};

/** Two rates and their ratio. */
export type Rates = Pick<Ratio, 'baseline' | 'measured' | 'ratio'>;

/** Measures both `rounds` times by turns; the ratio is the median of the rounds' ratios. The first round of each is a warm-up. */
export async function compare(
  rounds: number,
  baselineOf: (round: number) => Promise<number> | number,
  measuredOf: (round: number) => Promise<number> | number,
): Promise<Rates> {
  const pairs: { readonly baseline: number; readonly measured: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const baseline = await baselineOf(round);
    const measured = await measuredOf(round);
    if (round > 0) pairs.push({ baseline, measured });
  }
  return {
    baseline: medianOf(pairs.map(({ baseline }) => baseline)),
    measured: medianOf(pairs.map(({ measured }) => measured)),
    ratio: medianOf(pairs.map(({ baseline, measured }) => measured / baseline)),
  };
}

/** How fast a process is differs from start to start: `measureOnce` starts both, several times, and the medians count. */
export async function overStarts(starts: number, measureOnce: () => Promise<Rates>): Promise<Rates> {
  const taken: Rates[] = [];
  for (let start = 0; start < starts; start += 1) taken.push(await measureOnce());
  return {
    baseline: medianOf(taken.map(({ baseline }) => baseline)),
    measured: medianOf(taken.map(({ measured }) => measured)),
    ratio: medianOf(taken.map(({ ratio }) => ratio)),
  };
}

/** Whether a ratio reaches its goal; one without a goal does. */
export function isReached({ ratio, goal }: Pick<Ratio, 'ratio' | 'goal'>): boolean {
  if (goal === undefined) return true;
  return 'least' in goal ? ratio >= goal.least : ratio <= goal.most;
}

/** The ratios as a table. */
export function tellingOf(ratios: readonly Ratio[]): string {
  const rows = ratios.map(({ name, unit, baseline, measured, ratio, goal }) => {
    const verdict = goal === undefined ? '' : isReached({ ratio, goal }) ? 'reached' : 'MISSED';
    return [
      name,
      `${baseline.toFixed(0)} ${unit}`,
      `${measured.toFixed(0)} ${unit}`,
      ratio.toFixed(2),
      textOf(goal),
      verdict,
    ];
  });
  return tableOf(['', 'baseline', 'measured', 'ratio', 'goal', ''], rows);
}

function textOf(goal: Ratio['goal']): string {
  if (goal === undefined) return '';
  return 'least' in goal ? `>= ${goal.least}` : `<= ${goal.most}`;
}
