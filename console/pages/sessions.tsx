/** Sessions of all chargers, by filters; those of an id token by a form, because a token never stands in an address. */
import { useSignal } from '@preact/signals';
import { api, call, type Refusal } from '../base/api.ts';
import { useAnswer } from '../base/live.ts';
import { filtered, go, place, to } from '../base/place.ts';
import { csv, save } from '../base/save.ts';
import { kWh, named } from '../base/words.ts';
import { Action, useHeading } from '../parts/action.tsx';
import { Badge, Card, Empty, Head, Refused, Shown, Time } from '../parts/bits.tsx';
import { Pager, Table } from '../parts/table.tsx';
import type { FoundSession, Page } from '../types.ts';

type Found = Page & { readonly sessions: readonly FoundSession[] };

const CHOICES = {
  provider: ['stekker', 'jedlix'],
  state: ['running', 'ended', 'refused'],
  flag: [
    'register-decreased',
    'energy-over-maximum',
    'energy-without-power',
    'power-without-energy',
    'clock-wrong',
    'events-missing',
  ],
} as const;

const NAMES = ['from', 'to', 'provider', 'chargePointId', 'state', 'flag', 'cursor'] as const;

const filters = () =>
  Object.fromEntries(NAMES.map((name) => [name, place.value.query.get(name) ?? undefined])) as Partial<
    Record<(typeof NAMES)[number], string>
  >;

export function Sessions() {
  useHeading('Sessions');
  const query = filters();
  const known = useAnswer<Found>(api(['sessions'], { limit: 50, ...query }), 10_000).value;
  return (
    <>
      <Head title="Sessions" lead="As their chargers noted them, newest first.">
        <Action label="Save as CSV" act={() => saveAll(query)} />
      </Head>
      <search class="filters">
        {(['from', 'to'] as const).map((name) => (
          <label key={name}>
            {name === 'from' ? 'Began from' : 'Began before'}
            <input
              type="datetime-local"
              value={local(query[name])}
              onChange={(event) => go(filtered({ [name]: instant(event.currentTarget.value) }))}
            />
          </label>
        ))}
        {(['provider', 'state', 'flag'] as const).map((name) => (
          <label key={name}>
            {named(name)}
            <select value={query[name] ?? ''} onChange={(event) => go(filtered({ [name]: event.currentTarget.value }))}>
              <option value="">any</option>
              {CHOICES[name].map((value) => (
                <option key={value} value={value}>
                  {value.replaceAll('-', ' ')}
                </option>
              ))}
            </select>
          </label>
        ))}
        <label>
          Charger
          <input
            type="search"
            value={query.chargePointId ?? ''}
            onChange={(event) => go(filtered({ chargePointId: event.currentTarget.value.trim() }))}
          />
        </label>
      </search>
      <Card title="Found">
        <Shown known={known}>
          {({ sessions, cursor }) => (
            <>
              {sessions.length === 0 ? <Empty>No session fits.</Empty> : <List sessions={sessions} />}
              <Pager cursor={cursor} />
            </>
          )}
        </Shown>
      </Card>
      <ByToken />
    </>
  );
}

/** What the field shows of an instant, in the user's own time zone. */
function local(at: string | undefined): string {
  const date = new Date(at ?? '');
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const instant = (text: string) => (text === '' ? undefined : new Date(text).toISOString());

function ByToken() {
  const found = useSignal<{ readonly value?: Found; readonly refusal?: Refusal }>({});
  const look = async (token: string) => {
    const answer = await call<Found>('POST', '/api/sessions/search', { idToken: token, limit: 200 });
    found.value = answer.ok ? { value: answer.value } : { refusal: answer.refusal };
  };
  const { value, refusal } = found.value;
  return (
    <Card title="By id token">
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          const token = new FormData(event.currentTarget).get('token');
          if (typeof token === 'string') void look(token.trim());
        }}
      >
        <label>
          Card or token
          <input name="token" required maxLength={255} autocomplete="off" spellcheck={false} />
        </label>
        <button type="submit" class="button">
          Find
        </button>
      </form>
      {refusal === undefined ? null : <Refused refusal={refusal} />}
      {value === undefined ? null : value.sessions.length === 0 ? (
        <Empty>No session of this token is known.</Empty>
      ) : (
        <List sessions={value.sessions} />
      )}
    </Card>
  );
}

function List({ sessions }: { readonly sessions: readonly FoundSession[] }) {
  return (
    <Table
      caption="Sessions"
      rows={sessions}
      keyOf={({ chargePointId, transactionId }) => `${chargePointId} ${transactionId}`}
      hrefOf={({ chargePointId, transactionId }) => to(['chargers', chargePointId, 'sessions', transactionId])}
      columns={[
        { name: 'Session', cell: ({ transactionId }) => transactionId },
        { name: 'Charger', cell: ({ chargePointId }) => chargePointId },
        { name: 'EVSE', cell: ({ evseId }) => evseId, isNumber: true },
        { name: 'Providers', cell: ({ providers }) => providers.map(named).join(', ') || '–' },
        { name: 'State', cell: ({ state }) => <Badge tone={state === 'running' ? 'good' : 'calm'}>{state}</Badge> },
        { name: 'Began', cell: ({ startedAt }) => <Time at={startedAt} /> },
        { name: 'Ended', cell: ({ endedAt }) => (endedAt === null ? '–' : <Time at={endedAt} />) },
        { name: 'Energy', cell: ({ energyWh }) => (energyWh === null ? '–' : kWh(energyWh)), isNumber: true },
        { name: 'Flags', cell: ({ flags }) => flags.join(', ') || '–' },
      ]}
    />
  );
}

/** A file has so many sessions at most. */
const MOST = 10_000;

async function saveAll(query: ReturnType<typeof filters>): Promise<Refusal | string> {
  const all: FoundSession[] = [];
  let cursor: string | undefined;
  do {
    const answer = await call<Found>('GET', api(['sessions'], { ...query, limit: 500, cursor }));
    if (!answer.ok) return answer.refusal;
    all.push(...answer.value.sessions);
    cursor = answer.value.cursor;
  } while (cursor !== undefined && all.length < MOST);
  const names = ['chargePointId', 'transactionId', 'evseId', 'state', 'startedAt', 'endedAt', 'energyWh'] as const;
  const rows = all.map((each) => [...names.map((name) => each[name]), each.providers.join(' '), each.flags.join(' ')]);
  save('sessions.csv', 'text/csv', csv([...names, 'providers', 'flags'], rows));
  return `${all.length} sessions were saved.`;
}
