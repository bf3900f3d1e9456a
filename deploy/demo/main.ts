import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureKernel, type KernelSeries } from '../../tools/machine/index.ts';
import { type GuestHost, SEEN_BY_GUESTS, startGuestHost } from './guest-host.ts';
import { farcall, mustFarcall } from './operator.ts';
import { Progress } from './progress.ts';
import { type PEOPLE, type Site, startSite } from './site.ts';

// `npm run demo`: a fleet of three virtual machines with stock kernels, and one call that two people approve.
//
//   npm run demo -- --keep                leaves it running, and says how to talk to it
//   npm run demo -- --no-call             plays no call; with --keep, to try it yourself (docs/tutorial.md)
//   npm run demo -- --kernels 6.12,7.2    only these
//   npm run demo -- --folder DIR          puts keys and logs into this new folder, and keeps it

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    call: { type: 'boolean', default: true },
    keep: { type: 'boolean', default: false },
    kernels: { type: 'string', default: '6.1,6.12,7.2' },
    folder: { type: 'string' },
  },
});

const SERIES = options.kernels.split(',') as readonly KernelSeries[];
const PROGRAM = '_printk("Hello, world %d\\n", 1234)';
const LABELS = { env: 'demo' };
const JOIN_LIMIT_MS = 240_000;
/** The exit code of a shell for a program that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

/** Until the demo is up, Ctrl-C ends it at once; servers and machines end with it. */
let onInterrupt = (): void => process.exit(EXIT_INTERRUPTED);

const progress = new Progress();
const folder = newFolder(options.folder);
const running: { site?: Site; guests: GuestHost[] } = { guests: [] };

/** The folder of that name, which must not exist yet; or a temporary one. */
function newFolder(name: string | undefined): string {
  if (name === undefined) return mkdtempSync(join(tmpdir(), 'farcall-demo-'));
  mkdirSync(name, { mode: 0o700 });
  return resolve(name);
}

async function demo(): Promise<number> {
  for (const series of SERIES) await ensureKernel(series, { progress: line => progress.step(line) });
  const site = await startSite({ folder, seenByHosts: SEEN_BY_GUESTS });
  running.site = site;
  progress.step(`nats-server and controller are running; keys and trust bundle are in ${folder}`);
  await bootGuests(site);
  await hostsKnown(site);
  const returned = options.call ? await playCall(site) : true;
  const left = await modulesLeft();
  progress.step(
    left.length === 0 ? 'no module is left in /proc/modules of any host' : `left behind: ${left.join('; ')}`,
  );
  if (options.keep) await keep(site);
  return returned && left.length === 0 ? 0 : 1;
}

function hostName(series: KernelSeries): string {
  return `demo-${series.replace('.', '-')}`;
}

async function bootGuests(site: Site): Promise<void> {
  progress.step(`booting ${SERIES.length} virtual machines (software emulation)`);
  await Promise.all(
    SERIES.map(async series => {
      const guest = await startGuestHost({ site, name: hostName(series), series, labels: LABELS });
      running.guests.push(guest);
      progress.step(`${guest.name} runs ${guest.machine.kernel.release}, its agent is starting`);
    }),
  );
}

/** Waits until every host is enrolled and has said hello to the controller. */
async function hostsKnown(site: Site): Promise<void> {
  const until = Date.now() + JOIN_LIMIT_MS;
  for (;;) {
    const { stdout } = await farcall(['hosts', 'env=demo', '--json'], { configFile: site.configOf('alice') });
    const known = SERIES.filter(series => stdout.includes(`"${hostName(series)}"`));
    if (known.length === SERIES.length) return progress.step('every host is enrolled and has said hello');
    if (Date.now() > until)
      throw new Error(`only ${known.length} of ${SERIES.length} hosts said hello; see ${folder}/*.log`);
    await sleep(500);
  }
}

/** Whether the call returned on every host. */
async function playCall(site: Site): Promise<boolean> {
  const id = await requestAndApprove(site);
  return (await type(site, 'alice', ['watch', id])).exitCode === 0;
}

async function requestAndApprove(site: Site): Promise<string> {
  const request = ['request', PROGRAM, '--hosts', 'env=demo', '--reason', 'first call'];
  const { exitCode, stdout } = await type(site, 'alice', request);
  if (exitCode !== 0) throw new Error('the request was not accepted');
  const listed = await mustFarcall(['requests', '--json'], { configFile: site.configOf('alice') });
  const [{ id }] = JSON.parse(listed);
  // The digest as alice read it, so that bob and carol sign exactly what she requested.
  const digest = /digest\s+(sha256:[0-9a-f]{16})/.exec(stdout)?.[1] ?? '';
  for (const person of ['bob', 'carol'] as const)
    await type(site, person, ['approve', id, '--yes', '--digest', digest]);
  return id;
}

async function type(site: Site, person: (typeof PEOPLE)[number], args: readonly string[]) {
  progress.typed(person, args);
  return farcall(args, { configFile: site.configOf(person), show: text => process.stdout.write(text) });
}

async function modulesLeft(): Promise<string[]> {
  const lines = await Promise.all(
    running.guests.map(async guest => (await guest.modulesLeft()).map(line => `${guest.name}: ${line}`)),
  );
  return lines.flat();
}

/** Leaves everything running until Ctrl-C. */
async function keep(site: Site): Promise<void> {
  console.log(
    [
      '',
      'The demo keeps running. In another terminal:',
      '',
      `  export PATH="${join(import.meta.dirname, '../bin')}:$PATH"`,
      `  export FARCALL_CONFIG=${site.configOf('alice')}    # you are alice now; likewise bob.json, carol.json`,
      "  farcall request 'nr_processes()' --hosts env=demo --reason 'how many processes?'",
      '',
      'Then bob and carol run farcall approve ID, each with their own FARCALL_CONFIG.',
      `Logs and keys are in ${folder}. Ctrl-C stops everything${options.folder === undefined ? ', and deletes that folder' : ''}.`,
    ].join('\n'),
  );
  await new Promise<void>(resolve => {
    onInterrupt = resolve;
  });
}

async function stopEverything(): Promise<void> {
  await Promise.all(running.guests.map(guest => guest.machine.stop()));
  await running.site?.stop();
}

process.once('SIGINT', () => onInterrupt());

try {
  process.exitCode = await demo();
  await stopEverything();
  if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  progress.step('everything is stopped again');
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
  console.error(`demo: the logs are kept in ${folder}`);
  await stopEverything();
  process.exitCode = 1;
}
