import { join } from 'node:path';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import type { NatsServer } from '../../kit/fleet/nats-server.ts';
import { type SimulatedHost, seedHosts } from './seed-hosts.ts';
import { WorkerProcess } from './worker-process.ts';

/** A fleet of agents in a few processes. */
export interface Simulator {
  readonly hosts: readonly SimulatedHost[];
  /** Starts hosts that were offline, and waits until the controller has heard of them; they are fast then. */
  wake(names: readonly string[]): Promise<void>;
  /** SIGKILL to the process `index` and all agents in it, as if their machines had crashed. */
  kill(index: number): Promise<void>;
  /** Starts the process `index` again, and its agents with what is on their disks. */
  restart(index: number): Promise<void>;
  /** Which process runs `host`. */
  workerOf(host: string): number;
  /** How often each host began a call, over all restarts. */
  runs(): Promise<ReadonlyMap<string, number>>;
  /** The processes of the agents. */
  pids(): readonly number[];
  /** Stops all processes in the middle of what they do (SIGSTOP), until they are to go on. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** What a fleet is made of. */
export interface SimulatorOptions {
  readonly folder: string;
  readonly nats: NatsServer;
  readonly controller: ControllerFixture;
  readonly hosts: readonly SimulatedHost[];
  readonly workers: number;
}

/**
 * Enrols `hosts`, starts their agents, and waits until the controller has heard of all that are not offline.
 * Over TLS, with credentials of their own, their files on the disk that `folder` is on, fsync and all.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { folder, controller, hosts, workers } = options;
  const hostFolder = join(folder, 'fleet');

  await controller.stop();
  await seedHosts(hostFolder, options, hosts);
  await controller.start();
  const processes = Array.from({ length: workers }, (_, index) => {
    const own = hosts.filter((_host, at) => at % workers === index);
    return new WorkerProcess(hostFolder, own);
  });
  await Promise.all(processes.map(each => each.start()));
  const awake = hosts.filter(({ behaviour }) => behaviour !== 'offline');
  await untilRegistered(
    controller,
    awake.map(({ name }) => name),
  );
  const before = new Map<string, number>();
  const workerOf = (name: string): number => hosts.findIndex(host => host.name === name) % workers;
  const count = async (index: number, into: Map<string, number>): Promise<void> => {
    const { runs = [] } = await processes[index]!.tell({ do: 'look' });
    for (const [host, times] of runs) into.set(host, (into.get(host) ?? 0) + times);
  };
  const signal = (name: NodeJS.Signals): void => {
    for (const { pid } of processes) process.kill(pid, name);
  };
  return {
    hosts,
    workerOf,
    async wake(names) {
      for (const [index, each] of processes.entries())
        await each.tell({ do: 'wake', names: names.filter(name => workerOf(name) === index) });
      await untilRegistered(controller, names);
    },
    async kill(index) {
      await count(index, before);
      await processes[index]!.kill();
    },
    restart: index => processes[index]!.start(),
    async runs() {
      const all = new Map(before);
      for (const index of processes.keys()) await count(index, all);
      return all;
    },
    pids: () => processes.map(({ pid }) => pid),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async stop() {
      await Promise.all(processes.map(each => each.kill()));
    },
  };
}

async function untilRegistered({ log, logged }: ControllerFixture, names: readonly string[]): Promise<void> {
  const missing = new Set<unknown>(names);
  let seen = 0;
  const areThere = (): boolean => {
    for (; seen < log.length; seen++)
      if (log[seen]!['effect'] === 'registered') missing.delete(log[seen]!['host']);
    return missing.size === 0;
  };
  if (names.length > 0) await logged(areThere);
}
