import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeUser } from '@nats-io/jwt';
import { createUser, fromSeed } from '@nats-io/nkeys';
import { type ConnectionOptions, connect, jwtAuthenticator, type NatsConnection } from 'nats';
import { hostCredentials } from '../../../controller/broker/index.ts';
import { makeSite, SITE_FILES, type SiteDescription } from '../../../controller/site/index.ts';
import { freePort } from '../../../deploy/demo/service.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { brokerTls } from '../../../shared/tls/index.ts';
import { eventually } from '../eventually.ts';
import { computeNkeysFast } from './fast-nkeys.ts';

/** What somebody needs to log in at the broker. */
export interface BrokerLogin {
  readonly seed: Uint8Array;
  readonly jwt: string;
}

/**
 * Members of `/varz`; messages are those that clients published and were sent, without pings and answers to
 * them.
 */
export interface BrokerCounts {
  readonly in_msgs: number;
  readonly out_msgs: number;
  readonly connections: number;
  readonly total_connections: number;
  readonly slow_consumers: number;
}

/**
 * A nats-server of this test run, on loopback, with the configuration that `farcall-controller init` makes.
 */
export interface NatsServer {
  readonly url: string;
  readonly port: number;
  /** What init made. */
  readonly folder: string;
  readonly site: SiteDescription;
  readonly caFile: string;
  /** A login as the host `name`, signed by the controller's key for hosts. */
  hostLogin(name: string, lifeMs?: number): Promise<BrokerLogin>;
  /** A login that may do everything: what somebody has who owns the broker. */
  ownerLogin(): Promise<BrokerLogin>;
  /** Connects over TLS. */
  connect(login: BrokerLogin, options?: ConnectionOptions): Promise<NatsConnection>;
  /** Kills it with SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** All that it has logged. */
  log(): string;
  /** Its process. */
  pid(): number;
  /**
   * What it counts of itself
   * (https://docs.nats.io/running-a-nats-service/nats_admin/monitoring#general-information).
   */
  counts(): Promise<BrokerCounts>;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

// Of the CPU time that a test took to make its site, most went into the keys of the broker.
computeNkeysFast();

/** Makes a site and starts Debian's nats-server on it. */
export async function startNatsServer(): Promise<NatsServer> {
  const folder = join(mkdtempSync(join(tmpdir(), 'farcall-nats-')), 'site');
  const [brokerPort, apiPort, monitorPort] = [await freePort(), await freePort(), await freePort()];
  const hosts = ['127.0.0.1', 'localhost'];
  const site = { name: 'ctl-1', hosts, brokerHosts: hosts, listen: '127.0.0.1', apiPort, brokerPort };
  await makeSite(folder, site, Date.now());
  const url = `tls://127.0.0.1:${brokerPort}`;
  const caFile = join(folder, SITE_FILES.authority);
  const logFile = join(folder, 'nats.log');
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const log = openSync(logFile, 'a');
    const args = ['-c', join(folder, SITE_FILES.brokerConfig), '-m', String(monitorPort)];
    server = spawn('nats-server', args, { stdio: ['ignore', log, log] });
    await Promise.race([untilListening(brokerPort), failsToStart(server, logFile)]);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  await start();
  return {
    url,
    port: brokerPort,
    folder,
    site,
    caFile,
    hostLogin: (name, lifeMs = 3_600_000) => hostLogin(folder, name, lifeMs),
    ownerLogin: () => ownerLogin(folder),
    connect: (login, options = {}) =>
      connect({
        servers: url,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 50,
        reconnectJitter: 10,
        reconnectJitterTLS: 10,
        authenticator: jwtAuthenticator(login.jwt, login.seed),
        tls: brokerTls([url], caFile) ?? null,
        ...options,
      }),
    start,
    kill: () => end('SIGKILL'),
    log: () => readFileSync(logFile, 'utf8'),
    pid: () => server!.pid!,
    counts: async () => (await fetch(`http://127.0.0.1:${monitorPort}/varz`)).json() as Promise<BrokerCounts>,
    async stop() {
      await end('SIGTERM');
      rmSync(join(folder, '..'), { recursive: true, force: true });
    },
  };
}

async function hostLogin(folder: string, name: string, lifeMs: number): Promise<BrokerLogin> {
  const file = join(folder, SITE_FILES.hostSigning);
  const credentials = hostCredentials(readFileSync(file, 'utf8'), file, lifeMs, systemClock);
  const user = createUser();
  const { jwt } = await credentials.issue(name, user.getPublicKey());
  return { seed: user.getSeed(), jwt };
}

async function ownerLogin(folder: string): Promise<BrokerLogin> {
  const { account } = JSON.parse(readFileSync(join(folder, SITE_FILES.seeds), 'utf8'));
  const user = createUser();
  const limits = { subs: -1, data: -1, payload: -1 };
  return {
    seed: user.getSeed(),
    jwt: await encodeUser('owner', user, fromSeed(Buffer.from(account)), limits),
  };
}

async function failsToStart(server: ChildProcess, logFile: string): Promise<never> {
  const [code] = await once(server, 'exit');
  throw new Error(`nats-server ended with ${code}: ${readFileSync(logFile, 'utf8')}`);
}

async function untilListening(port: number): Promise<void> {
  await eventually(`nats-server listens on ${port}`, async () => {
    const socket = connectSocket(port, '127.0.0.1');
    const answered = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      once(socket, 'error').then(() => false),
    ]);
    socket.destroy();
    return answered;
  });
}
