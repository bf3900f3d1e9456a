import { readFileSync, writeFileSync } from 'node:fs';
import type { HostFacts } from '../../../shared/messages/index.ts';
import { type AgentProcess, type AgentProcessOptions, startAgentProcess } from './agent-process.ts';
import { type ControllerFixture, type FixtureOptions, startController } from './controller-process.ts';
import { enrolledHome } from './enrolled-home.ts';
import { type NatsServer, startNatsServer } from './nats-server.ts';
import { type StandInHost, standInHost } from './stand-in-host.ts';

type Labels = Readonly<Record<string, string>>;
type Configuration = Readonly<Record<string, unknown>>;

/** What a fleet consists of; without any of it, a broker and a controller. */
export interface FleetOptions extends Omit<FixtureOptions, 'nats' | 'config'> {
  /** Stand-in hosts by name, with their labels. */
  readonly hosts?: Readonly<Record<string, Labels>>;
  /** Hosts with the agent as it is shipped and a stand-in for their kernel, by name. */
  readonly agents?: Readonly<Record<string, AgentWish>>;
  /** Members of the controller's configuration, which may depend on the broker. */
  readonly config?: Configuration | ((nats: NatsServer) => Promise<Configuration>);
}

/** An agent of a fleet. */
export interface AgentWish extends Pick<AgentProcessOptions, 'nodeArgs'> {
  readonly labels: Labels;
  /** What `uname -r` says there. */
  readonly kernel?: string;
  /** Members of its configuration. */
  readonly config?: Configuration;
}

/** A broker, a controller, and hosts that are enrolled and have said hello. */
export interface Fleet {
  readonly nats: NatsServer;
  readonly controller: ControllerFixture;
  /** The stand-in host of that name. */
  host(name: string): StandInHost;
  /** The agent of that name. */
  agent(name: string): AgentProcess;
  /** Enrols one more stand-in host, and has it say hello with these facts, or not at all. */
  join(name: string, labels: Labels, hello?: Partial<HostFacts> | false): Promise<StandInHost>;
  /** Enrols and starts one more agent, and waits for its hello. */
  joinAgent(name: string, wish: AgentWish): Promise<AgentProcess>;
  stop(): Promise<void>;
}

/** Starts a fleet: the one fixture of tests that need real processes. */
export async function startFleet(options: FleetOptions = {}): Promise<Fleet> {
  const { hosts = {}, agents = {}, config = {}, ...others } = options;
  const nats = await startNatsServer();
  const settings = typeof config === 'function' ? await config(nats) : config;
  const controller = await startController({ ...others, config: settings, nats });
  const standIns = new Map<string, StandInHost>();
  const running = new Map<string, AgentProcess>();
  const registered = (name: string) =>
    controller.logged(line => line['host'] === name && line['effect'] === 'registered');
  const fleet: Fleet = {
    ...{ nats, controller },
    host: name => named(standIns, name),
    agent: name => named(running, name),
    async join(name, labels, hello = {}) {
      const host = await standInHost({ name, nats, labels, ...(await controller.enrol(name, labels)) });
      standIns.set(name, host);
      if (hello) {
        await host.hello(hello);
        await registered(name);
      }
      return host;
    },
    async joinAgent(name, wish) {
      const agent = await startEnrolled(controller, name, wish);
      running.set(name, agent);
      await registered(name);
      return agent;
    },
    async stop() {
      await Promise.all([...running.values()].map(agent => agent.kill('SIGKILL')));
      await Promise.all([...standIns.values()].map(host => host.close()));
      await controller.remove();
      await nats.stop();
    },
  };
  for (const [name, labels] of Object.entries(hosts)) await fleet.join(name, labels);
  await Promise.all(Object.entries(agents).map(([name, wish]) => fleet.joinAgent(name, wish)));
  return fleet;
}

function named<T>(all: ReadonlyMap<string, T>, name: string): T {
  const one = all.get(name);
  if (!one) throw new Error(`there is no host ${name}`);
  return one;
}

async function startEnrolled(
  controller: ControllerFixture,
  name: string,
  { labels, kernel, config = {}, ...options }: AgentWish,
): Promise<AgentProcess> {
  const home = await enrolledHome(controller, name, labels);
  const own = JSON.parse(readFileSync(home.configFile, 'utf8'));
  writeFileSync(home.configFile, JSON.stringify({ ...own, ...config }));
  const env = kernel === undefined ? {} : { FARCALL_TEST_KERNEL: kernel };
  return startAgentProcess(home, { ...options, env, lasting: true });
}
