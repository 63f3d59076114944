/** Who made or ended a pairing, for the record: kept with the pairing and shown in its charger's timeline. Never holds a credential. */
import * as z from 'zod';

/**
 * `by` is the side that asked: the CSMS, the provider, or the operator with the admin token. `caller` tells its credentials apart
 * by fingerprint. `requestId` is that of the request, in the log too.
 */
export const Audit = z.object({
  by: z.enum(['csms', 'provider', 'operator']),
  caller: z.string(),
  requestId: z.string(),
});
export type Audit = z.infer<typeof Audit>;

/** Of a pairing also whose code it was made by: one that the provider's app showed, or one that we issued. */
export const PairingAudit = Audit.extend({ origin: z.enum(['code-from-provider', 'code-from-us']) });
export type PairingAudit = z.infer<typeof PairingAudit>;
