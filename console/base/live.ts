/** Answers that stay fresh: each is asked for again every few seconds, as long as the switch is on and the page is seen. */
import { signal, useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call, session, type Refusal } from './api.ts';

/** The switch. */
export const isLive = signal(true);
/** Counts orders to ask for everything again, such as after an action. */
export const asked = signal(0);
/** Now, for relative times (ms). */
export const now = signal(Date.now());

/** What is known of an answer. `value` stays while a newer one is fetched, so that nothing jumps. */
export type Known<T> = { readonly value?: T; readonly refusal?: Refusal };

const EVERY_MS = 5000;

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);

/** The newest answer to this path; `undefined` asks for nothing. */
export function useAnswer<T>(path: string | undefined, everyMs = EVERY_MS): Signal<Known<T>> {
  const known = useSignal<Known<T>>({});
  const order = asked.value;
  useEffect(() => {
    if (path === undefined) return undefined;
    let isOver = false;
    const load = async () => {
      const answer = await call<T>('GET', path);
      if (isOver) return;
      if (answer.ok) known.value = { value: answer.value };
      else if (answer.refusal.status !== 401) known.value = { ...known.peek(), refusal: answer.refusal };
    };
    const isDue = () => isLive.peek() && !document.hidden && session.peek() !== null;
    void load();
    const timer = setInterval(() => isDue() && void load(), everyMs);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [path, everyMs, order]);
  return known;
}
