/** Messages that were given up: why, how many of which chargers, and what to do about them. */
import { api, call, type Answer, type Refusal } from '../base/api.ts';
import { useAnswer } from '../base/live.ts';
import { filtered, place, to } from '../base/place.ts';
import { count, named, number, reasonText } from '../base/words.ts';
import { Action, useHeading } from '../parts/action.tsx';
import { Card, Empty, Facts, Head, Shown } from '../parts/bits.tsx';
import { Letters } from '../parts/letters.tsx';
import { Table } from '../parts/table.tsx';
import type { ParkedSummary } from '../types.ts';

/** What is looked at: empty filters mean all. */
type Filter = { provider?: string | undefined; reason?: string | undefined; chargePointId?: string | undefined };

export function Parked() {
  useHeading('Parked messages');
  const { query } = place.value;
  const [provider, reason, chargePointId] = ['provider', 'reason', 'chargePointId'].map(
    (name) => query.get(name) ?? undefined,
  );
  const filter = { provider, reason, chargePointId };
  const known = useAnswer<ParkedSummary>(api(['dead-letters', 'summary'], filter)).value;
  return (
    <>
      <Head
        title="Parked messages"
        lead="Given up, with their reasons. Nothing is lost: send them again, or drop them."
      />
      <Filters {...filter} />
      <Shown known={known}>{(summary) => <Summary summary={summary} filter={filter} />}</Shown>
      <Letters filter={filter} />
    </>
  );
}

/** The filters in force, each with a way out. */
function Filters(filter: Filter) {
  const set = Object.entries(filter).filter(([, value]) => value !== undefined);
  if (set.length === 0) return null;
  return (
    <nav class="chips" aria-label="Filters">
      {set.map(([name, value]) => (
        <a
          key={name}
          class="chip"
          href={filtered({ [name]: undefined })}
          aria-label={`Remove the filter ${name} ${value}`}
        >
          {name === 'chargePointId' ? 'charger' : name}: {value} ✕
        </a>
      ))}
    </nav>
  );
}

function Summary({ summary, filter }: { readonly summary: ParkedSummary; readonly filter: Filter }) {
  const { groups, chargers, keptElsewhere } = summary;
  const messages = groups.reduce((sum, group) => sum + group.messages, 0);
  if (messages === 0 && keptElsewhere === 0) return <Empty>Nothing is parked here.</Empty>;
  return (
    <Card
      title="By reason"
      aside={
        <span class="actions">
          <Replay filter={filter} summary={summary} />
          {Object.values(filter).some((value) => value !== undefined) ? (
            <Drop filter={filter} messages={messages} />
          ) : null}
        </span>
      }
    >
      <Table
        caption="Parked messages by reason"
        rows={groups}
        keyOf={({ provider, reason }) => `${provider} ${reason}`}
        hrefOf={({ provider, reason }) => filtered({ provider, reason })}
        columns={[
          {
            name: 'Why',
            cell: ({ reason }) => (
              <>
                {reasonText(reason)} <code>{reason}</code>
              </>
            ),
          },
          { name: 'To', cell: ({ provider }) => named(provider) },
          { name: 'Messages', cell: ({ messages }) => number(messages), isNumber: true },
          { name: 'Chargers', cell: ({ chargers }) => number(chargers), isNumber: true },
        ]}
      />
      {chargers.length === 0 || filter.chargePointId !== undefined ? null : (
        <p class="hint">
          Most of them:{' '}
          {chargers.slice(0, 8).map(({ chargePointId, messages }, index) => (
            <span key={chargePointId}>
              {index === 0 ? '' : ', '}
              <a href={to(['chargers', chargePointId])}>{chargePointId || 'no charger'}</a> {number(messages)}
            </span>
          ))}
        </p>
      )}
      {keptElsewhere === 0 ? null : (
        <p class="hint">{count(keptElsewhere, 'charger')} keep more at home, because the quota is full.</p>
      )}
    </Card>
  );
}

/** Before it acts it says how many messages of which chargers will be sent. */
function Replay({ filter, summary }: { readonly filter: Filter; readonly summary: ParkedSummary }) {
  const { groups, chargers } = summary;
  const messages = groups.reduce((sum, group) => sum + group.messages, 0);
  const most = chargers.slice(0, 6);
  return (
    <Action
      label="Send again"
      question={
        <>
          <p>
            {count(messages, 'message')} of {count(chargers.length, 'charger')}
            {chargers.length === 50 ? ' or more' : ''} will be sent again, in their order. What is refused again is
            parked again.
          </p>
          <Facts
            of={most.map(({ chargePointId, messages }) => [chargePointId || 'no charger', count(messages, 'message')])}
          />
        </>
      }
      act={(_, say) => throughAll('replay', filter, say)}
    />
  );
}

function Drop({ filter, messages }: { readonly filter: Filter; readonly messages: number }) {
  return (
    <Action
      label="Drop"
      isDangerous
      question={<p>{count(messages, 'message')} will be dropped for good. Their timelines note it.</p>}
      act={(_, say) => throughAll('purge', filter, say)}
    />
  );
}

type Step = { readonly replayed?: number; readonly purged?: number; readonly cursor?: string };

/** Goes on until everything that matched is done: one call does as much as fits into a request. */
async function throughAll(
  order: 'replay' | 'purge',
  filter: Filter,
  say: (text: string) => void,
): Promise<Refusal | string> {
  let [done, cursor]: [number, string | undefined] = [0, undefined];
  const word = order === 'replay' ? 'will be sent again' : 'dropped';
  do {
    const answer: Answer<Step> = await call('POST', api(['dead-letters', order]), { ...filter, cursor });
    if (!answer.ok) return answer.refusal;
    done += answer.value.replayed ?? answer.value.purged ?? 0;
    cursor = answer.value.cursor;
    say(`${count(done, 'message')} ${word} …`);
  } while (cursor !== undefined);
  return `${count(done, 'message')} ${word}.`;
}
