/** Prints aligned tables. Knows nothing of what is in them. */

/** A row of cells; the first column is aligned to the left, the others to the right. */
export type Row = readonly (string | number)[];

/** The table as text, with a line under its head. */
export function tableOf(head: Row, rows: readonly Row[]): string {
  const texts = [head, ...rows].map((row) => row.map(textOf));
  const widths = head.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const lines = texts.map((row) =>
    widths
      .map((width, column) => padded(row[column] ?? '', width, column > 0))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

const padded = (text: string, width: number, isRight: boolean) => (isRight ? text.padStart(width) : text.padEnd(width));

/** Whole numbers with separators, others with two decimals. */
function textOf(cell: string | number): string {
  if (typeof cell === 'string') return cell;
  return Number.isInteger(cell) ? cell.toLocaleString('en-US') : cell.toFixed(2);
}

/** The middle of a list of numbers; NaN for an empty one. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}
