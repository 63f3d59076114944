/** The registry of the edge, as far as `sync` needs it. */
import * as z from 'zod';

const Page = z.object({
  chargers: z.array(z.looseObject({ ocppIdentity: z.string() })),
  cursor: z.string().optional(),
});
const Refusal = z.looseObject({ detail: z.string() });

/** Its calls, with a token of `CSMS_TOKENS`. */
export function edgeAt(url: string, token: string) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

  return {
    /** The OCPP identities of all chargers. @throws when the edge refuses the token or does not answer. */
    async identities(): Promise<ReadonlySet<string>> {
      const identities = new Set<string>();
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const path: string = `/api/chargers?limit=500${cursor && `&cursor=${cursor}`}`;
        const response = await fetch(new URL(path, url), { headers });
        if (response.status === 401)
          throw new Error('The edge refuses the token (401): is CSMS_TOKEN one of CSMS_TOKENS?');
        if (!response.ok) throw new Error(`The edge answered ${response.status} when asked for its chargers.`);
        const page = Page.parse(await response.json());
        for (const { ocppIdentity } of page.chargers) identities.add(ocppIdentity);
        ({ cursor } = page);
      }
      return identities;
    },
    /** Registers a station under its own identity. Gives why it was refused. */
    async register(id: string, protocol: string): Promise<string | undefined> {
      const evses = [{ evseId: 1, connectors: [{ connectorId: '1' }] }];
      const response = await fetch(new URL(`/api/chargers/${encodeURIComponent(id)}`, url), {
        method: 'PUT',
        headers,
        body: JSON.stringify({ ocppIdentity: id, protocol, evses }),
      });
      if (response.ok) return undefined;
      const refusal = Refusal.safeParse(await response.json().catch(() => undefined));
      return `is not registered (${response.status}): ${refusal.success ? refusal.data.detail : 'no reason was given'}`;
    },
  };
}
