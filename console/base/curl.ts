/** Messages as curl commands. Secrets stand as names of variables. Pure. */
import type { TimelineItem } from '../types.ts';
import { at, textAt } from './json.ts';

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

type Request = {
  readonly method: string;
  readonly url: string;
  readonly authorization: string;
  readonly body: unknown;
};

function curl({ method, url, authorization, body }: Request): string {
  return [
    `curl -X ${method} "${url}"`,
    `-H "authorization: ${authorization}"`,
    `-H 'content-type: application/json'`,
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n  ');
}

/** The message as the CSMS could post it to us again; undefined when it is no OCPP call. */
export function webhookCurl(chargePointId: string, { entry, at: takenAt }: TimelineItem): string | undefined {
  const action = textAt(entry, 'frame', 'action');
  if (entry.kind !== 'message' || action === '') return undefined;
  const frame = [2, textAt(entry, 'frame', 'messageId'), action, at(entry, 'frame', 'payload')];
  const response = at(entry, 'response');
  const body = {
    chargePointId,
    protocol: entry['protocol'],
    direction: entry['direction'],
    timestamp: entry['seenAt'] ?? takenAt,
    frame,
    ...(response !== undefined && { response }),
  };
  return curl({ method: 'POST', url: '$EDGE/webhooks/ocpp', authorization: 'Bearer $CSMS_TOKEN', body });
}

/** A parked message as we sent it to its recipient; undefined when it was not translated. */
export function deliveryCurl(provider: string, message: unknown): string | undefined {
  const path = textAt(message, 'path');
  if (path === '') return undefined;
  const name = provider.toUpperCase();
  const url = `$${name}_URL${path}`;
  return curl({
    method: textAt(message, 'method'),
    url,
    authorization: `$${name}_AUTHORIZATION`,
    body: at(message, 'body'),
  });
}
