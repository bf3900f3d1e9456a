import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bootMachine,
  type CodeCache,
  codeCache,
  type DebianArch,
  ensureKernel,
  type Firmware,
  type GuestProcess,
  HOST_ADDRESS,
  type KernelSeries,
  type Machine,
} from '../../tools/machine/index.ts';
// @ts-expect-error plain JavaScript that runs before TypeScript can
import { isBuilt } from '../setup/build.mjs';
import { withRightsOfUnit } from '../systemd/capabilities.ts';
import type { Site } from './site.ts';

/** The addresses of controller and broker for a guest; for `startSite`. */
export const SEEN_BY_GUESTS = { host: HOST_ADDRESS, controllerPort: 7440, brokerPort: 4222 };

const ENROL_LIMIT_MS = 900_000;

/** The folder of an agent's configuration in its guest. */
export const AGENT_FOLDER = '/etc/farcall';

/** A virtual machine with an agent, as one host of the fleet. */
export interface GuestHost {
  readonly name: string;
  readonly machine: Machine;
  /** Starts the agent, with the rights of its systemd unit; its log goes to a file in the site's folder. */
  startAgent(): Promise<void>;
  /** SIGKILL to the agent, to simulate a crash. */
  killAgent(): Promise<void>;
  /** What `farcall-agent` with `args` prints in the guest, run by root. */
  runAgent(args: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** farcall's modules in the guest's kernel; none, if all is well. */
  modulesLeft(): Promise<string[]>;
}

/** How a guest host is made. */
export interface GuestHostOptions {
  readonly site: Site;
  readonly name: string;
  readonly series: KernelSeries;
  /** Default `amd64`. */
  readonly arch?: DebianArch;
  readonly labels: Readonly<Record<string, string>>;
  /** An ext4 image for the agent's files, so that they outlive the machine. Default: none. */
  readonly disk?: string;
  /** UEFI firmware and the keys that it trusts. Default: none. */
  readonly firmware?: Firmware;
  /** What the host's policy says beside that reads and calls are allowed, of all functions. */
  readonly policy?: object;
  /** As of `bootMachine`. */
  readonly lifeMs?: number;
  /** Is told in words what begins now: a person waits minutes for each of these. Default: nobody is told. */
  readonly progress?: (text: string) => void;
}

/** Where the configuration and the state of an agent are in its guest. */
const FOLDERS = [AGENT_FOLDER, '/var/lib/farcall'] as const;

/** Boots a stock Debian kernel of `series` and starts the real agent in it. */
export async function startGuestHost(options: GuestHostOptions): Promise<GuestHost> {
  const { site, name, series, arch = 'amd64', disk, firmware, lifeMs, progress } = options;
  const kernel = await ensureKernel(series, { arch });
  const forwards = [
    { guestPort: SEEN_BY_GUESTS.brokerPort, hostPort: site.brokerPort },
    { guestPort: SEEN_BY_GUESTS.controllerPort, hostPort: site.controllerPort },
  ];
  progress?.(`${name} boots ${kernel.release}`);
  const machine = await bootMachine({
    ...{ kernel, hostname: name, forwards, disks: disk ? [disk] : [] },
    ...(firmware && { firmware }),
    ...(lifeMs !== undefined && { lifeMs }),
  });
  if (firmware) await mountFirmware(machine);
  if (disk !== undefined) await mountFolders(machine);
  const guest = guestHost(options, machine);
  if (!(await isEnrolled(machine))) {
    progress?.(`${name} has booted, and enrols with a token of its own: farcall-agent enrol`);
    await enrolGuest(options, machine);
  }
  await guest.startAgent();
  return guest;
}

/** Puts the agent's files on the guest's disk, so that they survive a reboot. */
async function mountFolders(machine: Machine): Promise<void> {
  const binds = FOLDERS.map(
    folder => `mkdir -p /run/disk${folder} ${folder} && mount --bind /run/disk${folder} ${folder}`,
  );
  await machine.output(['mkdir -p /run/disk', 'mount -t ext4 /dev/vda /run/disk', ...binds].join(' && '));
}

/** Mounts what a distribution mounts: securityfs for the lockdown level, and the firmware's variables. */
async function mountFirmware(machine: Machine): Promise<void> {
  await machine.output(
    'mount -t securityfs none /sys/kernel/security; mount -t efivarfs none /sys/firmware/efi/efivars',
  );
}

async function isEnrolled(machine: Machine): Promise<boolean> {
  const { exitCode } = await machine.run(['test', '-e', join(AGENT_FOLDER, 'agent.json')]);
  return exitCode === 0;
}

/** Enrols the guest as an administrator would: a policy, a token in a file, and one command. */
async function enrolGuest({ site, name, labels, policy }: GuestHostOptions, machine: Machine): Promise<void> {
  const inFolder = (file: string): string => join(AGENT_FOLDER, file);
  const rules = { effects: ['read', 'call'], functions: { allow: ['*'] }, ...policy };
  await machine.writeFile(inFolder('policy.json'), JSON.stringify(rules), { mode: 0o600 });
  const token = await site.enrolmentToken(name, labels);
  await machine.writeFile(inFolder('token'), token, { mode: 0o600 });
  // The first command in the guest is slow: it reads all of its code through the emulated machine.
  const cache = agentCode(machine);
  const options = { timeoutMs: ENROL_LIMIT_MS, env: environment(cache) };
  await machine.output([launcher(), 'enrol', '--token-file', inFolder('token')], options);
  // What enrols is not all that runs.
  await cache?.keep(() => machine.output([launcher(), 'run', '--help'], options));
}

/** What a guest compiled of the agent's build. What runs from its sources compiles them each time. */
function agentCode(machine: Machine): CodeCache | undefined {
  if (!isBuilt()) return undefined;
  const folder = fileURLToPath(new URL('../../dist/lib/agent', import.meta.url));
  const files = readdirSync(folder).filter(name => name.endsWith('.cjs'));
  const code = Buffer.concat(files.map(name => readFileSync(join(folder, name))));
  return codeCache(machine, 'farcall-agent', code);
}

function environment(cache: CodeCache | undefined): Record<string, string> {
  return cache ? { NODE_COMPILE_CACHE: cache.folder } : {};
}

/**
 * What starts the agent in a guest: the build if it is newer than its sources. The launcher of a checkout
 * looks for that itself, which takes a guest seconds at each start.
 */
function launcher(): string {
  const path = isBuilt() ? '../../dist/bin/farcall-agent' : '../bin/farcall-agent';
  return fileURLToPath(new URL(path, import.meta.url));
}

function guestHost({ site, name }: GuestHostOptions, machine: Machine): GuestHost {
  let agent: GuestProcess | undefined;
  return {
    name,
    machine,
    async startAgent() {
      const command = [launcher(), 'run', '--config', join(AGENT_FOLDER, 'agent.json')];
      agent = machine.start(withRightsOfUnit(command), { env: environment(agentCode(machine)) });
      agent.endStdin();
      const log = createWriteStream(join(site.folder, `${name}.log`), { flags: 'a', mode: 0o600 });
      agent.stderr.pipe(log);
      agent.stdout.resume();
    },
    async killAgent() {
      agent?.kill();
      await agent?.exited;
    },
    runAgent: args => machine.run([launcher(), ...args], { env: environment(agentCode(machine)) }),
    async modulesLeft() {
      const modules = await machine.output(['cat', '/proc/modules']);
      return modules.split('\n').filter(line => line.startsWith('farcall'));
    },
  };
}
