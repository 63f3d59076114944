// The lines of a circle: who did what at which time of the session, and beside it what the provider saw of it; it judges nothing.
import { commandFacts, profilesIn, tellingOf, watts, type PlanAccount } from './circle-verdict.ts';
import { kW, kWh } from './essentials.ts';
import { textAt, valueAt } from './json.ts';
import type { PlanAnswer, Planner } from './planners.ts';
import type { Received } from '../journal.ts';
import type { Screen } from './screen.ts';
import type { Reading } from './simulated-charger.ts';

/** A plan as it was sent, and the answer. `asked` is its form in the provider's words. */
export type ShownPlan = PlanAccount & { readonly asked: string; readonly answer: PlanAnswer };

/** What the charger said of its session, and the newest that the provider has of it. */
export type ShownMoment = { readonly said: string; readonly reading: Reading; readonly latest: Received | undefined };

const saidWidth = 44;

/** A message of the charger. */
export function showMoment(screen: Screen, planner: Planner, { said, reading, latest }: ShownMoment): void {
  const telling = latest && tellingOf(planner.read(latest));
  const isFine = latest?.status === 200 && telling !== undefined;
  const saw = isFine ? `saw ${seenIn(telling.name, telling.facts)}` : `✗ ${latest?.reason ?? 'saw nothing'}`;
  const beside = screen.paint(isFine ? 'green' : 'red', `${planner.name} ${saw}`);
  screen.line(`   ${clock(reading.at)}  charger  ${said.padEnd(saidWidth)}${beside}`);
}

/** A plan, the command that it became, what the charger said to it, and what the provider was told. */
export function showPlan(screen: Screen, planner: Planner, shown: ShownPlan): void {
  const { plan, requests, answer, asked } = shown;
  const wish = `asks for at most ${watts(plan.limitW)}`;
  screen.line(`   ${clock(plan.from)}  ${planner.name.padEnd(8)} ${screen.paint('cyan', wish)}: ${asked}`);
  for (const { body, status } of requests) {
    const { action, transactionId, limit, 'OCPP version': version = '' } = commandFacts(body);
    const said = `${version.replace('ocpp', 'OCPP ')}, transaction ${transactionId}, ${limit}`;
    const text = `is sent, signed, ${action}: ${said}`;
    screen.line(`             CSMS     ${screen.paint(status === 200 ? 'cyan' : 'red', text)}`);
  }
  if (requests.length === 0) screen.line(`             CSMS     ${screen.paint('red', '✗ is sent nothing')}`);
  const told = `${planner.name} is told ${answer.status} ${JSON.stringify(answer.body)}`;
  screen.line(`             charger  says ${screen.paint('cyan', shown.said)}; ${told}`);
}

/** What the edge itself shows of the steered session. */
export function showEdge(screen: Screen, view: unknown, timeline: unknown): void {
  const session = valueAt(view, 'sessions', 0);
  const profile = valueAt(session, 'profile');
  const limit = `${textAt(profile, 'limit')} ${textAt(profile, 'unit')}`;
  const held = `${limit} by ${textAt(profile, 'provider')}, ${textAt(profile, 'status')}`;
  screen.line(`             edge     shows ${held}, drawn ${textAt(session, 'powerW')} W`);
  screen.line(`                      timeline: ${profilesIn(timeline).join('; ')}`);
}

function seenIn(name: string, { register = '', power }: Readonly<Record<string, string>>): string {
  if (power === undefined) return `the ${name}, ${kWh(Number.parseFloat(register))}`;
  return kW(Number.parseFloat(power));
}

function clock(at: Date): string {
  return at.toISOString().slice(11, 19);
}
