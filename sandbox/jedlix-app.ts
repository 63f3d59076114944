// Jedlix's own calls to the edge: verifying a code, setting a profile, unpairing; it refuses answers that Jedlix's guide does not describe.
import { parseJson } from './journal.ts';
import {
  incorrectCodeMessage,
  readPairingAnswer,
  unknownStationMessage,
  unpairedMessage,
  type PairedKind,
  type PairingProtocol,
} from './jedlix-messages.ts';

/** Where the edge is, and the token it issued to Jedlix. */
export type EdgeAccess = { edgeUrl: string; token: string };

/** The edge's answer to a call. `errors` names what Jedlix's guide does not allow in it. */
export type AppAnswer = { status: number; body: unknown; errors: string[] };

/** A code typed into Jedlix's app. `protocol` defaults to `ocpp2.0.1`. */
export type CodeVerification = EdgeAccess & { code: string; protocol?: PairingProtocol };

/** A profile for a station. `pathWord` is singular in an older revision of the guide. */
export type JedlixProfileCall = EdgeAccess & {
  uid: string;
  profile: unknown;
  pathWord?: 'chargingstations' | 'chargingstation';
  protocol?: 'ocpp1.6' | 'ocpp2.0.1';
};

/** An unpairing that the user asked for in Jedlix's app. */
export type UnpairCall = EdgeAccess & { uid: string; kind?: PairedKind };

/** Source: Jedlix guide, code issued by the CPO. `paired` is set when the edge answered 200 with a valid body. */
export async function verifyCode(
  call: CodeVerification,
): Promise<AppAnswer & { paired?: { uid: string; kind: PairedKind } }> {
  const protocol = call.protocol ?? 'ocpp2.0.1';
  const { status, body } = await post(call, `/v1/cpo/${protocol}/pair`, { code: call.code });
  if (status !== 200) return { status, body, errors: status === 404 ? messageErrors(body, incorrectCodeMessage) : [] };
  const read = readPairingAnswer(protocol, body);
  if ('errors' in read) return { status, body, errors: read.errors };
  return { status, body, errors: [], paired: { uid: read.uid, kind: read.kind } };
}

/** Source: Jedlix guide, charging profiles. */
export async function setProfile(call: JedlixProfileCall): Promise<AppAnswer> {
  const { uid, pathWord = 'chargingstations', protocol = 'ocpp2.0.1' } = call;
  const path = `/v1/cpo/${pathWord}/${encodeURIComponent(uid)}/events/${protocol}/SetChargingProfile`;
  const { status, body } = await post(call, path, call.profile);
  const isDocumented = [200, 400, 401, 404, 500, 503].includes(status);
  return { status, body, errors: isDocumented ? [] : [`status ${status} is not documented`] };
}

/** Source: Jedlix guide, unpair. */
export async function unpairAtEdge(call: UnpairCall): Promise<AppAnswer> {
  const path = `/v1/cpo/${call.kind ?? 'chargingstations'}/${encodeURIComponent(call.uid)}/unpair`;
  const { status, body } = await post(call, path, undefined);
  if (status === 200) return { status, body, errors: messageErrors(body, unpairedMessage) };
  return { status, body, errors: status === 404 ? messageErrors(body, unknownStationMessage) : [] };
}

function messageErrors(body: unknown, message: string): string[] {
  const isRight = typeof body === 'object' && body !== null && 'message' in body && body.message === message;
  return isRight ? [] : [`message should be: ${message}`];
}

async function post(
  { edgeUrl, token }: EdgeAccess,
  path: string,
  body: unknown,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(new URL(path, edgeUrl), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: parseJson(text) ?? text };
}
