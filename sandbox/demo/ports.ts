// The fixed ports of `npm run dev`: the edge on PORT (8787), the rest right above it; it refuses ports that are not free.
import { createServer } from 'node:net';

/** Each part's port. */
export type Ports = { edge: number; page: number; stekker: number; jedlix: number; csms: number };

/** The ports when the edge has this one. @throws when it is no port or leaves no room for the others. */
export function portsFrom(edgePort: string): Ports {
  const edge = Number(edgePort);
  const isPort = /^\d+$/.test(edgePort) && edge >= 1024 && edge <= 65_529;
  if (!isPort) throw new Error(`PORT=${edgePort} must be a number from 1024 to 65529`);
  return { edge, page: edge + 3, stekker: edge + 4, jedlix: edge + 5, csms: edge + 6 };
}

/** Which parts cannot have their port, and why. */
export async function findTakenPorts(ports: Ports): Promise<string[]> {
  const refusals = await Promise.all(
    Object.entries(ports).map(async ([part, port]) => {
      const code = await tryPort(port);
      if (code === undefined) return [];
      return [`port ${port} (${part}) ${code === 'EADDRINUSE' ? 'is taken' : `cannot be used: ${code}`}`];
    }),
  );
  return refusals.flat();
}

async function tryPort(port: number): Promise<string | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}
