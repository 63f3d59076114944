/** What is wrong now, how each provider does, and what is parked. */
import { api } from '../base/api.ts';
import { useAnswer } from '../base/live.ts';
import { to } from '../base/place.ts';
import { count, duration, named, number, reasonText } from '../base/words.ts';
import { Action, doing, useHeading } from '../parts/action.tsx';
import { Badge, Card, Empty, Facts, Head, Shown, Time, type Tone } from '../parts/bits.tsx';
import { Table } from '../parts/table.tsx';
import type { Alert, ParkedGroup, Provider } from '../types.ts';

export function Overview() {
  useHeading('Overview');
  const alerts = useAnswer<{ alerts: readonly Alert[] }>(api(['alerts'])).value;
  const providers = useAnswer<{ providers: readonly Provider[] }>(api(['providers'])).value;
  const parked = useAnswer<{ groups: readonly ParkedGroup[] }>(api(['dead-letters', 'summary']), 15_000).value;
  return (
    <>
      <Head title="Overview" lead={leadOf(alerts.value?.alerts)} />
      <Card title="Alerts">
        <Shown known={alerts}>{({ alerts }) => <Alerts alerts={alerts} />}</Shown>
      </Card>
      <Shown known={providers}>
        {({ providers }) => (
          <div class="cards">
            {providers.map((provider) => (
              <ProviderCard key={provider.provider} {...provider} />
            ))}
          </div>
        )}
      </Shown>
      <Card title="Parked messages">
        <Shown known={parked}>{({ groups }) => <ParkedGroups groups={groups} />}</Shown>
      </Card>
    </>
  );
}

function leadOf(alerts: readonly Alert[] | undefined) {
  if (alerts === undefined) return ' ';
  return alerts.length === 0 ? 'Nothing needs you.' : `${count(alerts.length, 'alert')} open.`;
}

function Alerts({ alerts }: { readonly alerts: readonly Alert[] }) {
  if (alerts.length === 0) return <Empty>No alert is open.</Empty>;
  return (
    <Table
      caption="Open alerts"
      rows={alerts}
      keyOf={({ type, subject }) => `${type} ${subject}`}
      hrefOf={hrefOf}
      columns={[
        { name: 'Alert', cell: ({ type }) => <span class="alert">{type}</span> },
        { name: 'About', cell: ({ subject }) => subject },
        { name: 'Detail', cell: ({ detail }) => detailOf(detail) },
        { name: 'Since', cell: ({ since }) => <Time at={since} /> },
      ]}
    />
  );
}

function detailOf(detail: Readonly<Record<string, unknown>>): string {
  const said = Object.entries(detail).filter(([name]) => name !== 'deliveryId');
  return said.map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ');
}

/** The page that tells more about an alert. */
function hrefOf({ type, subject }: Alert): string {
  if (type === 'delivery.parked') return to(['parked'], { provider: subject });
  if (type === 'charger.unknown') return to(['unknown']);
  if (/^(profile|session|webhooks)\./.test(type)) return to(['chargers', subject.split(' ')[0] ?? subject]);
  return to(['health']);
}

function toneOf({ state, paused, breaker, lastError, chargersWaiting }: Provider): readonly [Tone, string] {
  if (state !== 'on') return state === 'off' ? ['calm', 'off'] : ['bad', 'misconfigured'];
  if (paused) return ['warn', 'paused'];
  if (breaker === 'open') return ['bad', 'down'];
  if (chargersWaiting > 0 && lastError !== null) return ['warn', 'delayed'];
  return ['good', 'delivering'];
}

function ProviderCard(provider: Provider) {
  const { provider: name, paused, state, badSettings = [], breaker, backlog, chargersWaiting } = provider;
  const [tone, word] = toneOf(provider);
  const order = paused ? 'resume' : 'pause';
  const { oldestUndeliveredAgeSeconds: oldest, lastError, countsFrom } = provider;
  return (
    <Card title={named(name)} aside={<Badge tone={tone}>{word}</Badge>}>
      <Facts
        of={[
          ['Breaker', breaker],
          [
            'Waiting',
            backlog === 0 ? 'nothing' : `${count(backlog, 'message')} of ${count(chargersWaiting, 'charger')}`,
          ],
          ['Oldest', oldest === null ? '–' : duration(oldest)],
          [
            'Last error',
            lastError === null ? (
              'none'
            ) : (
              <>
                {reasonText(lastError.reason)}, <Time at={lastError.at} />
              </>
            ),
          ],
          ['Delivered', <b>{number(provider.delivered)}</b>],
          ['Rejected, retried', `${number(provider.rejected)}, ${number(provider.retried)}`],
          ['Counted since', countsFrom === null ? 'the first full hour' : <Time at={countsFrom} />],
          ...(badSettings.length === 0 ? [] : [['Bad settings', badSettings.join(', ')] as const]),
        ]}
      />
      <div class="actions">
        {chargersWaiting === 0 ? null : (
          <Action
            label="Try now"
            act={() =>
              doing<{ stations: number }>(
                ['POST', api(['providers', name, 'retry'])],
                ({ stations }) => `${count(stations, 'charger')} try now.`,
              )
            }
          />
        )}
        {state !== 'on' ? null : (
          <Action
            label={paused ? 'Resume' : 'Pause'}
            question={
              <p>
                {paused
                  ? 'What was held is delivered.'
                  : `Nothing is sent to ${named(name)} until you resume. Nothing is lost.`}
              </p>
            }
            act={() => doing(['POST', api(['providers', name, order])])}
          />
        )}
      </div>
    </Card>
  );
}

function ParkedGroups({ groups }: { readonly groups: readonly ParkedGroup[] }) {
  if (groups.length === 0) return <Empty>Nothing is parked: every message was delivered or is on its way.</Empty>;
  return (
    <Table
      caption="Parked messages by reason"
      rows={groups}
      keyOf={({ provider, reason }) => `${provider} ${reason}`}
      hrefOf={({ provider, reason }) => to(['parked'], { provider, reason })}
      columns={[
        { name: 'To', cell: ({ provider }) => named(provider) },
        {
          name: 'Why',
          cell: ({ reason }) => (
            <>
              {reasonText(reason)} <code>{reason}</code>
            </>
          ),
        },
        { name: 'Messages', cell: ({ messages }) => number(messages), isNumber: true },
        { name: 'Chargers', cell: ({ chargers }) => number(chargers), isNumber: true },
        { name: 'Oldest', cell: ({ oldestParkedAt }) => <Time at={oldestParkedAt} /> },
      ]}
    />
  );
}
