/** The parked messages themselves, one page at a time. */
import { api } from '../base/api.ts';
import { deliveryCurl } from '../base/curl.ts';
import { at, textAt } from '../base/json.ts';
import { useAnswer } from '../base/live.ts';
import { place, to } from '../base/place.ts';
import { count, named, reasonText } from '../base/words.ts';
import type { DeadLetter, Page } from '../types.ts';
import { Action, doing } from './action.tsx';
import { Card, Facts, Shown, Time } from './bits.tsx';
import { Code, Json } from './code.tsx';
import { Pager } from './table.tsx';

type Filter = Readonly<Record<string, string | undefined>>;

export function Letters({ filter }: { readonly filter: Filter }) {
  const cursor = place.value.query.get('cursor') ?? undefined;
  const path = api(['dead-letters'], { ...filter, limit: 20, cursor });
  const known = useAnswer<Page & { deadLetters: readonly DeadLetter[] }>(path, 10_000).value;
  return (
    <Card title="Messages">
      <Shown known={known}>
        {({ deadLetters, cursor }) => (
          <>
            {deadLetters.map((letter) => (
              <Letter key={letter.deliveryId} {...letter} />
            ))}
            <Pager cursor={cursor} />
          </>
        )}
      </Shown>
    </Card>
  );
}

function Letter(letter: DeadLetter) {
  const { deliveryId, provider, chargePointId, reason, payload, parkedAt } = letter;
  const names = payload.map((message) => textAt(message, 'name') || textAt(message, 'event', 'kind')).join(', ');
  return (
    <details class="letter">
      <summary>
        <b>{names || 'message'}</b> of {chargePointId || 'no charger'} to {named(provider)}: {reasonText(reason)},{' '}
        <Time at={parkedAt} />
      </summary>
      <Facts
        of={[
          ['Charger', <a href={to(['chargers', chargePointId])}>{chargePointId}</a>],
          ['Came', <Time at={letter.receivedAt} />],
          ['Sent', count(letter.attempts, 'time')],
          ['Last answer', answerOf(letter.lastAnswer)],
          ['Delivery id', <code>{deliveryId}</code>],
        ]}
      />
      {payload.map((message, index) => {
        const command = deliveryCurl(provider, message);
        return (
          <div key={index} class="stack">
            <Json label="Payload" value={at(message, 'body') ?? message} />
            {command === undefined ? null : <Code label={`As curl, to ${named(provider)}`} text={command} />}
          </div>
        );
      })}
      <div class="actions">
        <Action label="Send this again" act={() => doing(['POST', api(['dead-letters', deliveryId, 'replay'])])} />
        <Action
          label="Drop this"
          isDangerous
          question={<p>The message is dropped for good. Its timeline notes it.</p>}
          act={() => doing(['DELETE', api(['dead-letters', deliveryId])])}
        />
      </div>
    </details>
  );
}

function answerOf(answer: unknown): string {
  const status = textAt(answer, 'status');
  return status === '' ? textAt(answer, 'cause') || 'none' : `${status} ${textAt(answer, 'body')}`;
}
