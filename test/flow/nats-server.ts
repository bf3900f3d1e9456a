import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../deploy/demo/service.ts';

/** A nats-server of this test run, on loopback. */
export interface NatsServer {
  readonly url: string;
  readonly port: number;
  /** Kills it with SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 10_000;

/**
 * Starts Debian's nats-server on a free port. `extra` goes into its configuration as it is, for users and permissions.
 */
export async function startNatsServer(extra = ''): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-nats-'));
  const port = await freePort();
  const config = join(folder, 'nats.conf');
  writeFileSync(
    config,
    `host: 127.0.0.1\nport: ${port}\nlog_file: "${join(folder, 'nats.log')}"\n${extra}\n`,
  );
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    server = spawn('nats-server', ['-c', config], { stdio: 'ignore' });
    await Promise.race([untilListening(port), failsToStart(server, folder)]);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    start,
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function failsToStart(server: ChildProcess, folder: string): Promise<never> {
  const [code] = await once(server, 'exit');
  throw new Error(`nats-server ended with ${code}: ${readFileSync(join(folder, 'nats.log'), 'utf8')}`);
}

async function untilListening(port: number): Promise<void> {
  for (const until = Date.now() + START_LIMIT_MS; Date.now() < until; await sleep(20)) {
    const socket = connect(port, '127.0.0.1');
    const answered = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      once(socket, 'error').then(() => false),
    ]);
    socket.destroy();
    if (answered) return;
  }
  throw new Error(`nats-server does not listen on ${port}`);
}
