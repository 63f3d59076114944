/** The real Worker among the strict stand-ins, and what tests do with it over HTTP. */
import { expect, vi } from 'vitest';
import * as z from 'zod';
import { startEdge, type Edge } from '../../sandbox/edge.ts';
import { startOutsideWorld, type OutsideWorld } from '../../sandbox/outside-world.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';

const Chargers = z.object({ chargers: z.array(z.object({ chargePointId: z.string() })) });
const Timeline = z.object({ timeline: z.array(z.object({ owed: z.array(z.string()) })) });

export type World = {
  readonly edge: Edge;
  readonly outside: OutsideWorld;
  readonly api: (
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ) => Promise<{ status: number; body: unknown }>;
  readonly register: (chargePointId: string, changes?: Record<string, unknown>) => Promise<void>;
  /** Waits until nothing is owed to any provider. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Starts everything; providers may share a charger unless `vars` say otherwise. */
export async function startWorld(vars: Record<string, string> = {}): Promise<World> {
  const outside = await startOutsideWorld();
  const edge = await startEdge({ ...outside.urls, vars: { ONE_PROVIDER_PER_CHARGER: 'false', ...vars } });
  const api: World['api'] = async (method, path, body, token = sandboxSettings.CSMS_TOKENS) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${edge.url}${path}`, init);
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  return {
    edge,
    outside,
    api,
    register: async (chargePointId, changes) => {
      const charger = { ...chargerBody(chargePointId), ...changes };
      expect((await api('PUT', `/api/chargers/${chargePointId}`, charger)).status).toBe(201);
    },
    settled: () =>
      vi.waitFor(
        async () => {
          const { body } = await api('GET', '/api/chargers');
          const ids = Chargers.parse(body).chargers.map(({ chargePointId }) => chargePointId);
          for (const id of ids) {
            const path = `/api/chargers/${id}/timeline?limit=500`;
            const answer = await api('GET', path, undefined, sandboxSettings.ADMIN_TOKEN);
            expect(Timeline.parse(answer.body).timeline.flatMap(({ owed }) => owed)).toEqual([]);
          }
        },
        { timeout: 30_000, interval: 100 },
      ),
    close: async () => {
      await edge.close();
      await outside.close();
    },
  };
}

function chargerBody(chargePointId: string) {
  return {
    ocppIdentity: `ID-${chargePointId}`,
    protocol: 'ocpp1.6',
    country: 'NLD',
    geometry: { type: 'Point', coordinates: [5.365, 52.583] },
    evses: [1, 2, 3].map((evseId) => ({
      evseId,
      uid: `${chargePointId}-${evseId}`,
      emi3Id: `NL*STK*E${chargePointId}*${evseId}`,
      connectors: [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }],
    })),
  };
}

let count = 0;

/** An id that no other charger of this run has. */
export function freshId(): string {
  count += 1;
  return `CP${String(count).padStart(4, '0')}`;
}
