// `npm run dev`: leaves the Worker and the stand-ins running on fixed ports for curl, until Ctrl-C; it refuses to start when a port is taken.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curlCommands } from './demo/curl-commands.ts';
import { DEV_HELP, devOptionsFrom, devVarsIn } from './demo/dev-options.ts';
import { findTakenPorts, portsFrom, type Ports } from './demo/ports.ts';
import { startReceivedPage } from './demo/received-page.ts';
import { createScreen } from './demo/screen.ts';
import { startCsms } from './csms.ts';
import { startEdgeProcess } from './edge-process.ts';
import { startJedlix } from './jedlix.ts';
import { EVENTS_SECRET, sandboxSettings as settings } from './settings.ts';
import { startStekker } from './stekker.ts';

/** The codes that the providers’ apps show: for Stekker one for docs/walkthrough.md, and one for the printed commands. */
const stekkerCodes = ['PEN4E', 'DWXYZ'] as const;
const jedlixCodes = ['362821'] as const;

const { line, heading, paint } = createScreen(process.stdout);
/** What is running, to be closed in the reverse order. */
const closers: (() => Promise<unknown>)[] = [];
let isStopping = false;

// The edge's process answers a signal by raising it again: the listener must outlive the first one.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    line('\nStopped.');
    void closeAll().finally(() => process.exit(0));
  });
}

try {
  const { isHelp, vars } = devOptionsFrom(process.argv.slice(2));
  if (isHelp) line(DEV_HELP);
  else await start(portsFrom(process.env['PORT'] ?? '8787'), vars);
} catch (error) {
  if (!isStopping) {
    line(paint('red', error instanceof Error ? error.message : String(error)));
    await closeAll();
    process.exit(1);
  }
}

async function start(ports: Ports, told: Record<string, string>): Promise<void> {
  const taken = await findTakenPorts(ports);
  if (taken.length > 0)
    throw new Error(`${taken.join('\n')}\nEnd what uses it, or choose another one: PORT=9787 npm run dev`);
  line('Starting …');
  const storagePath = await mkdtemp(join(tmpdir(), 'scsp-edge-dev-'));
  closers.push(() => rm(storagePath, { recursive: true, force: true, maxRetries: 5 }));
  const world = await startWorld(ports);
  const events = { CSMS_EVENTS_URL: `${world.csms.url}/events`, CSMS_EVENTS_SECRET: EVENTS_SECRET };
  const own = { ...devVarsIn(join(import.meta.dirname, '../.dev.vars')), ...told };
  const vars = { ONE_PROVIDER_PER_CHARGER: 'false', ...events, ...own };
  const edge = await startEdgeProcess({
    stekkerUrl: world.stekker.url,
    jedlixUrl: world.jedlix.url,
    csmsUrl: world.csms.url,
    vars,
    storagePath,
    port: ports.edge,
  });
  closers.push(edge.kill);
  const page = await startReceivedPage({ port: ports.page, edgeUrl: edge.url, world, edgeOutput: edge.output });
  closers.push(page.close);
  showPlaces(edge.url, page.url, world);
  showOwn(own);
  showCommands(edge.url, page.url);
  line('\nCtrl-C ends everything; what was stored is dropped.');
}

async function startWorld(ports: Ports) {
  const { JEDLIX_CLIENT_ID: clientId, JEDLIX_CLIENT_SECRET: clientSecret, JEDLIX_AUDIENCE: audience } = settings;
  const client = { clientId, clientSecret, audience, apiKey: settings.JEDLIX_API_KEY };
  const stekkerOptions = { token: settings.STEKKER_TOKEN, pairingCodes: stekkerCodes, coordinates: 'lat-lon' } as const;
  const stekker = await startStekker({ ...stekkerOptions, port: ports.stekker });
  closers.push(stekker.close);
  const jedlix = await startJedlix({ ...client, pairingCodes: jedlixCodes, port: ports.jedlix });
  closers.push(jedlix.close);
  const csms = await startCsms({
    commandSecret: settings.CSMS_COMMAND_SECRET,
    eventsSecret: EVENTS_SECRET,
    port: ports.csms,
  });
  closers.push(csms.close);
  return { stekker, jedlix, csms };
}

function showPlaces(edgeUrl: string, pageUrl: string, world: Awaited<ReturnType<typeof startWorld>>): void {
  heading('Running');
  const places = [
    ['edge', edgeUrl, 'the Worker, with D1, KV and Durable Objects of its own; changes in src/ are picked up'],
    ['console', `${edgeUrl}/console`, 'the operator’s pages; sign in with the ADMIN_TOKEN below'],
    ['reference', `${edgeUrl}/docs`, 'the API'],
    ['received', `${pageUrl}/received`, 'what the stand-ins received'],
    ['log', `${pageUrl}/log`, 'what the edge printed'],
    ['Stekker', world.stekker.url, `stand-in; its app shows the codes ${stekkerCodes.join(', ')}`],
    ['Jedlix', world.jedlix.url, `stand-in; its app shows the code ${jedlixCodes.join(', ')}`],
    ['CSMS', world.csms.url, 'stand-in; takes commands and notifications'],
    ['faults', `${pageUrl}/faults`, 'POST {"of":"stekker","fault":{"status":503}}; "none" ends it'],
  ] as const;
  for (const [name, url, note] of places) line(`  ${name.padEnd(10)}${url.padEnd(34)}${paint('dim', note)}`);
  heading('Tokens, all made up');
  const names = [
    'CSMS_TOKENS',
    'CSMS_WEBHOOK_SECRETS',
    'ADMIN_TOKEN',
    'JEDLIX_INBOUND_TOKENS',
    'STEKKER_INBOUND_KEY',
  ] as const;
  for (const name of names) line(`  ${name.padEnd(24)}${settings[name]}`);
  line('  ONE_PROVIDER_PER_CHARGER is false here, so that one charger can show both providers.');
}

/** What does not come from the sandbox, by name: values may be secrets. */
function showOwn(own: Record<string, string>): void {
  const names = Object.keys(own);
  if (names.length > 0) line(`  Set by you, instead of the sandbox: ${names.join(', ')}`);
}

function showCommands(edgeUrl: string, pageUrl: string): void {
  heading('To paste, in this order');
  const place = { edgeUrl, pageUrl, stekkerCode: stekkerCodes[1], startedAt: new Date(Date.now() - 5 * 60_000) };
  for (const { title, command } of curlCommands(place)) line(`\n${paint('dim', `# ${title}`)}\n${command}`);
}

async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}
