/** What became of something for each recipient, as badges. */
import { named } from '../base/words.ts';
import type { TimelineItem } from '../types.ts';
import { Badge, type Tone } from './bits.tsx';

const TONES: Readonly<Record<string, Tone>> = {
  delivered: 'good',
  Accepted: 'good',
  parked: 'bad',
  Rejected: 'bad',
  waits: 'warn',
  empty: 'calm',
  superseded: 'calm',
  dropped: 'calm',
};

/** One outcome with its colour; words that are not known are calm. */
export function Outcome({ word, who }: { readonly word: string; readonly who?: string }) {
  return (
    <Badge tone={TONES[word] ?? 'calm'}>
      {who === undefined ? '' : `${named(who)} `}
      {word}
    </Badge>
  );
}

/** Recipient and outcome, in the order of names. What is still owed "waits". */
export function outcomesOf({ deliveries, owed }: TimelineItem): readonly (readonly [name: string, word: string])[] {
  const ended = Object.entries(deliveries).map(([name, { outcome }]) => [name, outcome] as const);
  const waiting = owed.filter((name) => deliveries[name] === undefined).map((name) => [name, 'waits'] as const);
  return [...ended, ...waiting].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** All of them. */
export function Outcomes({ item }: { readonly item: TimelineItem }) {
  return (
    <span class="badges">
      {outcomesOf(item).map(([name, word]) => (
        <Outcome key={name} who={name} word={word} />
      ))}
    </span>
  );
}
