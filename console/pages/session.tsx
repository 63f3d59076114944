/** One session: what was asked, what the charger said and what the car drew, in one picture. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api, call, type Refusal } from '../base/api.ts';
import { isLive, now, useAnswer } from '../base/live.ts';
import { parts, to } from '../base/place.ts';
import { csv, save } from '../base/save.ts';
import { seriesOf, type ProfileLine, type Series } from '../base/series.ts';
import { kW, kWh, named } from '../base/words.ts';
import { Action, useHeading } from '../parts/action.tsx';
import { Badge, Card, Empty, Facts, Head, Refused, Shown, Time } from '../parts/bits.tsx';
import { Chart } from '../parts/chart.tsx';
import { toneOf } from '../parts/session-bits.tsx';
import { Table } from '../parts/table.tsx';
import type { Page, Session, TimelineItem } from '../types.ts';

/** The newest lines of a charger's timeline that a session's picture is made of. */
const MOST_LINES = 5000;
const AGAIN_MS = 15_000;

type Lines = { readonly items: readonly TimelineItem[]; readonly refusal?: Refusal };

export function SessionPage() {
  const [, chargePointId = '', , transactionId = ''] = parts.value;
  useHeading(`Session ${transactionId}`);
  const known = useAnswer<{ sessions: readonly Session[] }>(
    api(['chargers', chargePointId, 'sessions'], { limit: 500 }),
  ).value;
  const session = known.value?.sessions.find((each) => each.transactionId === transactionId);
  return (
    <>
      <Head
        title={`Session ${transactionId}`}
        lead={<a href={to(['chargers', chargePointId])}>Charger {chargePointId}</a>}
      />
      <Shown known={known}>
        {() =>
          session === undefined ? (
            <Empty>The charger does not remember this session any more.</Empty>
          ) : (
            <Details {...{ chargePointId, session }} />
          )
        }
      </Shown>
    </>
  );
}

type Props = { readonly chargePointId: string; readonly session: Session };

function Details({ chargePointId, session }: Props) {
  const lines = useLines(chargePointId, session.startedAt);
  const until = now.value;
  const series = seriesOf(lines.items, session, until);
  const begin = Date.parse(session.startedAt);
  const end = session.endedAt ? Date.parse(session.endedAt) : until;
  const { explanation, warnings, energyWh } = session;
  return (
    <>
      {lines.refusal === undefined ? null : <Refused refusal={lines.refusal} />}
      {warnings.map((warning) => (
        <p key={warning.code} class="notice warn">
          {warning.code.replaceAll('-', ' ')}, since <Time at={warning.since} />
        </p>
      ))}
      <Card
        title="Asked, accepted, drawn"
        aside={
          <div class="actions">
            <Action label="CSV" act={async () => saveSeries(session, series)} />
            <Action label="JSON" act={async () => saveJson(session, series)} />
          </div>
        }
      >
        {explanation === undefined ? null : (
          <p>
            <Badge tone={toneOf(explanation.code)}>{explanation.code.replaceAll('-', ' ')}</Badge> {explanation.text}
          </p>
        )}
        <Chart {...{ series, begin, end }} />
        <Facts
          of={[
            ['State', session.state],
            ['EVSE', session.evseId],
            ['Began', <Time at={session.startedAt} />],
            ['Ended', session.endedAt ? <Time at={session.endedAt} /> : 'not yet'],
            ['Energy', energyWh === undefined ? 'not said' : kWh(energyWh)],
            ['Register', session.registerWh === null ? 'not said' : kWh(session.registerWh)],
          ]}
        />
      </Card>
      <Card title="Profiles">
        {series.profiles.length === 0 ? (
          <Empty>No provider has asked for anything in this session.</Empty>
        ) : (
          <Profiles {...{ chargePointId }} lines={series.profiles} />
        )}
      </Card>
    </>
  );
}

function Profiles({
  chargePointId,
  lines,
}: {
  readonly chargePointId: string;
  readonly lines: readonly ProfileLine[];
}) {
  return (
    <Table
      caption="Profiles"
      rows={lines.toReversed()}
      keyOf={({ seq }) => String(seq)}
      hrefOf={({ seq }) => to(['chargers', chargePointId, 'timeline', seq])}
      columns={[
        { name: 'Asked', cell: ({ asked }) => asked.map(({ value }) => kW(value)).join(', ') || '–' },
        { name: 'By', cell: ({ provider }) => named(provider) },
        { name: 'When', cell: ({ at }) => <Time at={at} /> },
        { name: 'CSMS', cell: ({ taken }) => taken },
        { name: 'Charger', cell: ({ answered }) => <Badge tone={answerTone(answered)}>{answered}</Badge> },
        { name: 'Meter', cell: ({ followed }) => <Badge tone={FOLLOWED[followed]}>{`follows: ${followed}`}</Badge> },
      ]}
    />
  );
}

const FOLLOWED = { yes: 'good', no: 'bad', unknown: 'calm' } as const;
const answerTone = (answered: string) => (answered === 'Accepted' ? 'good' : answered === '–' ? 'calm' : 'bad');

/** The lines of the timeline since the session began; of a running one they are read again. */
function useLines(chargePointId: string, startedAt: string): Lines {
  const lines = useSignal<Lines>({ items: [] });
  useEffect(() => {
    let isOver = false;
    const load = async () => {
      const read = await linesSince(chargePointId, Date.parse(startedAt));
      if (!isOver) lines.value = read;
    };
    void load();
    const timer = setInterval(() => isLive.peek() && !document.hidden && void load(), AGAIN_MS);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [chargePointId, startedAt]);
  return lines.value;
}

async function linesSince(chargePointId: string, since: number): Promise<Lines> {
  const items: TimelineItem[] = [];
  let cursor: string | undefined;
  do {
    const path = api(['chargers', chargePointId, 'timeline'], { limit: 500, cursor });
    const answer = await call<Page & { timeline: readonly TimelineItem[] }>('GET', path);
    if (!answer.ok) return { items, refusal: answer.refusal };
    items.push(...answer.value.timeline);
    cursor = answer.value.cursor;
    // Events may come late, and their lines stand where they came.
    if (Date.parse(items.at(-1)?.at ?? '') < since) break;
  } while (cursor !== undefined && items.length < MOST_LINES);
  return { items };
}

const fileOf = ({ transactionId }: Session, type: string) =>
  `session-${transactionId.replaceAll(/[^\w-]/g, '_')}.${type}`;

function saveSeries(session: Session, series: Series): undefined {
  const names = ['asked', 'accepted', 'drawn', 'register'] as const;
  const rows = names.flatMap((name) => series[name].map(({ ms, value }) => [new Date(ms).toISOString(), name, value]));
  save(fileOf(session, 'csv'), 'text/csv', csv(['at', 'series', 'value (W, Wh)'], rows));
}

function saveJson(session: Session, series: Series): undefined {
  save(fileOf(session, 'json'), 'application/json', JSON.stringify({ session, series }, null, 2));
}
