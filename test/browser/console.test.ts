/** The console in a real browser: an operator signs in, finds what is stuck and why, sends it again, and watches it arrive. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CHROMIUM, flawsOf, signIn, startStage, watched, type Stage, type Watched } from './browser.ts';
import { heal, makeFleet, STEERED, STUCK } from './fleet.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

if (CHROMIUM === undefined)
  console.warn(
    'The browser tests are left out: there is no Chromium here. Install it (apt-get install chromium), or name it in CHROMIUM.',
  );

/** `SCREENSHOTS=1` renews the pictures of the documentation. */
const PICTURES = process.env['SCREENSHOTS'] === '1' ? join(import.meta.dirname, '../../docs/img') : undefined;
const WAIT = { timeout: 20_000 };

describe.skipIf(CHROMIUM === undefined)('the console', () => {
  let stage: Stage;
  let operator: Watched;
  beforeAll(async () => {
    stage = await startStage();
    await makeFleet(stage);
    operator = await watched(await stage.browser.newContext({ viewport: { width: 1280, height: 900 } }));
    await signIn(operator.page, stage.edgeUrl);
  });
  afterAll(() => stage.close());

  test('lets nobody in with another token, and says so', async () => {
    const { page } = await watched(await stage.browser.newContext());
    await page.goto(`${stage.edgeUrl}/console/parked`);
    await page.getByLabel(/token/i).fill('not the token');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor(WAIT);
    expect(await page.getByRole('heading', { name: 'Parked' }).count()).toBe(0);
    await page.close();
  });

  test('shows a session as a picture: asked, accepted, drawn, and whether the meter follows', async () => {
    const { page } = operator;
    await page.goto(`${stage.edgeUrl}/console/sessions`);
    await page
      .getByRole('link', { name: new RegExp(`tx-${STEERED}|${STEERED}`) })
      .first()
      .click(WAIT);
    await page.getByRole('img', { name: /Asked last/ }).waitFor(WAIT);
    await expect.poll(() => page.locator('.chart path.drawn').getAttribute('d'), WAIT).toMatch(/^M.*L/);
    expect(await page.locator('.chart path.asked').getAttribute('d')).toMatch(/^M.*H/);
    await page.getByText('Accepted', { exact: true }).first().waitFor(WAIT);
    expect(await page.getByText(/energy/i).count()).toBeGreaterThan(0);
  });

  test('finds the sessions of a token without writing it into an address', async () => {
    const { page } = operator;
    await page.goto(`${stage.edgeUrl}/console/sessions`);
    await page.getByLabel('Card or token').fill('04A3C1F2B95E80');
    await page.getByRole('button', { name: 'Find' }).click();
    await page
      .getByText(/No session of this token|depot-/)
      .first()
      .waitFor(WAIT);
    expect(page.url()).not.toContain('04A3');
  });

  const PAGES = [
    ['overview', '', 'Overview'],
    ['chargers', 'chargers', 'Chargers'],
    ['charger', `chargers/${STEERED}`, STEERED],
    ['timeline', `chargers/${STEERED}/timeline`, /Timeline/],
    ['session', `chargers/${STEERED}/sessions/tx-${STEERED}`, /^Session/],
    ['sessions', 'sessions', 'Sessions'],
    ['parked', 'parked', 'Parked'],
    ['unknown', 'unknown', 'Unknown chargers'],
    ['health', 'health', 'Health'],
  ] as const;

  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    test.each(PAGES)('the page %s has no flaw, and fits a phone', async (name, path, heading) => {
      const { page } = operator;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(`${stage.edgeUrl}/console/${path}`);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor(WAIT);
      await expect.poll(() => page.getByText('Loading …').count(), WAIT).toBe(0);
      expect(await flawsOf(page)).toEqual([]);
      if (PICTURES !== undefined) {
        mkdirSync(PICTURES, { recursive: true });
        await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}.png`) });
      }
      await page.setViewportSize({ width: 360, height: 740 });
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect(width).toBeLessThanOrEqual(360);
      expect(await flawsOf(page)).toEqual([]);
    });
  });

  test('leads from what is stuck to its cause; sent again, it arrives', async () => {
    const { page } = operator;
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`${stage.edgeUrl}/console`);
    await page.getByRole('link', { name: 'Parked', exact: true }).click();
    await page.getByText(/422/).first().waitFor(WAIT);
    heal(stage);
    await page.goto(`${stage.edgeUrl}/console/parked?chargePointId=${STUCK}`);
    expect(stage.world.stekker.sessionMessages(STUCK)).toHaveLength(1);
    await page.getByRole('button', { name: 'Send again' }).first().click(WAIT);
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/3 messages of 1 charger/).waitFor(WAIT);
    await dialog.getByRole('button', { name: 'Send again' }).click();
    await expect.poll(() => stage.world.stekker.sessionMessages(STUCK).length, WAIT).toBe(4);
    await page.goto(`${stage.edgeUrl}/console/parked?chargePointId=${STUCK}`);
    await page
      .getByText(/Nothing is parked|No message/)
      .first()
      .waitFor(WAIT);
  });

  test('shows what others wrote as text, whatever it is', async () => {
    const { page } = operator;
    await page.goto(`${stage.edgeUrl}/console/unknown`);
    await page.getByText('WALLBOX-<b>9</b>').waitFor(WAIT);
  });

  test('can be used by keyboard alone', async () => {
    const { page } = operator;
    await page.goto(`${stage.edgeUrl}/console`);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor(WAIT);
    // Each page begins at its heading; the navigation is before it.
    const focused = () => page.evaluate('document.activeElement.textContent');
    await expect.poll(focused, WAIT).toBe('Overview');
    for (let step = 0; step < 20 && (await focused()) !== 'Chargers'; step += 1) await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('Chargers');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Chargers' }).waitFor(WAIT);
  });

  test('shows the reference without another host', async () => {
    const docs = await watched(await stage.browser.newContext());
    const hosts = new Set<string>();
    docs.page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await docs.page.goto(`${stage.edgeUrl}/docs`);
    await docs.page
      .getByRole('heading', { name: /scsp-edge/ })
      .first()
      .waitFor(WAIT);
    expect([...hosts].filter((host) => host !== '' && host !== new URL(stage.edgeUrl).host)).toEqual([]);
    expect(docs.errors).toEqual([]);
    await docs.page.close();
  });

  test('signs out', async () => {
    const { page } = operator;
    await page.goto(`${stage.edgeUrl}/console`);
    await page.getByRole('button', { name: 'Sign out' }).click(WAIT);
    await page.getByLabel(/token/i).waitFor(WAIT);
    await page.goto(`${stage.edgeUrl}/console/chargers`);
    await page.getByLabel(/token/i).waitFor(WAIT);
  });

  test('printed no error and broke no policy all the while', () => {
    expect(operator.errors).toEqual([]);
  });
});
