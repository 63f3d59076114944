/** What every pairing function is given of the world, and how it names who asked. */
import type { Config } from '../config.ts';
import type { Audit, PairingAudit } from '../storage/pairing-audit.ts';

/** `now` in ms since the epoch; `requestId` for the log; `actor` is who asks, for the record. */
export type PairingContext = {
  readonly env: Env;
  readonly config: Config;
  readonly now: number;
  readonly requestId: string;
  readonly actor: Pick<Audit, 'by' | 'caller'>;
};

/** The record of what is done in this context. */
export function auditOf({ actor, requestId }: PairingContext): Audit {
  return { ...actor, requestId };
}

/** The record of a pairing made in this context. */
export function pairingAuditOf(context: PairingContext, origin: PairingAudit['origin']): PairingAudit {
  return { ...auditOf(context), origin };
}
