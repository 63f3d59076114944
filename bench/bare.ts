/** Starts the bare Worker, the baseline of the ratios, in the same way as the edge. */
import { join } from 'node:path';
import { startEdgeProcess } from '../sandbox/edge-process.ts';
import { buildEdge } from './built-edge.ts';

/** The running bare Worker. */
export type Bare = { readonly url: string; readonly end: () => Promise<void> };

const NOWHERE = 'http://127.0.0.1:9';

/** Builds and starts it. The edge's settings are passed to it too, and mean nothing to it. */
export async function startBare(): Promise<Bare> {
  const built = await buildEdge({ configPath: join(import.meta.dirname, 'bare-insert', 'wrangler.toml') });
  const urls = { stekkerUrl: NOWHERE, jedlixUrl: NOWHERE, csmsUrl: NOWHERE };
  const bare = await startEdgeProcess({ ...urls, ...built });
  return {
    url: bare.url,
    end: async () => {
      await bare.kill();
      await built.remove();
    },
  };
}
