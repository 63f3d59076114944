/** Where the user is: the address below `/console`, as a signal. Filters are part of it. */
import { computed, signal } from '@preact/signals';

const BASE = '/console';

const read = () => ({ path: location.pathname.slice(BASE.length) || '/', query: new URLSearchParams(location.search) });

/** The page, beginning with "/", and its query. */
export const place = signal(read());

/** The parts of the path, decoded: "/chargers/a%2Fb" → ["chargers", "a/b"]. */
export const parts = computed(() =>
  place.value.path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded),
);

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a page of the console. Each part of `path` is encoded; empty filters are left out. */
export function to(
  path: readonly (string | number)[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const filters = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(filters).toString();
  const base = `${BASE}/${path.map((part) => encodeURIComponent(part)).join('/')}`;
  return search === '' ? base : `${base}?${search}`;
}

/** Goes to an address that `to` made. */
export function go(href: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  const path = place.value.path;
  place.value = read();
  if (!replace && place.value.path !== path) scrollTo(0, 0);
}

/** This page with other filters. A cursor belongs to the filters before, so it goes. */
export function filtered(changes: Readonly<Record<string, string | undefined>>): string {
  const { path, query } = place.value;
  const kept = Object.fromEntries([...query].filter(([name]) => name !== 'cursor'));
  const names = path.split('/').filter((part) => part !== '');
  return to(names.map(decoded), { ...kept, ...changes });
}

/** Follows links to our own pages without loading anything anew. */
export function followLinks(): void {
  addEventListener('popstate', () => (place.value = read()));
  addEventListener('click', (event) => {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!isPlain || link === null || link.origin !== location.origin || link.hasAttribute('download')) return;
    if (!link.pathname.startsWith(BASE) || link.target !== '' || link.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
