/** What the operator hands to the CSMS and to the providers after a deployment. */
import type { Environment } from './environments.ts';

/** The text for one deployment at `url`. Secrets that were made in this run are in `values`; others are not known here. */
export function handoverOf(url: string, { providers }: Environment, values: Readonly<Record<string, string>>): string {
  const value = (name: string) => values[name] ?? `(unchanged: ${name})`;
  const lines = [
    'To the CSMS:',
    `  webhooks        POST ${url}/webhooks/ocpp   (or /webhooks/citrineos, /webhooks/ocpp-event)`,
    `  bearer token    ${value('CSMS_TOKENS')}`,
    `  or signature    ${value('CSMS_WEBHOOK_SECRETS')}   (Standard Webhooks)`,
    ...(values['CSMS_COMMAND_SECRET'] ? [`  commands        signed with ${values['CSMS_COMMAND_SECRET']}`] : []),
    ...(values['CSMS_EVENTS_SECRET'] ? [`  notifications   signed with ${values['CSMS_EVENTS_SECRET']}`] : []),
    '',
  ];
  if (providers.includes('stekker')) {
    lines.push(
      'To Stekker:',
      `  profiles        POST ${url}/stekker/chargers/{chargePointId}/set-charging-profile`,
      `  key             ${value('STEKKER_INBOUND_KEY')}   (headers "secret" and "x-functions-key")`,
      '',
    );
  }
  if (providers.includes('jedlix')) {
    lines.push(
      'To Jedlix:',
      `  base URL        ${url}   (paths below /v1/cpo)`,
      `  bearer token    ${value('JEDLIX_INBOUND_TOKENS')}`,
      '',
    );
  }
  lines.push('For yourself:', `  operator token  ${value('ADMIN_TOKEN')}`);
  return lines.join('\n');
}
