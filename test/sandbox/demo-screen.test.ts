import { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createScreen } from '../../sandbox/demo/screen.ts';

const escape = '\u001B';

function outputOf(terminal: { isTTY?: boolean; columns?: number }) {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const output = Object.assign(stream, { getColorDepth: () => WriteStream.prototype.getColorDepth() }, terminal);
  return { output, written: () => text };
}

afterEach(() => vi.unstubAllEnvs());

function clearColourSettings() {
  // Node also asks where it runs: a known CI, or a terminal that can do nothing, has no colours.
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'NODE_DISABLE_COLORS', 'CI', 'TMUX']) vi.stubEnv(name, undefined);
  vi.stubEnv('TERM', 'xterm-256color');
}

describe('the screen', () => {
  it('writes plain lines, without colours, progress or cursor control, where there is no terminal', () => {
    clearColourSettings();
    const { output, written } = outputOf({});
    const screen = createScreen(output);
    screen.heading('Title');
    screen.progress('half way');
    screen.line(screen.paint('red', 'text'));
    expect(written()).toBe('\nTitle\ntext\n');
  });

  it('keeps the progress line below the others on a terminal, and takes it away', () => {
    clearColourSettings();
    const { output, written } = outputOf({ isTTY: true, columns: 40 });
    const screen = createScreen(output);
    screen.progress('half way');
    screen.line('text');
    screen.progress('');
    expect(written()).toBe(`half way\r${escape}[2Ktext\nhalf way\r${escape}[2K`);
  });

  it('cuts the progress line, so that it stays one', () => {
    clearColourSettings();
    const { output, written } = outputOf({ isTTY: true, columns: 10 });
    createScreen(output).progress('0123456789abc');
    expect(written()).toBe('012345678');
  });

  it('has no progress line on a dumb terminal', () => {
    vi.stubEnv('TERM', 'dumb');
    const { output, written } = outputOf({ isTTY: true });
    createScreen(output).progress('half way');
    expect(written()).toBe('');
  });

  it.each([
    [true, undefined, undefined, true],
    [true, '1', undefined, false],
    [false, undefined, undefined, false],
    [false, undefined, '1', true],
    [true, undefined, '0', false],
  ])('on a terminal: %s, NO_COLOR %s, FORCE_COLOR %s → coloured: %s', (isTTY, noColor, forceColor, isColoured) => {
    clearColourSettings();
    vi.stubEnv('TERM', 'xterm-256color');
    vi.stubEnv('NO_COLOR', noColor);
    vi.stubEnv('FORCE_COLOR', forceColor);
    const { output } = outputOf({ isTTY });
    const painted = createScreen(output).paint('red', 'text');
    expect(painted.includes(escape)).toBe(isColoured);
  });
});
