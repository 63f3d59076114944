/** One charging session of an OCPP 1.6 charger as webhooks, one event each. Pure. */
import { meterValuesOf } from '../chaos/readings.ts';
import { randomFrom } from '../random.ts';

/** An event and what it is called in the table. */
export type Told = { readonly name: string; readonly event: object };

/** Tells events of one charger, with times a minute apart. */
export type Narrator = {
  readonly start: () => Told;
  readonly meterValues: () => Told;
  readonly status: (word: string) => Told;
  readonly stop: () => Told;
};

/** Begins at a fixed time; the transaction's id never changes, because there is one. */
export function narratorOf(chargePointId: string): Narrator {
  const random = randomFrom(chargePointId);
  let [count, registerWh] = [0, 1_000_000];
  const tell = (name: string, payload: (timestamp: string) => object, response: object): Told => {
    count += 1;
    const timestamp = new Date(Date.parse('2026-03-01T06:00:00Z') + count * 60_000).toISOString();
    const frame = [2, `${chargePointId}-${count}`, name, payload(timestamp)];
    return { name, event: { chargePointId, protocol: 'ocpp1.6', timestamp, frame, response } };
  };
  const transactionId = 77;
  return {
    start: () =>
      tell('StartTransaction', (timestamp) => ({ connectorId: 1, idTag: 'TAG1', meterStart: registerWh, timestamp }), {
        transactionId,
        idTagInfo: { status: 'Accepted' },
      }),
    meterValues: () => {
      registerWh += 500;
      const payload = (at: string) => ({
        connectorId: 1,
        transactionId,
        meterValue: [meterValuesOf(at, registerWh, random)],
      });
      return tell('MeterValues', payload, {});
    },
    status: (word) =>
      tell(
        'StatusNotification',
        (timestamp) => ({ connectorId: 1, errorCode: 'NoError', status: word, timestamp }),
        {},
      ),
    stop: () =>
      tell('StopTransaction', (timestamp) => ({ transactionId, meterStop: registerWh, timestamp, reason: 'Local' }), {
        idTagInfo: { status: 'Accepted' },
      }),
  };
}

/** A session from plugging in to leaving, with so many readings. */
export function sessionOf({ start, meterValues, status, stop }: Narrator, readings: number): Told[] {
  return [
    status('Preparing'),
    start(),
    status('Charging'),
    ...Array.from({ length: readings }, meterValues),
    status('SuspendedEV'),
    stop(),
    status('Finishing'),
    status('Available'),
  ];
}
