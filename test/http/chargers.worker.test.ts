import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createApp } from '../../src/app.ts';
import { call, chargerBody, expectProblem, freshId, nativeEvent, registered, requestTo, uidOf } from './client.ts';
import { ADMIN_TOKEN, JEDLIX_TOKEN, OTHER_CSMS_TOKEN, STEKKER_KEY } from '../settings.ts';

const put = (id: string, json: unknown) => call(`/api/chargers/${encodeURIComponent(id)}`, { method: 'PUT', json });
const EVSE = {
  evseId: 1,
  connectors: [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }],
};
const withConnector = (connector: object) => ({
  evses: [{ ...EVSE, connectors: [{ connectorId: '1', ...connector }] }],
});
const Page = z.object({ chargers: z.array(z.object({ chargePointId: z.string() })), cursor: z.string().optional() });

describe('registering a charger', () => {
  it('answers 201 with the charger as stored, its power computed', async () => {
    const id = freshId();
    const response = await put(id, { ...chargerBody(id), unheardOf: true });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({
      chargePointId: id,
      ...chargerBody(id),
      evses: [
        {
          evseId: 1,
          uid: uidOf(id),
          emi3Id: 'NL*STK*E000002',
          capabilities: ['CHARGING_PROFILE_CAPABLE'],
          connectors: [
            { connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32, maxPower: 22080 },
          ],
        },
      ],
      warnings: [],
    });
  });

  it('answers 200 with the new details when the charger is known', async () => {
    const id = await registered();
    const response = await put(id, chargerBody(id, { name: 'Other name' }));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ name: 'Other name' });
    expect(await (await call(`/api/chargers/${id}`)).json()).toMatchObject({ name: 'Other name', pairings: [] });
  });

  it('keeps what it declares of its charging profiles', async () => {
    const id = freshId();
    const declared = { rateUnit: 'A', minAmperage: 8 };
    expect((await put(id, chargerBody(id, { evses: [{ ...EVSE, ...declared }] }))).status).toBe(201);
    expect(await (await call(`/api/chargers/${id}`)).json()).toMatchObject({ evses: [declared] });
  });

  it('takes back what it gave out', async () => {
    const id = await registered();
    const given = await (await call(`/api/chargers/${id}`)).json();
    expect((await put(id, given)).status).toBe(200);
  });

  it.each([
    [
      '400 V between the lines of three phases',
      { powerType: 'AC_3_PHASE', maxVoltage: 400, maxAmperage: 32 },
      22170,
      1,
    ],
    ['two phases', { powerType: 'AC_2_PHASE', maxVoltage: 230, maxAmperage: 16 }, 7360, 0],
    ['a split phase', { powerType: 'AC_2_PHASE_SPLIT', maxVoltage: 120, maxAmperage: 40 }, 9600, 0],
    ['no power type, as one phase', { maxVoltage: 230, maxAmperage: 16 }, 3680, 0],
    ['direct current', { powerType: 'DC', maxVoltage: 400, maxAmperage: 125 }, 50000, 0],
    ['a power that contradicts', { maxVoltage: 230, maxAmperage: 16, maxPower: 9999 }, 3680, 1],
    ['a power alone', { maxPower: 11000 }, 11000, 0],
    ['nothing to compute from', {}, undefined, 1],
  ])('computes the power of %s', async (_, connector, maxPower, warnings) => {
    const id = freshId();
    const body = z
      .object({
        evses: z.array(z.object({ connectors: z.array(z.object({ maxPower: z.number().optional() })) })),
        warnings: z.array(z.string()),
      })
      .parse(await (await put(id, chargerBody(id, withConnector(connector)))).json());
    expect(body.evses[0]?.connectors[0]?.maxPower).toBe(maxPower);
    expect(body.warnings).toHaveLength(warnings);
  });

  it('tells the charger’s own object, so that its events are taken from then on', async () => {
    const id = freshId();
    expect(await (await call('/webhooks/ocpp', { json: nativeEvent(id) })).json()).toMatchObject({ ignored: 1 });
    await put(id, chargerBody(id));
    expect(await (await call('/webhooks/ocpp', { json: nativeEvent(id) })).json()).toMatchObject({ received: 1 });
  });

  it('refuses an OCPP identity that another charger has, and changes nothing', async () => {
    const [first, second] = [await registered(), await registered()];
    const taken = chargerBody(second, { ocppIdentity: `CP_${first}` });
    await expectProblem(await put(second, taken), 409, 'ocpp-identity-taken');
    await expectProblem(await put(freshId(), taken), 409, 'ocpp-identity-taken');
    expect(await (await call(`/api/chargers/${second}`)).json()).toMatchObject({ ocppIdentity: `CP_${second}` });
  });

  it('lets a charger have a new identity, and the old one go to another', async () => {
    const id = await registered();
    expect((await put(id, chargerBody(id, { ocppIdentity: `NEW_${id}` }))).status).toBe(200);
    const other = freshId();
    expect((await put(other, chargerBody(other, { ocppIdentity: `CP_${id}` }))).status).toBe(201);
  });

  it('names every bad field at once', async () => {
    const evse = { evseId: 0, connectors: [{ maxVoltage: -1, powerType: 'AC_9_PHASE' }] };
    const bad = {
      ocppIdentity: '',
      protocol: 'ocpp1.5',
      country: 'nl',
      geometry: { type: 'Point', coordinates: [181, 91] },
      evses: [evse, evse],
    };
    const { errors } = await expectProblem(await put(freshId(), bad), 400, 'charger-invalid');
    expect(new Set(errors?.map(({ path }) => path))).toEqual(
      new Set([
        'ocppIdentity',
        'protocol',
        'country',
        'geometry.coordinates.0',
        'geometry.coordinates.1',
        ...[0, 1].flatMap((n) => [
          `evses.${n}.evseId`,
          `evses.${n}.connectors.0.connectorId`,
          `evses.${n}.connectors.0.maxVoltage`,
          `evses.${n}.connectors.0.powerType`,
        ]),
        'evses.1.evseId',
      ]),
    );
  });

  it('refuses a body that is no JSON, and one that is not said to be', async () => {
    const url = `/api/chargers/${freshId()}`;
    const json = { 'content-type': 'application/json' };
    await expectProblem(await call(url, { method: 'PUT', body: '{', headers: json }), 400, 'body-not-json');
    await expectProblem(await call(url, { method: 'PUT', body: '{}' }), 415, 'content-type-unsupported');
    await expectProblem(await put(freshId(), []), 400, 'charger-invalid');
  });

  it('refuses ids that would not survive a URL', async () => {
    for (const id of ['a b', 'a/b', 'é', 'x'.repeat(65)]) {
      const { errors } = await expectProblem(await put(id, chargerBody(freshId())), 400, 'charger-invalid');
      expect(errors).toEqual([{ path: 'chargePointId', message: expect.any(String) }]);
    }
  });
});

describe('listing chargers', () => {
  it('gives every charger once, page by page', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => registered()));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query: string = cursor === undefined ? '' : `&cursor=${cursor}`;
      const page = Page.parse(await (await call(`/api/chargers?limit=2${query}`)).json());
      expect(page.chargers.length).toBeLessThanOrEqual(2);
      seen.push(...page.chargers.map(({ chargePointId }) => chargePointId));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(ids));
  });

  it.each(['limit=0', 'limit=501', 'limit=ten', 'limit=1.5', 'cursor=%25%25', 'cursor=gA'])(
    'refuses %s',
    async (query) => {
      await expectProblem(await call(`/api/chargers?${query}`), 400, 'cursor-invalid');
    },
  );
});

describe('removing a charger', () => {
  it('forgets it everywhere', async () => {
    const id = await registered();
    const remove = () => call(`/api/chargers/${id}`, { method: 'DELETE' });
    expect((await remove()).status).toBe(204);
    await expectProblem(await call(`/api/chargers/${id}`), 404, 'charger-unknown');
    await expectProblem(await remove(), 404, 'charger-unknown');
    expect(await (await call('/webhooks/ocpp', { json: nativeEvent(id) })).json()).toMatchObject({ ignored: 1 });
  });

  it('forgets it for good, although an event comes in the middle of it', async () => {
    const id = await registered();
    const send = async () => (await call('/webhooks/ocpp', { json: nativeEvent(id) })).json();
    const DB = {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: async (statements: D1PreparedStatement[]) => {
        expect(await send()).toMatchObject({ received: 1 });
        return env.DB.batch(statements);
      },
    };
    const remove = requestTo(`/api/chargers/${id}`, { method: 'DELETE' });
    expect((await createApp().fetch(remove, { ...env, DB })).status).toBe(204);
    expect(await send()).toMatchObject({ ignored: 1 });
  });

  it('lets it be registered again', async () => {
    const id = await registered();
    await call(`/api/chargers/${id}`, { method: 'DELETE' });
    expect((await put(id, chargerBody(id))).status).toBe(201);
    expect(await (await call('/webhooks/ocpp', { json: nativeEvent(id) })).json()).toMatchObject({ received: 1 });
  });
});

describe('the registry', () => {
  const calls = [
    ['GET', '/api/chargers'],
    ['PUT', '/api/chargers/x'],
    ['GET', '/api/chargers/x'],
    ['DELETE', '/api/chargers/x'],
    ['POST', '/api/chargers/x/pairings'],
    ['GET', '/api/chargers/x/pairings'],
    ['DELETE', '/api/chargers/x/pairings/y'],
    ['POST', '/api/chargers/x/pairing-codes'],
  ] as const;

  it.each(calls)('is closed to strangers and providers: %s %s', async (method, path) => {
    for (const token of [null, 'nope', JEDLIX_TOKEN, STEKKER_KEY]) {
      await expectProblem(await call(path, { method, token }), 401, 'unauthorized');
    }
  });

  it('is open to every CSMS token and to the operator', async () => {
    for (const token of [OTHER_CSMS_TOKEN, ADMIN_TOKEN]) {
      expect((await call('/api/chargers?limit=1', { token })).status).toBe(200);
    }
  });

  it('knows no charger that was never registered', async () => {
    await expectProblem(await call(`/api/chargers/${freshId()}`), 404, 'charger-unknown');
    await expectProblem(await call(`/api/chargers/${freshId()}`, { method: 'DELETE' }), 404, 'charger-unknown');
  });
});
