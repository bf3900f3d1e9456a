import { type ControllerFixture, type FixtureOptions, startController } from './controller-process.ts';
import { type NatsServer, startNatsServer } from './nats-server.ts';
import { type StandInHost, standInHost } from './stand-in-host.ts';

/** A broker, a controller and stand-in hosts that are enrolled and have said hello. */
export interface Fleet {
  readonly nats: NatsServer;
  readonly controller: ControllerFixture;
  /** The host of that name. */
  host(name: string): StandInHost;
  /** Enrols one more host, and has it say hello unless told otherwise. */
  join(name: string, labels: Readonly<Record<string, string>>, hello?: boolean): Promise<StandInHost>;
  stop(): Promise<void>;
}

/** Starts all of it; `hosts` are the labels by name. */
export async function startFleet(
  hosts: Readonly<Record<string, Readonly<Record<string, string>>>>,
  options: Omit<FixtureOptions, 'nats'> = {},
): Promise<Fleet> {
  const nats = await startNatsServer();
  const controller = await startController({ ...options, nats });
  const joined = new Map<string, StandInHost>();
  const fleet: Fleet = {
    nats,
    controller,
    host(name) {
      const host = joined.get(name);
      if (!host) throw new Error(`there is no host ${name}`);
      return host;
    },
    async join(name, labels, hello = true) {
      const host = await standInHost({ name, nats, labels, ...(await controller.enrol(name, labels)) });
      joined.set(name, host);
      if (hello) {
        await host.hello();
        await controller.logged(line => line['host'] === name && line['effect'] === 'registered');
      }
      return host;
    },
    async stop() {
      await Promise.all([...joined.values()].map(host => host.close()));
      await controller.remove();
      await nats.stop();
    },
  };
  for (const [name, labels] of Object.entries(hosts)) await fleet.join(name, labels);
  return fleet;
}
