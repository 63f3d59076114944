/** The platform's rate limiter: coarse, and for each location. Without the binding, it lets everything through. */

/** The environment, with the binding that a deployment may leave out. */
export type FencedEnv = { readonly PAIR_RATE_LIMIT?: RateLimit };

/** The period of the binding in wrangler.toml, in s. */
export const FENCE_PERIOD_S = 60;

/**
 * Whether this caller may go on. A limiter that fails lets everybody through: codes are long, and wrong ones are
 * counted.
 */
export async function isWithinRate({ PAIR_RATE_LIMIT }: FencedEnv, key: string): Promise<boolean> {
  if (PAIR_RATE_LIMIT === undefined) return true;
  const { success } = await PAIR_RATE_LIMIT.limit({ key }).catch(() => ({ success: true }));
  return success;
}
