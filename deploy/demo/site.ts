import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRootsFile } from '../../shared/trust/index.ts';
import { mustFarcall, mustRun } from './operator.ts';
import { freePort, type Service, startService } from './service.ts';

const CONTROLLER = fileURLToPath(new URL('../bin/farcall-controller', import.meta.url));

/** The people of a site: alice asks, bob and carol approve. */
export const PEOPLE = ['alice', 'bob', 'carol'] as const;

/** The people whose signatures make a trust bundle; both must sign. */
const ROOTS = ['rob', 'rose'] as const;

/** One installation without its hosts: keys, trust bundle, broker, controller. */
export interface Site {
  readonly folder: string;
  readonly brokerPort: number;
  readonly controllerPort: number;
  readonly broker: Service;
  readonly controller: Service;
  /** The file with a person's configuration for `farcall`. */
  configOf(person: (typeof PEOPLE)[number]): string;
  /** A one-time token, made by bob, with which a machine becomes `host`. */
  enrolmentToken(host: string, labels: Readonly<Record<string, string>>): Promise<string>;
  restartBroker(): Promise<void>;
  restartController(): Promise<void>;
  stop(): Promise<void>;
}

/** Settings of a new site. */
export interface SiteOptions {
  /** An empty folder for this site alone. */
  readonly folder: string;
  /** Addresses (host:port) of controller and broker for the hosts, if they differ from those here. */
  readonly seenByHosts: {
    readonly host: string;
    readonly controllerPort: number;
    readonly brokerPort: number;
  };
  /** Members of the controller's configuration that replace the usual ones. */
  readonly controller?: Readonly<Record<string, unknown>>;
}

/** Sets up a site with the real commands, as an administrator would, and starts a broker and a controller. */
export async function startSite({
  folder,
  seenByHosts,
  controller: changes = {},
}: SiteOptions): Promise<Site> {
  const [brokerPort, controllerPort] = [await freePort(), await freePort()];
  await makeFiles(folder, { brokerPort, controllerPort, hosts: ['127.0.0.1', seenByHosts.host] });
  await makeKeys(folder);
  const hostsBroker = `tls://${seenByHosts.host}:${seenByHosts.brokerPort}`;
  for (const person of PEOPLE) writePerson(folder, person, { controllerPort, broker: hostsBroker });
  changeConfig(folder, seenByHosts, changes);
  const configOf = (person: (typeof PEOPLE)[number]): string => join(folder, `${person}.json`);
  let broker = await startBroker(folder);
  let controller = await startController(folder);
  await mustFarcall(['trust', 'publish', join(folder, 'trust.json')], {
    configFile: join(folder, 'alice.json'),
  });
  return {
    folder,
    brokerPort,
    controllerPort,
    get broker() {
      return broker;
    },
    get controller() {
      return controller;
    },
    configOf,
    async enrolmentToken(host, labels) {
      const given = Object.entries(labels).flatMap(([label, value]) => ['--label', `${label}=${value}`]);
      return (await mustFarcall(['host', 'enrol', host, ...given], { configFile: configOf('bob') })).trim();
    },
    async restartBroker() {
      await broker.kill();
      broker = await startBroker(folder);
    },
    async restartController() {
      await controller.kill();
      controller = await startController(folder);
    },
    async stop() {
      await controller.stop();
      await broker.stop();
    },
  };
}

interface Places {
  readonly brokerPort: number;
  readonly controllerPort: number;
  readonly hosts: readonly string[];
}

async function makeFiles(folder: string, { brokerPort, controllerPort, hosts }: Places): Promise<void> {
  const ports = ['--broker-port', String(brokerPort), '--api-port', String(controllerPort)];
  const names = hosts.flatMap(host => ['--host', host]);
  const args = ['init', '--folder', folder, '--name', 'ctl-1', '--listen', '127.0.0.1', ...ports, ...names];
  await mustRun(CONTROLLER, args);
}

async function makeKeys(folder: string): Promise<void> {
  await Promise.all(
    [...PEOPLE, ...ROOTS].map(async name => {
      const jwk = await mustFarcall(['key', 'new', '--name', name, '--out', join(folder, `${name}.key`)]);
      writeFileSync(join(folder, `${name}.pub`), jwk);
    }),
  );
  const member = (name: string): string => `${name}=${join(folder, `${name}.pub`)}`;
  const roles = [
    ...ROOTS.flatMap(name => ['--root', member(name)]),
    '--controller',
    `ctl-1=${join(folder, 'controller.pub')}`,
    '--requester',
    member('alice'),
    '--approver',
    member('bob'),
    '--approver',
    member('carol'),
  ];
  await makeTrust(folder, [...roles, '--root-threshold', '2', '--threshold', '2']);
}

/** Drafts the first trust bundle, lets the roots sign it, and writes the roots file. */
async function makeTrust(folder: string, options: readonly string[]): Promise<void> {
  const file = join(folder, 'trust.json');
  const { digest } = JSON.parse(
    await mustFarcall(['trust', 'init', ...options, '--out', file, '--json']),
  ) as { digest: string };
  for (const root of ROOTS)
    await mustFarcall(['trust', 'sign', file, '--key', join(folder, `${root}.key`), '--yes', digest]);
  writeFileSync(join(folder, 'roots.json'), await mustFarcall(['trust', 'show', file, '--roots']));
}

function writePerson(
  folder: string,
  name: string,
  { controllerPort, broker }: { readonly controllerPort: number; readonly broker: string },
): void {
  const config = {
    controller: `127.0.0.1:${controllerPort}`,
    caFile: 'ca.pem',
    rootsFile: 'roots.json',
    broker,
    name,
    site: readRootsFile(join(folder, 'roots.json')).site,
    key: `${name}.key`,
  };
  writePrivate(join(folder, `${name}.json`), JSON.stringify(config, null, 2));
}

/**
 * Gives hosts the addresses that they need: they are virtual machines, for which localhost is another
 * machine.
 */
function changeConfig(
  folder: string,
  { host, controllerPort, brokerPort }: SiteOptions['seenByHosts'],
  changes: Readonly<Record<string, unknown>>,
): void {
  const file = join(folder, 'controller.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  const seen = { address: `${host}:${controllerPort}`, natsServers: [`tls://${host}:${brokerPort}`] };
  const changed = { ...config, enrolment: { ...config.enrolment, ...seen }, ...changes };
  writePrivate(file, JSON.stringify(changed, null, 2));
}

function startBroker(folder: string): Promise<Service> {
  const logFile = join(folder, 'nats.log');
  writePrivate(logFile, '');
  const args = ['-c', join(folder, 'nats/nats.conf')];
  return startService({
    name: 'nats-server',
    command: 'nats-server',
    args,
    logFile,
    ready: log => log.includes('Server is ready'),
  });
}

function startController(folder: string): Promise<Service> {
  const logFile = join(folder, 'controller.log');
  writePrivate(logFile, '');
  const args = ['run', '--config', join(folder, 'controller.json')];
  return startService({
    name: 'controller',
    command: CONTROLLER,
    args,
    logFile,
    ready: log => log.includes('broker connected'),
  });
}

function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}
