/** Brings a provider's charging profile to its charger's object, and turns the outcome into a problem if it failed. */
import type { Context } from 'hono';
import type { ProfileRequest, ProfileVerdict } from '../charging/charging-profile.ts';
import { problem, sentence, type Problem } from '../problem.ts';
import { err, ok, type Result } from '../result.ts';
import { wordOf, type ProfileOutcome } from '../station/steering/profile-outcome.ts';
import { stationOf } from '../station/station-of.ts';
import type { AppEnv } from './app-env.ts';
import { chargerUnknown } from './chargers/view.ts';

/** No registered charger has a longer id: for such a one no object needs to be asked. */
const MAX_ID_LENGTH = 64;

/** A profile, with its provider and its charger. */
export type ProfileCall = {
  readonly provider: string;
  readonly chargePointId: string;
  readonly request: ProfileRequest;
};

/**
 * The charger's verdict, Accepted or not. Else the reason of a refusal (400), or one of these: 'charger-unknown',
 * 'pairing-unknown' when the provider does not control the charger, 'superseded', 'charger-offline',
 * 'charger-no-answer', 'charger-unknown-to-csms', 'command-failed', 'misconfigured' without a command channel,
 * 'overloaded'.
 */
export async function setProfile(c: Context<AppEnv>, call: ProfileCall): Promise<Result<ProfileVerdict, Problem>> {
  const { provider, chargePointId, request } = call;
  if (chargePointId.length > MAX_ID_LENGTH) return err(chargerUnknown());
  const order = { provider, request, requestId: c.get('requestId') };
  const outcome = await stationOf(c.env, chargePointId).setChargingProfile(order);
  Object.assign(c.get('logFields'), {
    'scsp.provider': provider,
    'scsp.charge_point_id': chargePointId,
    'scsp.outcome': wordOf(outcome),
  });
  return outcome.kind === 'answered' ? ok(outcome.verdict) : err(problemOf(outcome));
}

function problemOf(outcome: Exclude<ProfileOutcome, { kind: 'answered' }>): Problem {
  switch (outcome.kind) {
    case 'refused':
      return problem(outcome.refusal.reason, sentence(outcome.refusal.detail));
    case 'charger-unknown':
      return chargerUnknown();
    case 'not-controlling':
      return problem('pairing-unknown', 'The charger is not paired with this provider.');
    case 'superseded':
      return problem('superseded', 'A newer profile for the same place came while this one waited.');
    case 'busy':
      return problem('overloaded', 'Too many profiles wait for this charger.');
    case 'not-sent':
      return problem('overloaded', 'The charger was busy until the deadline, so the profile was not sent.');
    case 'off':
      return problem('misconfigured', 'No way to send commands to chargers is configured.', {
        context: { settings: ['CSMS_COMMANDS'] },
      });
    case 'offline':
      return problem('charger-offline', 'The charger has no connection to its CSMS.');
    case 'no-answer':
      return problem('charger-no-answer', 'The charger did not answer in time; it may have taken the profile.');
    case 'unknown':
      return problem('charger-unknown-to-csms', 'The CSMS does not know this charger.');
    case 'failed':
      return problem('command-failed', 'The CSMS could not pass the profile on.', {
        context: { cause: outcome.reason },
      });
  }
}
