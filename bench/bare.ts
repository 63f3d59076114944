/** Starts a bare Worker, the baseline of the ratios, in the same way as the edge. */
import { join } from 'node:path';
import { startEdgeProcess } from '../sandbox/edge-process.ts';
import type { EdgeSurroundings } from '../sandbox/settings.ts';
import { buildEdge } from './built-edge.ts';

/** A running bare Worker. */
export type Bare = { readonly url: string; readonly end: () => Promise<void> };

const NOWHERE = 'http://127.0.0.1:9';
const nobody = { stekkerUrl: NOWHERE, jedlixUrl: NOWHERE, csmsUrl: NOWHERE };

/** Builds and starts the one in this folder. The edge's settings are passed to it too. */
export async function startBare(
  name: 'bare-insert' | 'bare-update' | 'bare-forward',
  surroundings: EdgeSurroundings = nobody,
): Promise<Bare> {
  const built = await buildEdge({ configPath: join(import.meta.dirname, name, 'wrangler.toml') });
  const bare = await startEdgeProcess({ ...surroundings, ...built });
  return {
    url: bare.url,
    end: async () => {
      await bare.kill();
      await built.remove();
    },
  };
}
