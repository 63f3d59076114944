/** CitrineOS's data API and the GraphQL API of its database, as far as `sync` needs them. */
import * as z from 'zod';
import { Subscription, type Change, type Wanted } from './subscriptions.ts';

export type Place = {
  readonly base: string;
  readonly graphql: string;
  readonly tenant: string;
  readonly token: string | undefined;
  readonly secret: string | undefined;
};

export type Station = { readonly id: string; readonly protocol: string | undefined };

const PAGE = 500;
const QUERY = `query Stations($tenant: Int!, $after: String!, $limit: Int!) {
  ChargingStations(where: { tenantId: { _eq: $tenant }, id: { _gt: $after } }, order_by: { id: asc }, limit: $limit) {
    id protocol
  }
}`;
const Answer = z.object({
  data: z
    .object({ ChargingStations: z.array(z.looseObject({ id: z.string(), protocol: z.string().nullish() })) })
    .optional(),
  errors: z.array(z.looseObject({ message: z.string() })).optional(),
});

/** Its calls. Each throws with a sentence when CitrineOS does not answer as it should. */
export function citrineosAt({ base, graphql, tenant, token, secret }: Place) {
  const auth = { ...(token && { authorization: `Bearer ${token}` }) };

  async function ask(method: string, query: Record<string, string>, body?: Wanted): Promise<unknown> {
    const url = new URL('/data/ocpprouter/subscription', base);
    for (const [name, value] of Object.entries({ tenantId: tenant, ...query })) url.searchParams.set(name, value);
    const headers = { ...auth, ...(body !== undefined && { 'content-type': 'application/json' }) };
    const response = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`CitrineOS answered ${response.status} to ${method} subscription: ${text.slice(0, 200)}`);
    return JSON.parse(text) as unknown;
  }

  async function page(after: string): Promise<readonly Station[]> {
    const response = await fetch(graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(secret && { 'x-hasura-admin-secret': secret }) },
      body: JSON.stringify({ query: QUERY, variables: { tenant: Number(tenant), after, limit: PAGE } }),
    });
    const { data, errors = [] } = Answer.parse(await response.json());
    if (data === undefined)
      throw new Error(`CitrineOS: ${errors.map(({ message }) => message).join('; ') || response.status}`);
    return data.ChargingStations.map(({ id, protocol }) => ({ id, protocol: protocol ?? undefined }));
  }

  return {
    /** Every station of the tenant, by its OCPP identity. */
    async stations(): Promise<readonly Station[]> {
      const all: Station[] = [];
      for (let after = ''; ;) {
        const some = await page(after);
        all.push(...some);
        const last = some.at(-1);
        if (last === undefined || some.length < PAGE) return all;
        after = last.id;
      }
    },
    async subscriptions(stationId: string): Promise<readonly Subscription[]> {
      return z.array(Subscription).parse(await ask('GET', { stationId }));
    },
    async apply(change: Change, wanted: Wanted): Promise<void> {
      if (change.kind === 'add') await ask('POST', {}, wanted);
      else await ask('DELETE', { id: String(change.subscription.id) });
    },
  };
}
