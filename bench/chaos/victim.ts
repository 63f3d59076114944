/** The edge as a process that is killed and started again on the same storage and port. */
import { startEdgeProcess, type EdgeProcess, type EdgeProcessOptions } from '../../sandbox/edge-process.ts';
import type { Outage } from './judge.ts';

/** The running edge, whichever process it is at the moment. */
export type Victim = {
  readonly url: string;
  readonly outages: readonly Outage[];
  /** SIGKILL, then the same again on the same storage. */
  readonly crash: () => Promise<void>;
  /** How many lines it logged that contain this text, over all its lives. */
  readonly countLogged: (text: string) => number;
  readonly end: () => Promise<void>;
};

/** Starts the first life. */
export async function startVictim(options: EdgeProcessOptions): Promise<Victim> {
  let edge: EdgeProcess = await startEdgeProcess(options);
  const { port, url } = edge;
  const outages: Outage[] = [];
  const past: string[] = [];
  return {
    url,
    outages,
    async crash() {
      const from = Date.now();
      await edge.kill();
      past.push(edge.output());
      edge = await startEdgeProcess({ ...options, port });
      outages.push({ from, until: Date.now() });
    },
    countLogged: (text) => [...past, edge.output()].reduce((sum, output) => sum + output.split(text).length - 1, 0),
    end: () => edge.kill(),
  };
}
