// What a CSMS may be commanded and what its charger answers; it refuses payloads that the charger's OCPP version does not allow.
import * as z from 'zod';
import type { Refusal } from './journal.ts';
import { schemaErrors } from './ocpp-schema.ts';

/** How a charger takes a command. `hang` never answers; `offline` and `unknown` are the CSMS's words, the rest the charger's. */
export type ChargerVerdict = 'Accepted' | 'Rejected' | 'NotSupported' | 'offline' | 'unknown' | 'hang';

const Command = z.strictObject({
  id: z.uuid(),
  chargePointId: z.string().min(1),
  ocppIdentity: z.string().min(1),
  protocol: z.enum(['ocpp1.6', 'ocpp2.0.1']),
  action: z.enum(['SetChargingProfile', 'ClearChargingProfile']),
  payload: z.record(z.string(), z.unknown()),
});

/** A command as the edge posts it. `payload` is in the charger's own OCPP version. */
export type Command = z.infer<typeof Command>;

/** Reads a command; its payload must be valid by the official schema. */
export function readCommand(body: unknown): Command | Refusal {
  const parsed = Command.safeParse(body);
  if (!parsed.success) {
    const details = parsed.error.issues.map((issue) => `/${issue.path.join('/')} ${issue.message}`);
    return { status: 400, reason: 'command-invalid', details };
  }
  const { protocol, action, payload } = parsed.data;
  const details = schemaErrors(protocol === 'ocpp1.6' ? '1.6' : '2.0.1', action, payload);
  return details.length > 0 ? { status: 400, reason: 'payload-invalid', details } : parsed.data;
}

/** The status in the charger's CALLRESULT: 2.0.1 has no NotSupported, and a profile that cannot be cleared is Unknown. */
export function chargerStatus(
  { action, protocol }: Pick<Command, 'action' | 'protocol'>,
  verdict: 'Accepted' | 'Rejected' | 'NotSupported',
): string {
  if (verdict === 'Accepted') return verdict;
  if (action === 'ClearChargingProfile') return 'Unknown';
  return protocol === 'ocpp2.0.1' ? 'Rejected' : verdict;
}
