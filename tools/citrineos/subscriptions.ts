/** Which subscriptions of a station must be made or removed, so that exactly one of the edge is left. Pure. */
import * as z from 'zod';

/** As CitrineOS gives it; `id` is a number. */
export const Subscription = z.looseObject({
  id: z.number(),
  url: z.string(),
  onConnect: z.boolean().nullish(),
  onClose: z.boolean().nullish(),
  onMessage: z.boolean().nullish(),
  sentMessage: z.boolean().nullish(),
  messageRegexFilter: z.string().nullish(),
});
export type Subscription = z.output<typeof Subscription>;

export type Wanted = {
  readonly stationId: string;
  readonly url: string;
  readonly onConnect: false;
  readonly onClose: true;
  readonly onMessage: true;
  readonly sentMessage: true;
};

export type Change =
  | { readonly kind: 'add' }
  | { readonly kind: 'remove'; readonly subscription: Subscription; readonly wanted: Wanted };

const PATH = '/webhooks/citrineos/';

/** The one that a station should have. With `onConnect`, CitrineOS would let no charger in before the edge answered. */
export function subscriptionFor(stationId: string, edge: string, token: string): Wanted {
  const url = new URL(`${PATH}${encodeURIComponent(token)}`, edge).href;
  return { stationId, url, onConnect: false, onClose: true, onMessage: true, sentMessage: true };
}

/** Whether it is as wanted. What CitrineOS leaves out is off. */
export function isWanted(subscription: Subscription, wanted: Wanted): boolean {
  const { url, onConnect, onClose, onMessage, sentMessage, messageRegexFilter } = subscription;
  const isOn = onClose === true && onMessage === true && sentMessage === true;
  return url === wanted.url && isOn && onConnect !== true && !messageRegexFilter;
}

/** What must change. A new one is made before wrong ones are removed, so that nothing is missed. Others' stay. */
export function changesOf(existing: readonly Subscription[], wanted: Wanted, edge: string): readonly Change[] {
  const ours = existing.filter(({ url }) => url.startsWith(new URL(PATH, edge).href));
  const kept = ours.find((each) => isWanted(each, wanted));
  const removed = ours
    .filter((each) => each !== kept)
    .map((subscription) => ({ kind: 'remove', subscription, wanted }) as const);
  return kept === undefined ? [{ kind: 'add' }, ...removed] : removed;
}
