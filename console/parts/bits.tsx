/** The small parts that pages are made of. Text is always text: nothing here makes HTML of it. */
import type { ComponentChildren } from 'preact';
import type { Refusal } from '../base/api.ts';
import { now, type Known } from '../base/live.ts';
import { absolute, relative } from '../base/words.ts';

/** What a badge says by its colour; the text says the same. */
export type Tone = 'good' | 'warn' | 'bad' | 'calm';

/** A word with a colour. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** An instant: how long ago it is, and on hover the date and the time. */
export function Time({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={absolute(at)}>
      {relative(at, now.value)}
    </time>
  );
}

type CardProps = { readonly title: string; readonly aside?: ComponentChildren; readonly children: ComponentChildren };

/** A part of a page with a heading. */
export function Card({ title, aside, children }: CardProps) {
  return (
    <section class="card">
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** The head of a page. */
export function Head({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: ComponentChildren;
  children?: ComponentChildren;
}) {
  return (
    <header class="head">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {lead === undefined ? null : <p class="lead">{lead}</p>}
      </div>
      {children === undefined ? null : <div class="actions">{children}</div>}
    </header>
  );
}

/** Says what was wrong with a call. */
export function Refused({ refusal }: { readonly refusal: Refusal }) {
  return (
    <p class="notice bad" role="alert">
      {refusal.detail} <code>{refusal.reason}</code>
    </p>
  );
}

type KnownProps<T> = { readonly known: Known<T>; readonly children: (value: T) => ComponentChildren };

/** Shows an answer when it is there, and meanwhile its place. */
export function Shown<T>({ known, children }: KnownProps<T>) {
  return (
    <>
      {known.refusal === undefined ? null : <Refused refusal={known.refusal} />}
      {known.value === undefined ? known.refusal === undefined && <Waiting /> : children(known.value)}
    </>
  );
}

function Waiting() {
  return (
    <p class="waiting" role="status">
      Loading …
    </p>
  );
}

/** What is said where a list is empty. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** Names and values. */
export function Facts({ of }: { readonly of: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
