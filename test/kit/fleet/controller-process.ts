import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrol } from '../../../agent/enrol/index.ts';
import { runCli } from '../../../controller/cli/run-cli.ts';
import type { Terminal } from '../../../controller/cli/session/index.ts';
import { readConfig } from '../../../controller/config/index.ts';
import { SITE_FILES } from '../../../controller/site/index.ts';
import { newStoreSecret } from '../../../controller/store/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { type EnrolmentToken, parseEnrolmentToken } from '../../../shared/enrolment/index.ts';
import { type KeyPair, readKeyFile, writeKeyFile } from '../../../shared/tokens/index.ts';
import { bundleFileText, type Roots, rootsFileText, siteOf } from '../../../shared/trust/index.ts';
import { bundleAt, entryOf, KEYS, type Member, rootsOf } from '../cast.ts';
import { signedBy } from '../keys/trust-kit.ts';
import { testTerminal } from '../terminal-kit.ts';
import { controllerRun, type LogLine, PROGRAMS } from './controller-run.ts';
import type { BrokerLogin, NatsServer } from './nats-server.ts';

/** Two of rob and rose. */
const ROOTS_OF_FIXTURE = rootsOf(2, 'rob', 'rose');

/** How a command line ended. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A controller with its operators, all of them real processes. */
export interface ControllerFixture {
  readonly folder: string;
  readonly address: string;
  /** The id of its site. */
  readonly site: string;
  readonly log: readonly LogLine[];
  /** Its process, while it runs. */
  pid(): number;
  /** The environment in which `farcall` is `operator`. */
  env(operator: string): Record<string, string>;
  /** Starts it again. */
  start(): Promise<void>;
  /** SIGKILL: as a crash. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>;
  /** Verifies its store, beside the running controller. */
  auditVerify(): Promise<CliResult>;
  /** `farcall ARGS` in this process: what many calls cost that are not themselves what is tested. */
  farcallHere(
    operator: string,
    args: readonly string[],
    terminal?: Partial<Terminal>,
    /** Of another controller. */
    address?: string,
  ): Promise<CliResult>;
  /** A token of `farcall host enrol NAME` by bob. */
  enrolmentToken(name: string, ...options: string[]): Promise<EnrolmentToken>;
  /** Enrols a host as `farcall-agent enrol` does; its keys. */
  enrol(name: string, labels?: Readonly<Record<string, string>>): Promise<HostSecrets>;
  /** A request by alice, not approved yet. */
  requested(...args: string[]): Promise<Requested>;
  approve(approver: string, request: Requested): Promise<void>;
  /** A request by alice that bob and carol have approved; its id. */
  approved(...args: string[]): Promise<string>;
  /** Runs `farcall ARGS` as one of the operators. */
  farcall(operator: string, ...args: string[]): Promise<CliResult>;
  /** The same with the answer's JSON read. */
  // biome-ignore lint/suspicious/noExplicitAny: what a command prints is the test's to know
  farcallJson(operator: string, ...args: string[]): Promise<any>;
  /** Resolves when a line of the log, old or new, satisfies `wanted`. */
  logged(wanted: (line: LogLine) => boolean): Promise<LogLine>;
  remove(): Promise<void>;
}

/** What `farcall request` says of a new request. */
export interface Requested {
  readonly id: string;
  readonly digest: string;
}

/** The keys of an enrolled host. */
export interface HostSecrets {
  readonly key: KeyPair;
  readonly site: string;
  readonly login: BrokerLogin;
}

/** The members of the cast that have a file with their key in every fixture. */
export const PRINCIPALS = ['ctl-1', 'ctl-2', 'alice', 'bob', 'carol', 'mallory', 'rob', 'rose'] as const;

/** What a fixture can be told. */
export interface FixtureOptions {
  readonly nats: NatsServer;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Whether the first trust bundle is published; otherwise the controller has none. */
  readonly publishes?: boolean;
  /** Its first roots, which make its site; {@link ROOTS_OF_FIXTURE} unless told otherwise. */
  readonly roots?: Roots;
  /** The folder of the programs, where they are not those of this checkout. */
  readonly programs?: string;
}

/**
 * Starts a controller that trusts the cast: alice asks; alice, bob and carol approve; two are needed; rob and
 * rose are roots.
 */
export async function startController(options: FixtureOptions): Promise<ControllerFixture> {
  const { nats, config = {}, publishes = true, programs = PROGRAMS, roots = ROOTS_OF_FIXTURE } = options;
  const folder = mkdtempSync(join(tmpdir(), 'farcall-flow-'));
  const site = readConfig(join(nats.folder, SITE_FILES.config));
  const address = site.listen;
  const rootsFile = join(folder, 'roots.json');
  let siteId = '';
  const env = (operator: string): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    FARCALL_CONTROLLER: address,
    FARCALL_CA_FILE: nats.caFile,
    FARCALL_ROOTS_FILE: rootsFile,
    FARCALL_SITE: siteId,
    FARCALL_BROKER: nats.url,
    FARCALL_NAME: operator,
    FARCALL_KEY: join(folder, `${operator}.key`),
  });
  const farcall = (operator: string, ...args: string[]) =>
    run('farcall', args, { cwd: folder, env: env(operator), programs });
  const farcallHere: ControllerFixture['farcallHere'] = async (
    operator,
    args,
    overrides = {},
    at = address,
  ) => {
    const terminal = testTerminal(overrides);
    const code = await runCli(args, {
      ...{ terminal, clock: systemClock },
      env: { ...env(operator), FARCALL_CONTROLLER: at },
    });
    const stderr = terminal.stderr.map(line => `${line}\n`).join('');
    return { code, stdout: terminal.text(), stderr };
  };
  siteId = writeTrust(folder, roots);
  writeFileSync(join(folder, 'store.key'), newStoreSecret(), { mode: 0o600 });
  writeFileSync(
    join(folder, 'controller.json'),
    JSON.stringify({
      name: 'ctl-1',
      key: 'ctl-1.key',
      rootsFile,
      ...('store' in config ? {} : { storeFile: 'farcall.db' }),
      storeKeyFile: 'store.key',
      listen: address,
      tls: site.tls,
      nats: site.nats,
      enrolment: site.enrolment,
      ...config,
    }),
  );
  const { log, logged, pid, start, end } = controllerRun(join(folder, 'controller.json'), programs);
  const enrolmentToken: ControllerFixture['enrolmentToken'] = async (name, ...enrolOptions) => {
    const { stdout, stderr } = await farcallHere('bob', ['host', 'enrol', name, ...enrolOptions, '--json']);
    if (stdout === '') throw new Error(`farcall host enrol ${name}: ${stderr}`);
    return parseEnrolmentToken(JSON.parse(stdout).token);
  };
  const requested: ControllerFixture['requested'] = async (...args) => {
    const { stdout, stderr } = await farcallHere('alice', ['request', ...args, '--yes', '--json']);
    if (stdout === '') throw new Error(`farcall request: ${stderr}`);
    return JSON.parse(stdout);
  };
  const approve: ControllerFixture['approve'] = async (approver, { id, digest }) => {
    await farcallHere(approver, ['approve', id, '--yes', '--digest', digest]);
  };
  await start();
  if (publishes) {
    const published = await farcallHere('rob', ['trust', 'publish', join(folder, 'trust.json')]);
    if (published.code !== 0) throw new Error(published.stderr);
  }
  return {
    folder,
    address,
    site: siteId,
    env,
    log,
    pid,
    start,
    logged,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    auditVerify: () =>
      farcallHere('alice', [
        ...['audit', 'verify', '--config', join(folder, 'controller.json')],
        ...['--roots', join(folder, 'roots.json')],
      ]),
    farcallHere,
    enrolmentToken,
    async enrol(name, labels = {}) {
      const options = Object.entries(labels).flatMap(([label, value]) => ['--label', `${label}=${value}`]);
      const at = join(folder, 'hosts', name);
      await enrol(
        await enrolmentToken(name, ...options),
        { configDirectory: at, stateDirectory: at },
        systemClock,
      );
      const [seed, jwt] = ['broker.seed', 'broker.jwt'].map(file =>
        readFileSync(join(at, file), 'utf8').trim(),
      );
      return {
        key: readKeyFile(join(at, 'host-key.json')),
        site: siteId,
        login: { seed: Buffer.from(seed!), jwt: jwt! },
      };
    },
    requested,
    approve,
    async approved(...args) {
      const request = await requested(...args);
      for (const approver of ['bob', 'carol']) await approve(approver, request);
      return request.id;
    },
    farcall,
    async farcallJson(operator, ...args) {
      const { code, stdout, stderr } = await farcall(operator, ...args, '--json');
      if (stdout === '') throw new Error(`farcall ${args.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
    async remove() {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The keys of everybody in `folder`, the first trust bundle with its signatures, and the roots to pin; the
 * site's id.
 */
function writeTrust(folder: string, roots: Roots): string {
  const at = (name: string): string => join(folder, name);
  for (const name of PRINCIPALS) {
    writeKeyFile(at(`${name}.key`), KEYS[name]);
    writeFileSync(at(`${name}.pub`), JSON.stringify(KEYS[name].publicJwk));
  }
  const bundle = bundleAt(Date.now(), {
    version: 1,
    site: siteOf(roots),
    roots,
    controllers: [entryOf('ctl-1'), entryOf('ctl-2')],
    thresholds: { standard: { read: 2, call: 2, write: 2 } },
  });
  writeFileSync(
    at('trust.json'),
    bundleFileText(bundle, signedBy(bundle, ...roots.members.map(({ name }) => name as Member)).signatures),
  );
  writeFileSync(at('roots.json'), rootsFileText(bundle));
  return bundle.site;
}

/** Runs a program to its end. */
export function run(
  program: string,
  args: readonly string[],
  { cwd = tmpdir(), env = process.env, stdin = '', programs = PROGRAMS }: RunOptions,
): Promise<CliResult> {
  return new Promise(resolve => {
    const child = execFile(join(programs, program), [...args], { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.end(stdin);
  });
}

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  /** Folder of the program. */
  readonly programs?: string;
}
