import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresOptions } from '../../../controller/store/index.ts';
import { freePort } from '../../../deploy/demo/service.ts';
import { DEADLINES } from '../deadlines.ts';

/** A PostgreSQL server of this test run, with a database `farcall` that belongs to the user `farcall`. */
export interface PostgresServer {
  readonly port: number;
  /** As whom it runs, where that is not the user of the tests. */
  readonly user: { readonly uid?: number; readonly gid?: number };
  /** How a controller reaches the tables in `schema`. */
  options(schema: string): PostgresOptions;
  /** Runs SQL as the owner of the server. */
  sql(text: string): Promise<pg.QueryResult>;
  /** Fast shutdown: open transactions are rolled back. */
  stop(): Promise<void>;
  /** SIGKILL: as a crash of the machine that it runs on. */
  kill(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** What a server is told. */
export interface ServerOptions {
  /** Whether a commit waits for the disk. Tests that pull no plug do without. */
  readonly durable?: boolean;
}

/** Of the user `farcall`. */
export const PASSWORD = 'not a secret';

/** Where Debian has the programs of the newest PostgreSQL. */
function binaries(): string {
  const versions = readdirSync('/usr/lib/postgresql').sort((one, other) => Number(other) - Number(one));
  return join('/usr/lib/postgresql', versions[0]!, 'bin');
}

/** PostgreSQL refuses to run as root; Debian makes this user for it. */
function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const of = (what: string): number => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));
  return { uid: of('-u'), gid: of('-g') };
}

const PREFIX = 'farcall-pg-';

/** Removes the folders of servers whose process of tests ended without a chance to. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? /^[0-9]+(?=-)/.exec(name.slice(PREFIX.length))?.[0] : undefined;
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

// On globalThis, because a test runner may load this module more than once in one process.
const SHARED = Symbol.for('farcall.test.postgres');
const holder = globalThis as typeof globalThis & { [SHARED]?: Promise<PostgresServer> };

/**
 * The server that all tests of this process share, each with schemas of its own. It ends with the
 * process. Tests that stop or kill theirs start their own.
 */
export function sharedPostgres(): Promise<PostgresServer> {
  holder[SHARED] ??= startPostgres();
  return holder[SHARED];
}

/** Makes a database cluster in a folder of its own and starts a server on it, on loopback, with passwords. */
export async function startPostgres({ durable = false }: ServerOptions = {}): Promise<PostgresServer> {
  removeAbandoned();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const user = serverUser();
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!);
  chmodSync(folder, 0o755);
  const port = await freePort();
  const [data, logFile] = [join(folder, 'data'), join(folder, 'log')];
  const log = openSync(logFile, 'a');
  const auth = ['--auth-local=trust', '--auth-host=scram-sha-256'];
  const cluster = ['-D', data, '-U', 'owner', ...auth, '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(binaries(), 'initdb'), cluster, { ...user, stdio: ['ignore', log, log] });
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: folder,
    fsync: durable ? 'on' : 'off',
    max_connections: 200,
    shared_buffers: '32MB',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let server: ChildProcess | undefined;
  const sql = async (text: string, database = 'farcall'): Promise<pg.QueryResult> => {
    const client = new pg.Client({ host: folder, port, user: 'owner', database });
    await client.connect();
    return client.query(text).finally(() => client.end());
  };
  const start = async (): Promise<void> => {
    const until = Date.now() + DEADLINES.eventuallyMs;
    for (;;) {
      // After a SIGKILL it ends at once as long as children of the one before still have its memory.
      if (!server || server.exitCode !== null || server.signalCode !== null)
        // The kernel kills it when this process ends, however that comes about.
        server = spawn(
          'setpriv',
          ['--pdeathsig', 'KILL', join(binaries(), 'postgres'), '-D', data, ...args],
          {
            ...{ ...user, stdio: ['ignore', log, log], cwd: folder },
          },
        );
      const answer = await sql('select 1', 'postgres').catch((error: Error) => error);
      if (!(answer instanceof Error)) return;
      if (Date.now() > until)
        throw new Error(`PostgreSQL did not start: ${answer.message}\n${readFileSync(logFile, 'utf8')}`);
      await sleep(100);
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  await start();
  await sql(`create role farcall login password '${PASSWORD}'`, 'postgres');
  await sql('create database farcall owner farcall', 'postgres');
  return {
    port,
    user,
    options: schema => ({
      ...{ host: '127.0.0.1', port, database: 'farcall', user: 'farcall', password: () => PASSWORD },
      ...{ schema, tls: undefined, connections: 4, timeoutMs: 15_000 },
    }),
    sql,
    start,
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
    async remove() {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
