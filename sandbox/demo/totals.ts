// The end of the demo: how many webhooks and messages there were, the energy as each side knows it, and the verdict.
import type { Received } from '../journal.ts';
import { kWh } from './essentials.ts';
import { listAt, numberAt, textAt, valueAt } from './json.ts';
import type { Tally } from './replay.ts';
import type { Screen } from './screen.ts';
import type { Observation, Registers } from './verdict.ts';

/** One provider: what it received, and the registers it was told. */
export type Side = { readonly observation: Observation; readonly registers: Registers };

/** Everything that is counted. */
export type Totals = { readonly tally: Readonly<Tally>; readonly recorded: Registers; readonly sides: readonly Side[] };

/** Shows the numbers. */
export function showTotals({ heading, line, paint }: Screen, { tally, recorded, sides }: Totals): void {
  heading('5  Totals of the recorded session');
  const { posted, received, duplicates, ignored, rejected } = tally;
  line(
    `   ${posted} webhooks posted: ${received} received, ${duplicates} duplicate, ${ignored} ignored, ${rejected} rejected`,
  );
  line();
  line(paint('dim', rowOf(['', 'delivered', 'refused', 'twice', 'disorder', 'at start', 'at end', 'session'])));
  for (const { observation, registers } of sides) {
    const { provider, expected, received: entries, counts } = observation;
    const delivered = `${entries.filter(({ status }) => status === 200).length} of ${expected.length}`;
    const judged = [counts.refused, counts.duplicates, counts.outOfOrder].map(String);
    line(rowOf([provider, delivered, ...judged, ...energies(registers)]));
  }
  line(rowOf(['Recording', '', '', '', '', ...energies(recorded)]));
}

/** More faults than this are only counted. */
const faultLimit = 20;
const logLimit = 3;
/** A log line may hold a stack trace. */
const logWidth = 400;

/** Shows the verdict, every fault, and what the edge itself logged as an error. */
export function showVerdict({ line, paint }: Screen, faults: readonly string[], errorLogs: readonly string[]): void {
  line();
  if (faults.length === 0) {
    line(
      paint(
        ['bold', 'green'],
        '   ✓ PASSED: every expected event arrived at both providers, once, in order and valid; every plan reached its charger, and the meters followed.',
      ),
    );
    return;
  }
  line(paint(['bold', 'red'], `   ✗ FAILED: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`));
  for (const fault of shortened(faults, faultLimit)) line(paint('red', `     ${fault}`));
  if (errorLogs.length > 0) line('   The edge logged:');
  for (const log of shortened(errorLogs, logLimit)) line(`     ${log.slice(0, logWidth)}`);
}

function shortened(lines: readonly string[], limit: number): string[] {
  const more = lines.length - limit;
  return more > 0 ? [...lines.slice(0, limit), `and ${more} more`] : [...lines];
}

/** The registers as Stekker was told them: of its start and its stop. */
export function registersAtStekker(received: readonly Received[]): Registers {
  const paramsOf = (method: string) =>
    valueAt(received.find(({ body }) => textAt(body, 'event', 'method') === method)?.body, 'event', 'params');
  return {
    startWh: numberAt(paramsOf('StartTransaction'), 'meterStart'),
    stopWh: numberAt(paramsOf('StopTransaction'), 'meterStop'),
  };
}

/** The registers as Jedlix was told them: the first of Started, the last of Ended. */
export function registersAtJedlix(received: readonly Received[]): Registers {
  const registersIn = (eventType: string) => {
    const body = received.find((entry) => textAt(entry.body, 'eventType') === eventType)?.body;
    return listAt(body, 'meterValue')
      .flatMap((meterValue) => listAt(meterValue, 'sampledValue'))
      .filter((sample) => textAt(sample, 'measurand') === 'Energy.Active.Import.Register')
      .map((sample) => numberAt(sample, 'value'));
  };
  return { startWh: registersIn('Started')[0], stopWh: registersIn('Ended').at(-1) };
}

function energies({ startWh, stopWh }: Registers): string[] {
  const sessionWh = startWh === undefined || stopWh === undefined ? undefined : stopWh - startWh;
  return [startWh, stopWh, sessionWh].map(kWh);
}

function rowOf(cells: readonly string[]): string {
  const [first = '', ...rest] = cells;
  return `   ${first.padEnd(10)}${rest.map((cell) => cell.padStart(11)).join('')}`.trimEnd();
}
