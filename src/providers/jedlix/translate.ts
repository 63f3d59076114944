/** Charge events in Jedlix's form: OCPP 2.0.1 TransactionEvents (Jedlix guide: session data), and unpairing. Pure. */
import type { OutgoingMessage, TranslationContext } from '../../recipient.ts';
import type { ChargeEvent } from '../../charging/charge-event.ts';
import { writeTransactionEvent } from '../../ocpp/v201/write-transaction-event.ts';
import type { JedlixSettings } from './settings.ts';
import { unpairMessage } from './unpair.ts';

/** One TransactionEvent for each event of a session, and the unpairing. Jedlix gets nothing else. */
export function translate(
  event: ChargeEvent,
  { charger, seqNo }: TranslationContext,
  settings: JedlixSettings,
): readonly OutgoingMessage[] {
  switch (event.kind) {
    case 'session-started':
    case 'session-updated':
    case 'session-ended': {
      const path = settings.JEDLIX_TRANSACTION_EVENT_PATH.replace(
        '{uid}',
        encodeURIComponent(charger.chargePointId),
      ).replace('{protocol}', settings.JEDLIX_PAYLOAD_PROTOCOL);
      return [{ name: 'TransactionEvent', method: 'POST', path, body: writeTransactionEvent(event, seqNo) }];
    }
    case 'unpaired':
      return [unpairMessage(event, charger)];
    case 'connector-status-changed':
    case 'meter-values-taken':
    case 'station-connected':
    case 'station-disconnected':
    case 'station-booted':
    case 'charger-details-changed':
      return [];
  }
}
