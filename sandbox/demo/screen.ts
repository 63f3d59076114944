// Writes the demo's lines: colours where the terminal and NO_COLOR / FORCE_COLOR allow them, a progress line only on a terminal.
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** A stream such as process.stdout. */
export type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/** Where the demo writes to. */
export type Screen = {
  readonly isTerminal: boolean;
  /** Characters in a line; a stream that is no terminal has room for everything. */
  readonly columns: number;
  paint: (style: Style, text: string) => string;
  line: (text?: string) => void;
  heading: (text: string) => void;
  /** Replaces the progress line at the bottom; empty takes it away. Without a terminal there is none. */
  progress: (text: string) => void;
};

/** A screen over a stream. */
export function createScreen(output: Output): Screen {
  const isTerminal = output.isTTY === true && process.env['TERM'] !== 'dumb';
  const columns = isTerminal ? output.columns || 80 : Number.POSITIVE_INFINITY;
  let shown = '';
  const clear = () => (shown === '' ? '' : '\r\u001B[2K');
  const paint = (style: Style, text: string) => styleText(style, text, { stream: output });
  const line = (text = '') => void output.write(`${clear()}${text}\n${shown}`);
  return {
    isTerminal,
    columns,
    paint,
    line,
    heading(text) {
      line();
      line(paint('bold', text));
    },
    progress(text) {
      if (!isTerminal) return;
      const next = text.slice(0, columns - 1);
      output.write(`${clear()}${next}`);
      shown = next;
    },
  };
}

/** A bar of ten characters. */
export function bar(done: number, total: number): string {
  const filled = total === 0 ? 10 : Math.round((done / total) * 10);
  return '█'.repeat(filled) + '░'.repeat(10 - filled);
}
