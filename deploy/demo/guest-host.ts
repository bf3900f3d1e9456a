import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bootMachine,
  type DebianArch,
  ensureKernel,
  type GuestProcess,
  HOST_ADDRESS,
  type KernelSeries,
  type Machine,
} from '../../test/kernel/machine/index.ts';
import { AGENT_FOLDER, type Site, STATE_FOLDER } from './site.ts';

const AGENT = fileURLToPath(new URL('../bin/farcall-agent', import.meta.url));

/** The port at which a guest finds the broker. */
const BROKER_PORT = 4222;

/** A virtual machine with an agent, as one host of the fleet. */
export interface GuestHost {
  readonly name: string;
  readonly machine: Machine;
  /** Starts the agent; its log goes to a file in the site's folder. */
  startAgent(): Promise<void>;
  /** SIGKILL to the agent, as a crash. */
  killAgent(): Promise<void>;
  /** Modules of ours that are in the guest's kernel: none, if all is well. */
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
  /** An ext4 image for the agent's state, which then outlives the machine. Default: the state dies with it. */
  readonly disk?: string;
}

/** Boots a stock Debian kernel of `series` and starts the real agent in it. */
export async function startGuestHost(options: GuestHostOptions): Promise<GuestHost> {
  const { site, name, series, arch = 'amd64', disk } = options;
  const kernel = await ensureKernel(series, { arch });
  const forwards = [{ guestPort: BROKER_PORT, hostPort: site.brokerPort }];
  const machine = await bootMachine({
    kernel,
    hostname: name,
    forwards,
    ...(disk === undefined ? {} : { disk }),
  });
  if (disk !== undefined) await mountState(machine);
  const guest = guestHost(options, machine);
  await writeAgentFiles(options, machine);
  await guest.startAgent();
  return guest;
}

async function mountState(machine: Machine): Promise<void> {
  await machine.output(`mkdir -p ${STATE_FOLDER} && mount -t ext4 /dev/vda ${STATE_FOLDER}`);
}

async function writeAgentFiles({ site, name, labels }: GuestHostOptions, machine: Machine): Promise<void> {
  const files = site.agentFiles(name, labels, `nats://${HOST_ADDRESS}:${BROKER_PORT}`);
  for (const [file, text] of Object.entries(files)) {
    await machine.writeFile(join(AGENT_FOLDER, file), text, { mode: 0o600 });
  }
}

function guestHost({ site, name }: GuestHostOptions, machine: Machine): GuestHost {
  let agent: GuestProcess | undefined;
  return {
    name,
    machine,
    async startAgent() {
      agent = machine.start([AGENT, 'run', '--config', join(AGENT_FOLDER, 'agent.json')]);
      agent.endStdin();
      const log = createWriteStream(join(site.folder, `${name}.log`), { flags: 'a', mode: 0o600 });
      agent.stderr.pipe(log);
      agent.stdout.resume();
    },
    async killAgent() {
      agent?.kill();
      await agent?.exited;
    },
    async modulesLeft() {
      const modules = await machine.output(['cat', '/proc/modules']);
      return modules.split('\n').filter(line => line.startsWith('farcall'));
    },
  };
}
