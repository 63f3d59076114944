/** The bodies that callers send, from the schemas that validate them; and what we send to a CSMS. */
import * as z from 'zod';
import { OCPP_VERSIONS } from '../src/charging/charger.ts';
import { Callback } from '../src/csms/citrineos/index.ts';
import { Details } from '../src/csms/ocpp-event/details.ts';
import { OcppEvent } from '../src/csms/ocpp-event/index.ts';
import { NativeEvent as ReadEvent } from '../src/csms/ocpp/index.ts';
import { ChargerInput } from '../src/http/chargers/schema.ts';
import { SignIn as ReadSignIn } from '../src/http/console/routes.ts';
import { Filter } from '../src/http/dead-letters.ts';
import { ErasureBody } from '../src/http/data-protection/erasures.ts';
import { RestoreBody } from '../src/http/data-protection/restore.ts';
import { CodeBody, PairBody } from '../src/http/pairings/schema.ts';
import { SessionSearch as ReadSearch } from '../src/http/sessions.ts';
import { SetChargingProfile } from '../src/ocpp/v16/set-charging-profile.ts';
import { SetChargingProfileRequest } from '../src/ocpp/v201/set-charging-profile.ts';
import { VerificationRequest } from '../src/providers/jedlix/inbound.ts';

/** Bodies that have a name in the document. */
export const BODIES = z.registry<{ readonly id: string; readonly description?: string }>();

function named<Schema extends z.ZodType>(id: string, description: string, schema: Schema): Schema {
  BODIES.add(schema, { id, description });
  return schema;
}

const Text = z.string().min(1).max(36);
const Payload = z.record(z.string(), z.unknown());
const Frame = z.union([
  z.tuple([z.literal(2), Text, z.string(), Payload]).meta({ description: 'CALL: [2, message id, action, payload]' }),
  z.tuple([z.literal(3), Text, Payload]).meta({ description: 'CALLRESULT: [3, message id, payload]' }),
  z
    .tuple([z.literal(4), Text, z.string(), z.string(), Payload])
    .meta({ description: 'CALLERROR: [4, message id, code, description, details]' }),
]);

/** The Worker reads `protocol`, `frame` and `timestamp` one by one, to refuse each with its own reason. */
const NativeEvent = named(
  'NativeEvent',
  'One frame of a charger, or a change of its connection. It names its charger by `chargePointId` or `ocppIdentity`.',
  ReadEvent.extend({
    protocol: z.enum(OCPP_VERSIONS).optional().meta({ description: 'Needed with a frame.' }),
    timestamp: z.iso.datetime({ offset: true }).nullish().meta({ description: 'When the CSMS saw the frame.' }),
    frame: Frame.optional(),
    response: z.unknown().optional().meta({ description: 'The payload of the CALLRESULT, if it is known already.' }),
  }),
);
const CitrineosCallback = named('CitrineosCallback', 'A callback of a CitrineOS subscription, v1 or v2.', Callback);
const OcppEventEnvelope = named('OcppEvent', 'The envelope that Stekker documents.', OcppEvent);
const ChargerDetails = named('ChargePointDetailsNotification', 'Charger details in the same envelope.', Details);

const batchOf = <Schema extends z.ZodType>(event: Schema) => z.union([event, z.array(event).max(500)]);

export const Webhook = named(
  'Webhook',
  'One event or up to 500, in the format that the path names.',
  z.union([batchOf(NativeEvent), batchOf(CitrineosCallback), batchOf(z.union([OcppEventEnvelope, ChargerDetails]))]),
);

export const ChargerBody = named('ChargerInput', 'A charger as the CSMS registers it.', ChargerInput);
export const Pair = named('PairRequest', 'Pairs by a code that the app of the provider showed.', PairBody);
export const IssueCode = named('CodeRequest', 'Asks for a code that the user types into the app.', CodeBody);
export const Erasure = named('ErasureRequest', 'What is to be forgotten: an id token, or a charger.', ErasureBody);
export const Restore = named('RestoreRequest', 'Where the call before stopped.', RestoreBody);
export const LetterFilter = named('DeadLetterFilter', 'Which parked messages; without any member, all.', Filter);
export const Verify = named('VerificationRequest', "Jedlix's request to verify a code.", VerificationRequest);
export const CallbackAnswer = named('CallbackAnswer', 'The answer of a charger to a command.', z.unknown());
export const Profile16 = named('SetChargingProfile16', 'SetChargingProfile of OCPP 1.6.', SetChargingProfile);
export const Profile201 = named(
  'SetChargingProfile201',
  'SetChargingProfile of OCPP 2.0.1.',
  SetChargingProfileRequest,
);
export const AnyProfile = named(
  'SetChargingProfile',
  'In the OCPP version of the path.',
  z.union([Profile16, Profile201]),
);

export const Command = named(
  'Command',
  'A command for a charger. Answer 200 with the payload of its CALLRESULT, 404 for an unknown charger, 503 when offline.',
  z.object({
    id: z.uuid(),
    chargePointId: z.string(),
    ocppIdentity: z.string(),
    protocol: z.enum(OCPP_VERSIONS),
    action: z.enum(['SetChargingProfile', 'ClearChargingProfile']),
    payload: Payload,
  }),
);

export const Notification = named(
  'Notification',
  'What the CSMS or its operator should know. docs/notifications.md lists the types and their data.',
  z.object({ type: z.string(), timestamp: z.iso.datetime(), data: Payload }),
);

export const SignIn = named('SignIn', 'The admin token, to sign in to the console.', ReadSignIn);

export const SessionSearch = named('SessionSearch', 'Sessions of an id token, by further filters.', ReadSearch);
