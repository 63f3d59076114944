// Answers as wrangler 4.155 does, from a state in a file, and notes each call. `fails` in the state has, for the first words of a
// command, what the real one prints when that goes wrong.
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const file = process.env.STAND_IN_STATE;
const state = JSON.parse(readFileSync(file, 'utf8'));
const args = process.argv.slice(2);
const flag = (name) => args[args.indexOf(name) + 1];
const has = (name) => args.includes(name);
state.calls.push(args.map((arg) => arg.replace(/.*\/(secrets\.json)$/, '$1')).join(' '));

const end = (code, stdout, stderr = '') => {
  writeFileSync(file, JSON.stringify(state));
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exit(code);
};

const failure = Object.entries(state.fails).find(([words]) => `${args.join(' ')} `.startsWith(`${words} `));
if (failure !== undefined && !has('--dry-run')) end(1, '', `\n✘ [ERROR] ${failure[1]}\n\n`);

const words = args.slice(0, 3).join(' ');
if (words.startsWith('whoami')) {
  if (!state.isLoggedIn) end(1, '{"loggedIn":false}\n');
  end(
    0,
    JSON.stringify({ loggedIn: true, authType: 'OAuth Token', email: 'ops@cpo.example', accounts: state.accounts }),
  );
} else if (words === 'd1 list --json') {
  end(0, JSON.stringify(state.databases));
} else if (words.startsWith('d1 create')) {
  if (state.databases.some(({ name }) => name === args[2]))
    end(1, '', '✘ [ERROR] A database with that name already exists');
  state.databases.push({
    uuid: `id-of-${args[2]}`,
    name: args[2],
    jurisdiction: has('--jurisdiction') ? flag('--jurisdiction') : null,
  });
  end(0, `✅ Successfully created DB '${args[2]}'\n`);
} else if (words === 'kv namespace list') {
  end(0, JSON.stringify(state.namespaces));
} else if (words === 'kv namespace create') {
  state.namespaces.push({ id: `id-of-${args[3]}`, title: args[3] });
  end(0, '🌀 Creating namespace\n✨ Success!\n');
} else if (words === 'd1 migrations apply') {
  end(0, '✅ No migrations to apply!\n');
} else if (words.startsWith('secret list')) {
  if (state.worker === undefined)
    end(
      1,
      '',
      `✘ [ERROR] Worker "${flag('--name')}" not found.\n\nIf this is a new Worker, run \`wrangler deploy\` first.`,
    );
  end(0, JSON.stringify(state.worker.secrets.map((name) => ({ name, type: 'secret_text' }))));
} else if (words.startsWith('versions list')) {
  if (state.worker === undefined)
    end(
      1,
      '',
      '✘ [ERROR] A request to the Cloudflare API failed.\n  This Worker does not exist on your account. [code: 10007]',
    );
  end(0, JSON.stringify(state.worker.tags.map((tag) => ({ id: tag, annotations: { 'workers/tag': tag } }))));
} else if (words.startsWith('deploy') && has('--dry-run')) {
  mkdirSync(flag('--outdir'), { recursive: true });
  writeFileSync(join(flag('--outdir'), 'index.js'), state.code);
  end(0, '--dry-run: exiting now.\n');
} else if (words.startsWith('deploy')) {
  const config = JSON.parse(readFileSync(flag('--config'), 'utf8'));
  const secrets = Object.keys(JSON.parse(readFileSync(flag('--secrets-file'), 'utf8')));
  const known = state.worker?.secrets ?? [];
  const lacking = config.secrets.required.filter((name) => ![...known, ...secrets].includes(name));
  if (lacking.length > 0)
    end(1, '', `✘ [ERROR] The following required secrets have not been set: ${lacking.join(', ')}`);
  state.worker = {
    config,
    secrets: [...new Set([...known, ...secrets])],
    tags: [...(state.worker?.tags ?? []), flag('--tag')],
  };
  end(
    0,
    `Uploaded ${config.name}\nDeployed ${config.name} triggers\n  https://${config.name}.cpo.workers.dev\nCurrent Version ID: 1\n`,
  );
} else {
  end(1, '', `✘ [ERROR] Unknown arguments: ${args.join(', ')}`);
}
