import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokerConfig } from '../nats/index.ts';
import { mustFarcall } from './operator.ts';
import { freePort, type Service, startService } from './service.ts';

const CONTROLLER = fileURLToPath(new URL('../bin/farcall-controller', import.meta.url));

/** The people of a site: alice asks, bob and carol approve. */
export const PEOPLE = ['alice', 'bob', 'carol'] as const;

/** The people whose signatures make a trust bundle; both must sign. */
const ROOTS = ['rob', 'rose'] as const;

/** Where the agent of a host keeps its files, on the host. */
export const AGENT_FOLDER = '/etc/farcall';

/** Everything of one installation but the hosts: keys, trust bundle, broker, controller. */
export interface Site {
  readonly folder: string;
  readonly brokerPort: number;
  readonly broker: Service;
  readonly controller: Service;
  /** Configuration of a person, for `farcall`. */
  configOf(person: (typeof PEOPLE)[number]): string;
  /** The files that the agent of a host needs, by their name in {@link AGENT_FOLDER}. */
  agentFiles(
    host: string,
    labels: Readonly<Record<string, string>>,
    brokerUrl: string,
  ): Record<string, string>;
  restartBroker(): Promise<void>;
  restartController(): Promise<void>;
  stop(): Promise<void>;
}

/** What a site is made of. */
export interface SiteOptions {
  /** An empty folder of its own. */
  readonly folder: string;
  readonly hosts: readonly string[];
  /** Members of the controller's configuration that differ from the usual. */
  readonly controller?: Readonly<Record<string, unknown>>;
}

/** Makes keys and a trust bundle with the real command line, and starts a broker and a controller. */
export async function startSite({ folder, hosts, controller: changes = {} }: SiteOptions): Promise<Site> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [brokerPort, controllerPort] = [await freePort(), await freePort()];
  const passwords = new Map(
    ['controller', ...hosts].map(name => [name, randomBytes(18).toString('base64url')]),
  );
  await makeKeys(folder);
  for (const person of PEOPLE) writePerson(folder, person, controllerPort);
  writeBroker(folder, { brokerPort, passwords });
  writeController(folder, { brokerPort, controllerPort, password: passwords.get('controller')!, changes });
  let broker = await startBroker(folder);
  let controller = await startController(folder);
  await mustFarcall(['trust', 'publish', join(folder, 'trust.json')], {
    configFile: join(folder, 'alice.json'),
  });
  return {
    folder,
    brokerPort,
    get broker() {
      return broker;
    },
    get controller() {
      return controller;
    },
    configOf: person => join(folder, `${person}.json`),
    agentFiles: (host, labels, brokerUrl) =>
      agentFiles(folder, { host, labels, brokerUrl, password: passwords.get(host)! }),
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

async function makeKeys(folder: string): Promise<void> {
  const members = ['ctl-1', ...PEOPLE, ...ROOTS];
  await Promise.all(
    members.map(async name => {
      const jwk = await mustFarcall(['key', 'new', '--name', name, '--out', join(folder, `${name}.key`)]);
      writeFileSync(join(folder, `${name}.pub`), jwk);
    }),
  );
  const member = (name: string): string => `${name}=${join(folder, `${name}.pub`)}`;
  const roles = [
    ...ROOTS.flatMap(name => ['--root', member(name)]),
    '--controller',
    member('ctl-1'),
    '--requester',
    member('alice'),
    '--approver',
    member('bob'),
    '--approver',
    member('carol'),
  ];
  await makeTrust(folder, [...roles, '--root-threshold', '2', '--threshold', '2']);
}

/** Drafts the first trust bundle, has the roots sign it, and writes down the roots for those who pin them. */
async function makeTrust(folder: string, options: readonly string[]): Promise<void> {
  const file = join(folder, 'trust.json');
  const { digest } = JSON.parse(
    await mustFarcall(['trust', 'init', ...options, '--out', file, '--json']),
  ) as { digest: string };
  for (const root of ROOTS)
    await mustFarcall(['trust', 'sign', file, '--key', join(folder, `${root}.key`), '--yes', digest]);
  writeFileSync(join(folder, 'roots.json'), await mustFarcall(['trust', 'show', file, '--roots']));
}

function writePerson(folder: string, name: string, controllerPort: number): void {
  const config = { controller: `127.0.0.1:${controllerPort}`, name, keyFile: join(folder, `${name}.key`) };
  writePrivate(join(folder, `${name}.json`), JSON.stringify(config, null, 2));
}

function writeBroker(
  folder: string,
  { brokerPort, passwords }: { brokerPort: number; passwords: Map<string, string> },
): void {
  const users = [...passwords].map(([name, password]) => ({ name, password }));
  const config = brokerConfig({
    port: brokerPort,
    logFile: join(folder, 'nats.log'),
    controllers: users.filter(({ name }) => name === 'controller'),
    hosts: users.filter(({ name }) => name !== 'controller'),
  });
  writePrivate(join(folder, 'nats.conf'), config);
}

interface ControllerFiles {
  readonly brokerPort: number;
  readonly controllerPort: number;
  readonly password: string;
  readonly changes: Readonly<Record<string, unknown>>;
}

function writeController(
  folder: string,
  { brokerPort, controllerPort, password, changes }: ControllerFiles,
): void {
  writePrivate(join(folder, 'controller.password'), password);
  const config = {
    name: 'ctl-1',
    keyFile: 'ctl-1.key',
    rootsFile: 'roots.json',
    storeFile: 'farcall.db',
    listen: `127.0.0.1:${controllerPort}`,
    nats: {
      servers: [`nats://127.0.0.1:${brokerPort}`],
      user: 'controller',
      passwordFile: 'controller.password',
    },
    ...changes,
  };
  writePrivate(join(folder, 'controller.json'), JSON.stringify(config, null, 2));
}

function startBroker(folder: string): Promise<Service> {
  const logFile = join(folder, 'nats.log');
  writePrivate(logFile, '');
  const args = ['-c', join(folder, 'nats.conf')];
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

interface AgentFiles {
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly brokerUrl: string;
  readonly password: string;
}

function agentFiles(
  folder: string,
  { host, labels, brokerUrl, password }: AgentFiles,
): Record<string, string> {
  const config = {
    host,
    labels,
    nats: { servers: [brokerUrl], user: host, passwordFile: 'nats.password' },
    stateDirectory: '/var/lib/farcall',
    rootsFile: 'roots.json',
    policyFile: 'policy.json',
    askJitterMs: 0,
  };
  return {
    'agent.json': JSON.stringify(config, null, 2),
    'policy.json': JSON.stringify({ effects: ['read', 'call'], functions: { allow: ['*'] } }),
    'roots.json': readFileSync(join(folder, 'roots.json'), 'utf8'),
    'nats.password': password,
  };
}

function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}
