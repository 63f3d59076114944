/** One line of a timeline: what came, what became of it for each recipient, and each attempt. */
import { useSignal } from '@preact/signals';
import { api } from '../base/api.ts';
import { deliveryCurl, webhookCurl } from '../base/curl.ts';
import { sayItem } from '../base/entries.ts';
import { at, listAt, textAt } from '../base/json.ts';
import { useAnswer } from '../base/live.ts';
import { parts, to } from '../base/place.ts';
import { count, named, reasonText } from '../base/words.ts';
import { useHeading } from '../parts/action.tsx';
import { Card, Empty, Facts, Head, Shown, Time } from '../parts/bits.tsx';
import { Code, Json } from '../parts/code.tsx';
import { Outcome, outcomesOf } from '../parts/outcome.tsx';
import { Table } from '../parts/table.tsx';
import type { DeadLetter, TimelineItem } from '../types.ts';

export function Message() {
  const [, chargePointId = '', , seq = ''] = parts.value;
  const isPlain = useSignal(false);
  useHeading(`Message ${seq} of ${chargePointId}`);
  const idTokens = isPlain.value ? 'plain' : undefined;
  const path = api(['chargers', chargePointId, 'timeline'], { seq, idTokens });
  const known = useAnswer<{ timeline: readonly TimelineItem[] }>(path).value;
  const lead = <a href={to(['chargers', chargePointId, 'timeline'])}>Timeline of {chargePointId}</a>;
  return (
    <Shown known={known}>
      {({ timeline: [item] }) =>
        item === undefined ? (
          <>
            <Head title="Nothing is there" lead={lead} />
            <Empty>There was no such message, or it is older than what is kept.</Empty>
          </>
        ) : (
          <>
            <Head title={sayItem(item).title} lead={lead}>
              <button
                type="button"
                class="button"
                aria-pressed={isPlain.value}
                onClick={() => (isPlain.value = !isPlain.value)}
              >
                {isPlain.value ? 'Mask id tokens' : 'Show id tokens'}
              </button>
            </Head>
            <Came item={item} chargePointId={chargePointId} />
            {outcomesOf(item).map(([name, word]) => (
              <Became key={name} item={item} name={name} word={word} chargePointId={chargePointId} />
            ))}
            <Commands item={item} />
          </>
        )
      }
    </Shown>
  );
}

function Came({ item, chargePointId }: { readonly item: TimelineItem; readonly chargePointId: string }) {
  const { entry, kept } = item;
  const command = webhookCurl(chargePointId, item);
  const { frame, response, ...rest } = entry;
  return (
    <Card title="What came">
      <Facts
        of={[
          ['When', <Time at={item.at} />],
          ['Figures', sayItem(item).detail || '–'],
          ...(entry.kind === 'message'
            ? ([
                ['From', entry['direction'] === 'cs' ? 'the charger' : 'the CSMS'],
                ['Version', textAt(entry, 'protocol')],
                ['Message id', <code>{textAt(frame, 'messageId')}</code>],
              ] as const)
            : []),
          ['Request id', <code>{item.requestId}</code>],
          ...(kept.length === 0 ? [] : [['Kept back', kept.map((each) => textAt(each, 'reason')).join(', ')] as const]),
        ]}
      />
      {frame === undefined ? (
        <Json label="Entry" value={rest} />
      ) : (
        <Json label="Payload" value={at(frame, 'payload')} />
      )}
      {response === undefined ? null : <Json label="Reply" value={response} />}
      {command === undefined ? null : <Code label="As curl, to us" text={command} />}
    </Card>
  );
}

type BecameProps = {
  readonly item: TimelineItem;
  readonly name: string;
  readonly word: string;
  readonly chargePointId: string;
};

function Became({ item, name, word, chargePointId }: BecameProps) {
  const delivery = item.deliveries[name];
  const attempts = item.attempts.filter(({ provider }) => provider === name);
  return (
    <Card title={`For ${named(name)}`} aside={<Outcome word={word} />}>
      <Facts
        of={[
          ...(delivery === undefined ? [] : [['Ended', <Time at={delivery.at} />] as const]),
          ['Requests', delivery?.attempts ?? attempts.length],
          ...(textAt(delivery, 'reason') === '' ? [] : [['Why', reasonText(textAt(delivery, 'reason'))] as const]),
        ]}
      />
      {attempts.length === 0 ? null : <Attempts attempts={attempts} />}
      {word === 'parked' ? <Letter {...{ item, name, chargePointId }} /> : null}
    </Card>
  );
}

function Attempts({ attempts }: { readonly attempts: TimelineItem['attempts'] }) {
  return (
    <Table
      caption="Attempts that did not succeed"
      rows={attempts}
      keyOf={({ at }) => at}
      columns={[
        { name: 'Attempt', cell: (attempt) => textAt(attempt, 'name') },
        { name: 'Answer', cell: (attempt) => answerOf(at(attempt, 'exchange')) },
        { name: 'So it is', cell: (attempt) => textAt(attempt, 'outcome', 'kind') },
        { name: 'Took', cell: (attempt) => `${textAt(attempt, 'durationMs')} ms`, isNumber: true },
        { name: 'When', cell: ({ at }) => <Time at={at} /> },
      ]}
    />
  );
}

function answerOf(exchange: unknown) {
  const status = textAt(exchange, 'status');
  if (status === '') return `${reasonText(textAt(exchange, 'cause'))}: ${textAt(exchange, 'detail')}`;
  return (
    <>
      {status} <code>{textAt(exchange, 'body')}</code>
    </>
  );
}

/** What was parked: the message as it was sent. The row and its letters came at the same instant. */
function Letter({ item, name, chargePointId }: Omit<BecameProps, 'word'>) {
  const path = api(['dead-letters'], { provider: name, chargePointId, limit: 500 });
  const known = useAnswer<{ deadLetters: readonly DeadLetter[] }>(path, 30_000).value;
  const letters = known.value?.deadLetters.filter(({ receivedAt }) => receivedAt === item.at) ?? [];
  return (
    <>
      {letters
        .flatMap(({ payload }) => payload)
        .map((message, index) => {
          const command = deliveryCurl(name, message);
          return (
            <div key={index} class="stack">
              <Json label={`Parked: ${textAt(message, 'name') || 'event'}`} value={at(message, 'body') ?? message} />
              {command === undefined ? null : <Code label={`As curl, to ${named(name)}`} text={command} />}
            </div>
          );
        })}
      <a href={to(['parked'], { provider: name, chargePointId })}>Send again or drop</a>
    </>
  );
}

function Commands({ item }: { readonly item: TimelineItem }) {
  const commands = listAt(item.entry, 'commands');
  if (commands.length === 0) return null;
  return (
    <Card title={count(commands.length, 'command')}>
      {commands.map((command) => (
        <div key={textAt(command, 'id')} class="stack">
          <Facts
            of={[
              ['Command', textAt(command, 'action')],
              ['Took', `${textAt(command, 'durationMs')} ms`],
            ]}
          />
          <Json label="Sent to the charger" value={at(command, 'payload')} />
          <Json label="Its answer" value={at(command, 'outcome')} />
        </div>
      ))}
    </Card>
  );
}
