/**
 * Which provider and which part of a charger a pairing is about. Refuses providers that are unknown or off, and targets
 * that do not exist.
 */
import type { Charger } from '../charging/charger.ts';
import type { Config } from '../config.ts';
import { problem, type Problem } from '../problem.ts';
import { PROVIDERS } from '../providers/index.ts';
import type { PairingTarget } from '../charging/pairing-target.ts';
import type { ConfiguredProvider } from '../providers/provider.ts';
import { err, ok, type Result } from '../result.ts';

/** What a request says of its target; "ocpp" and the whole charger unless it says otherwise. */
export type TargetChoice = { readonly format: PairingTarget['format']; readonly evseUid?: string | undefined };

/**
 * The provider of this name; 'provider-unknown' for none, 'provider-off' for one without settings,
 * 'provider-half-configured'.
 */
export function chooseProvider(config: Config, name: string): Result<ConfiguredProvider, Problem> {
  const provider = config.providers.get(name);
  if (provider !== undefined) return ok(provider);
  if (config.halfConfigured.has(name)) return err(halfConfigured());
  return PROVIDERS.some((each) => each.name === name)
    ? err(problem('provider-off', 'This provider is not configured here.'))
    : err(problem('provider-unknown', `provider must be one of: ${PROVIDERS.map((each) => each.name).join(', ')}.`));
}

/** The target on this charger; 'pairing-invalid' when "ocpi" comes without the uid of one of its EVSEs. */
export function chooseTarget(charger: Charger, { format, evseUid }: TargetChoice): Result<PairingTarget, Problem> {
  if (format === 'ocpp') return ok({ format });
  if (evseUid === undefined) return err(invalidField('evseUid', 'is needed with format "ocpi"'));
  if (!charger.evses.some(({ uid }) => uid === evseUid))
    return err(invalidField('evseUid', 'is no EVSE of the charger'));
  return ok({ format, evseUid });
}

/** The answer while settings of a provider are missing or malformed: `/readyz` names them for the operator. */
export function halfConfigured(): Problem {
  return problem(
    'provider-half-configured',
    'Settings of this provider are missing or malformed; it is off until then.',
  );
}

/** 'pairing-invalid' for one field. */
export function invalidField(path: string, message: string): Problem {
  return problem('pairing-invalid', `${path} ${message}.`, { errors: [{ path, message }] });
}

/** The one answer to a charger that someone else controls. */
export function alreadyPaired(): Problem {
  return problem('charger-already-paired', 'The charger is already paired; that pairing must end first.');
}
