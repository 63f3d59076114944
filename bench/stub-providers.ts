/** Providers that say yes to everything at once, so that what is measured is the edge and not a stand-in's checks. */
import { startHttpServer } from '../sandbox/http-server.ts';
import type { ProviderName } from './chaos/fleet.ts';

/** The running stubs. `arrivals` has the time (ms) of each session message a provider took, in order. */
export type StubProviders = {
  readonly urls: { readonly stekkerUrl: string; readonly jedlixUrl: string; readonly csmsUrl: string };
  readonly arrivals: Readonly<Record<ProviderName, readonly number[]>>;
  /** From now on this provider takes the connection and never answers. */
  readonly hang: (provider: ProviderName) => void;
  readonly close: () => Promise<void>;
};

const TOKEN = { access_token: 'bench-token', expires_in: 3600, token_type: 'Bearer' };

/** Starts both. */
export async function startStubProviders(): Promise<StubProviders> {
  const arrivals = { stekker: [] as number[], jedlix: [] as number[] };
  const start = (provider: ProviderName) =>
    startHttpServer({
      handle({ method, path }) {
        if (path === '/oauth/token') return { status: 200, body: TOKEN };
        if (method === 'POST' && !path.endsWith('/pair')) arrivals[provider].push(performance.now());
        return { status: 200 };
      },
    });
  const servers = { stekker: await start('stekker'), jedlix: await start('jedlix') };
  return {
    urls: { stekkerUrl: servers.stekker.url, jedlixUrl: servers.jedlix.url, csmsUrl: servers.stekker.url },
    arrivals,
    hang: (provider) => servers[provider].setFaults(() => 'hang'),
    close: async () => {
      await Promise.all(Object.values(servers).map((server) => server.close()));
    },
  };
}
