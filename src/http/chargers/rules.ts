/**
 * What must be true between the fields of a charger: unique ids, one connector per EVSE on OCPP 1.6. Pure. Skips fields
 * that are wrong in themselves, so that one answer can name every mistake.
 */
import * as z from 'zod';
import type { FieldError } from '../../problem.ts';

const Connector = z.object({ connectorId: z.unknown().optional() }).catch({ connectorId: undefined });
const NO_EVSE = { evseId: undefined, uid: undefined, emi3Id: undefined, connectors: [] };
const Evse = z
  .object({
    evseId: z.unknown().optional(),
    uid: z.unknown().optional(),
    emi3Id: z.unknown().optional(),
    connectors: z.array(Connector).catch([]),
  })
  .catch(NO_EVSE);
const Loose = z.object({
  chargePointId: z.unknown().optional(),
  protocol: z.unknown().optional(),
  evses: z.array(Evse).catch([]),
});
type Loose = z.infer<typeof Loose>;

/** Checks a body of any shape; no entry means no contradiction. */
export function crossFieldErrors(chargePointId: string, body: unknown): FieldError[] {
  const charger = Loose.safeParse(body);
  if (!charger.success) return [];
  const { evses } = charger.data;
  return [
    ...otherIdErrors(chargePointId, charger.data),
    ...(['evseId', 'uid', 'emi3Id'] as const).flatMap((field) =>
      repeated(evses.map((evse) => evse[field])).map((index) => duplicate(`evses.${index}.${field}`)),
    ),
    ...evses.flatMap((evse, index) =>
      repeated(evse.connectors.map(({ connectorId }) => connectorId)).map((at) =>
        duplicate(`evses.${index}.connectors.${at}.connectorId`),
      ),
    ),
    ...connectorCountErrors(charger.data),
  ];
}

/** The path names the charger. A body that names another charger is a mistake. */
function otherIdErrors(chargePointId: string, charger: Loose): FieldError[] {
  const named = charger.chargePointId ?? chargePointId;
  if (named === chargePointId || (typeof named === 'number' && String(named) === chargePointId)) return [];
  return [{ path: 'chargePointId', message: 'is another one than in the path' }];
}

/** On OCPP 1.6 each connector of the charger is an EVSE of its own. */
function connectorCountErrors({ protocol, evses }: Loose): FieldError[] {
  if (protocol !== 'ocpp1.6') return [];
  return evses.flatMap((evse, index) =>
    evse.connectors.length <= 1
      ? []
      : [{ path: `evses.${index}.connectors`, message: 'must be exactly one on ocpp1.6: connector n is evseId n' }],
  );
}

/** The places where a value is repeated; 1 and "1" are the same id. */
function repeated(values: readonly unknown[]): number[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    const isAgain = seen.has(String(value));
    seen.add(String(value));
    return isAgain ? [index] : [];
  });
}

function duplicate(path: string): FieldError {
  return { path, message: 'must be unique' };
}
