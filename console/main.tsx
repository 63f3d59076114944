/** The console: a client of the JSON API, and nothing else. */
import { useSignal } from '@preact/signals';
import { render, type ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { findSession, session, signOut } from './base/api.ts';
import { isLive } from './base/live.ts';
import { followLinks, parts, to } from './base/place.ts';
import { Overview } from './pages/overview.tsx';
import { SignIn } from './pages/sign-in.tsx';

/** Pages beside the first one come when they are needed. */
const PAGES: Readonly<Record<string, () => Promise<ComponentType>>> = {
  chargers: async () => (await import('./pages/chargers.tsx')).Chargers,
  charger: async () => (await import('./pages/charger.tsx')).Charger,
  timeline: async () => (await import('./pages/timeline.tsx')).Timeline,
  message: async () => (await import('./pages/message.tsx')).Message,
  sessions: async () => (await import('./pages/sessions.tsx')).Sessions,
  session: async () => (await import('./pages/session.tsx')).SessionPage,
  parked: async () => (await import('./pages/parked.tsx')).Parked,
  unknown: async () => (await import('./pages/unknown.tsx')).Unknown,
  health: async () => (await import('./pages/health.tsx')).Health,
};

const NAVIGATION = [
  ['', 'Overview'],
  ['chargers', 'Chargers'],
  ['sessions', 'Sessions'],
  ['parked', 'Parked'],
  ['unknown', 'Unknown'],
  ['health', 'Health'],
] as const;

/** The name of the page that a path leads to. A charger's own pages are named by their third part. */
function pageOf([first = '', second, third, fourth]: readonly string[]): string {
  if (first !== 'chargers' || second === undefined) return first;
  if (third === 'timeline') return fourth === undefined ? 'timeline' : 'message';
  return third === undefined ? 'charger' : third === 'sessions' ? 'session' : 'missing';
}

function App() {
  if (session.value === undefined) return null;
  if (session.value === null) return <SignIn />;
  const page = pageOf(parts.value);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        To the content
      </a>
      <Bar first={parts.value[0] ?? ''} />
      <main id="main" tabIndex={-1}>
        {page === '' ? <Overview /> : <Later key={parts.value.join('/')} page={page} />}
      </main>
    </div>
  );
}

function Bar({ first }: { readonly first: string }) {
  return (
    <header class="bar">
      <a class="brand" href={to([])}>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" />
          <path d="M18 4 8 18h7l-1 10 10-14h-7z" />
        </svg>
        scsp-edge
      </a>
      <nav aria-label="Pages of the console">
        {NAVIGATION.map(([path, name]) => (
          <a key={path} href={to(path === '' ? [] : [path])} aria-current={path === first ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <div class="bar-end">
        <label class="switch">
          <input type="checkbox" role="switch" checked={isLive.value} onChange={() => (isLive.value = !isLive.value)} />
          Live
        </label>
        <button type="button" class="button" onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
    </header>
  );
}

function Later({ page }: { readonly page: string }) {
  const loaded = useSignal<{ readonly Page?: ComponentType; readonly isMissing?: boolean }>({});
  useEffect(() => {
    const load = Object.hasOwn(PAGES, page) ? PAGES[page] : undefined;
    if (load === undefined) loaded.value = { isMissing: true };
    else void load().then((Page) => (loaded.value = { Page }));
  }, [page]);
  const { Page, isMissing } = loaded.value;
  if (Page !== undefined) return <Page />;
  return isMissing ? <h1 tabIndex={-1}>There is no such page</h1> : <p class="waiting">Loading …</p>;
}

followLinks();
void findSession();
const app = document.getElementById('app');
if (app !== null) render(<App />, app);
