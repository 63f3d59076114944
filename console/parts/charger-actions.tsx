/** What an operator can do with a charger. */
import { api } from '../base/api.ts';
import { go, to } from '../base/place.ts';
import { useAnswer } from '../base/live.ts';
import { absolute, count, named } from '../base/words.ts';
import type { ChargerDetail, Pairing, Provider } from '../types.ts';
import { Action, doing } from './action.tsx';
import { Badge, Card, Empty, Time } from './bits.tsx';

/** Sends parked messages again, and removes the charger. */
export function ChargerActions({ chargePointId, parked }: ChargerDetail & { readonly parked: number }) {
  return (
    <>
      {parked === 0 ? null : (
        <Action
          label="Send parked again"
          question={<p>{count(parked, 'message')} of this charger will be sent again, in their order.</p>}
          act={() =>
            doing<{ replayed: number }>(
              ['POST', api(['dead-letters', 'replay']), { chargePointId }],
              ({ replayed }) => `${count(replayed, 'message')} will be sent again.`,
            )
          }
        />
      )}
      <Action
        label="Remove"
        isDangerous
        question={<p>The charger is unpaired and forgotten. What is owed is still delivered.</p>}
        act={async () => {
          const refusal = await doing(['DELETE', api(['chargers', chargePointId])]);
          if (refusal === undefined) go(to(['chargers']));
          return refusal;
        }}
      />
    </>
  );
}

/** With whom the charger is paired; pairs it, unpairs it, and issues codes. */
export function Pairings({ chargePointId, pairings }: ChargerDetail) {
  const known = useAnswer<{ providers: readonly Provider[] }>(api(['providers']), 60_000).value;
  const providers = known.value?.providers.filter(({ state }) => state === 'on').map(({ provider }) => provider) ?? [];
  return (
    <Card title="Pairings">
      {pairings.length === 0 ? (
        <Empty>Paired with nobody: its events are followed, and sent to no provider.</Empty>
      ) : null}
      {pairings.map((pairing) => (
        <Paired key={pairing.provider} {...pairing} chargePointId={chargePointId} />
      ))}
      <div class="actions">
        <Pair chargePointId={chargePointId} providers={providers} />
        <IssueCode chargePointId={chargePointId} providers={providers} />
      </div>
    </Card>
  );
}

function Paired({ provider, status, pairedAt, evseUid, chargePointId }: Pairing & { readonly chargePointId: string }) {
  return (
    <div class="row">
      <span>
        <b>{named(provider)}</b> <Badge tone={status === 'paired' ? 'good' : 'warn'}>{status}</Badge>{' '}
        {pairedAt === undefined ? null : <Time at={pairedAt} />} {evseUid === undefined ? '' : `EVSE ${evseUid} only`}
      </span>
      <Action
        label="Unpair"
        isDangerous
        question={<p>{named(provider)} is told, and what it set at the charger is cleared.</p>}
        act={() => doing(['DELETE', api(['chargers', chargePointId, 'pairings', provider])])}
      />
    </div>
  );
}

type PairingProps = { readonly chargePointId: string; readonly providers: readonly string[] };

const textOf = (fields: FormData, name: string) => {
  const value = fields.get(name);
  return typeof value === 'string' ? value.trim() : '';
};

function Providers({ providers }: { readonly providers: readonly string[] }) {
  return (
    <label>
      Provider
      <select name="provider" required>
        {providers.map((provider) => (
          <option key={provider} value={provider}>
            {named(provider)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Pair({ chargePointId, providers }: PairingProps) {
  return (
    <Action
      label="Pair"
      question={
        <>
          <Providers providers={providers} />
          <label>
            Code from the provider’s app
            <input name="code" required maxLength={64} autocomplete="off" />
          </label>
        </>
      }
      act={(fields) => {
        const body = { provider: textOf(fields, 'provider'), code: textOf(fields, 'code') };
        return doing(['POST', api(['chargers', chargePointId, 'pairings']), body]);
      }}
    />
  );
}

function IssueCode({ chargePointId, providers }: PairingProps) {
  return (
    <Action
      label="Issue a code"
      question={
        <>
          <p>The user types the code into the provider’s app. A code before it is revoked.</p>
          <Providers providers={providers} />
          <label>
            Valid for
            <select name="ttl">
              <option value="900">15 minutes</option>
              <option value="86400">a day</option>
              <option value="604800">a week</option>
            </select>
          </label>
        </>
      }
      act={(fields) => {
        const body = { provider: textOf(fields, 'provider'), ttlSeconds: Number(textOf(fields, 'ttl')) };
        return doing<{ display: string; expiresAt: string }>(
          ['POST', api(['chargers', chargePointId, 'pairing-codes']), body],
          ({ display, expiresAt }) => `The code is ${display}, until ${absolute(expiresAt)}. It is shown only now.`,
        );
      }}
    />
  );
}
