import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureKernel, type KernelSeries } from '../../tools/machine/index.ts';
import { type GuestHost, SEEN_BY_GUESTS, startGuestHost } from './guest-host.ts';
import { hostsHeard } from './hosts-heard.ts';
import { keepLogsOnly, removeAfterUs } from './leave-nothing.ts';
import { farcall, mustFarcall } from './operator.ts';
import { DEMO_HELP, type DemoOptions, demoOptions, UsageError } from './options.ts';
import { Progress } from './progress.ts';
import { type PEOPLE, type Site, startSite } from './site.ts';

// `npm run demo`: a fleet of virtual machines with stock kernels, and one call that two people approve. Its
// option --help says more.

const options = optionsOrExit();
const SERIES = options.series;
const PROGRAM = '_printk("Hello, world %d\\n", 1234)';
const LABELS = { env: 'demo' };
const JOIN_LIMIT_MS = 900_000;
/** What ends the demo: Ctrl-C, Ctrl-\ (SIGQUIT), a stop by other programs, and the end of its terminal. */
const ENDING = { SIGINT: 2, SIGQUIT: 3, SIGTERM: 15, SIGHUP: 1 } as const;

/**
 * Until the demo is up, a signal ends it at once; servers and machines end with it. The exit code is that of
 * a shell.
 */
let onEnd = (signal: keyof typeof ENDING): void => process.exit(128 + ENDING[signal]);

const progress = new Progress();
const { folder } = options;
const remover = options.keepsFolder ? undefined : removeAfterUs(folder);
// What machines need while they run, and what commands remember, goes there too, and is removed with the
// keys.
if (remover) Object.assign(process.env, { TMPDIR: folder, XDG_STATE_HOME: join(folder, 'state') });
const running: { site?: Site; guests: GuestHost[]; isEnding: boolean } = { guests: [], isEnding: false };

/** Ends the process where there is nothing to do: after the help, and after a mistake in the command. */
function optionsOrExit(): DemoOptions {
  try {
    const wanted = demoOptions(process.argv.slice(2));
    if (wanted) return wanted;
    process.stdout.write(DEMO_HELP);
    process.exit(0);
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    console.error(`demo: ${thrown.message}`);
    process.exit(2);
  }
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

/** Of the machines of a demo, in which everything may be tried but writes. */
const POLICY = {
  effects: ['read', 'watch', 'call', 'deny'],
  probes: { allow: 'deny', functions: { allow: ['*'] }, denies: { functions: { allow: ['nr_processes'] } } },
};

function hostName(series: KernelSeries): string {
  return `demo-${series.replace('.', '-')}`;
}

async function bootGuests(site: Site): Promise<void> {
  progress.step(`booting ${SERIES.length} virtual machines (software emulation)`);
  await Promise.all(
    SERIES.map(async series => {
      const lifeMs = options.keep ? Number.POSITIVE_INFINITY : undefined;
      const guest = await startGuestHost({
        ...{ site, name: hostName(series), series, labels: LABELS, policy: POLICY },
        progress: line => progress.step(line),
        ...(lifeMs !== undefined && { lifeMs }),
      });
      running.guests.push(guest);
      void guest.machine.exited.then(({ how }) => {
        if (!running.isEnding) progress.step(`${guest.name} has ended by itself: its machine ${how}`);
      });
      progress.step(`${guest.name} runs ${guest.machine.kernel.release}, its agent is starting`);
    }),
  );
}

/** Waits until every host is enrolled and has said hello to the controller. */
async function hostsKnown(site: Site): Promise<void> {
  const until = Date.now() + JOIN_LIMIT_MS;
  progress.step('waiting until the controller has heard the hello of every host');
  for (;;) {
    const heard = hostsHeard(site.folder);
    const known = SERIES.filter(series => heard.includes(hostName(series)));
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

/** Leaves everything running until a signal ends it. */
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
      'The demo runs until you end it, however long that is. It ends too if you close this terminal.',
      `Logs and keys are in ${folder}. Ctrl-C stops everything${options.keepsFolder ? '' : ', and deletes that folder'}.`,
    ].join('\n'),
  );
  await new Promise<void>(resolve => {
    onEnd = () => resolve();
  });
}

async function stopEverything(): Promise<void> {
  running.isEnding = true;
  await Promise.all(running.guests.map(guest => guest.machine.stop()));
  await running.site?.stop();
}

for (const signal of Object.keys(ENDING) as (keyof typeof ENDING)[]) {
  process.once(signal, () => onEnd(signal));
}
// Nobody reads any more once the terminal is closed.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  process.exitCode = await demo();
  await stopEverything();
  if (!options.keepsFolder) rmSync(folder, { recursive: true, force: true });
  progress.step('everything is stopped again');
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
  await stopEverything();
  if (!options.keepsFolder) keepLogsOnly(folder);
  remover?.keep();
  console.error(`demo: the logs are kept in ${folder}${options.keepsFolder ? '' : ', without the keys'}`);
  // A broker whose controller did not start would keep this process.
  process.exit(1);
}
