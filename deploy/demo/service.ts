import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program that runs until it is stopped. */
export interface Service {
  readonly name: string;
  readonly logFile: string;
  /** Whether the program still runs. */
  alive(): boolean;
  /** SIGTERM, and SIGKILL if the program has not ended after ten seconds. */
  stop(): Promise<void>;
  /** SIGKILL, to simulate a crash. */
  kill(): Promise<void>;
}

/** How a service is started. */
export interface ServiceOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** File for standard output and standard error. */
  readonly logFile: string;
  /** Is called again and again until it says that the program is ready. */
  readonly ready: (log: string) => boolean;
  readonly timeoutMs?: number;
}

const STOP_LIMIT_MS = 10_000;

/**
 * Starts a program and resolves when it is ready; rejects with the end of its log if it does not become
 * ready.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { name, command, args, logFile, ready, timeoutMs = 30_000 } = options;
  const log = openSync(logFile, 'a');
  // The kernel kills it when this process ends, however that comes about.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], {
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  const service = serviceOf(name, logFile, child);
  await Promise.race([failed, untilReady(service, ready, timeoutMs)]);
  return service;
}

async function untilReady(
  service: Service,
  ready: (log: string) => boolean,
  timeoutMs: number,
): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (!ready(readFileSync(service.logFile, 'utf8'))) {
    if (service.alive() && Date.now() < until) await sleep(50);
    else throw new Error(`${service.name} did not start; its log ends with:\n${tail(service.logFile)}`);
  }
}

function serviceOf(name: string, logFile: string, child: ChildProcess): Service {
  const alive = (): boolean => child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!alive() || child.pid === undefined) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(timer);
  };
  return { name, logFile, alive, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** The last lines of a log. */
export function tail(logFile: string, lines = 20): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

/**
 * Ports that no outgoing connection is given: those lie between 32,768 and 60,999 (ip_local_port_range of
 * Documentation/networking/ip-sysctl.rst, v6.12). A port among those may be taken before its program starts.
 */
const PORTS = { from: 16_384, count: 16_384 };

/** A TCP port on loopback that nobody listens on at this moment, taken at random. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + randomInt(PORTS.count);
    const server = createServer().listen(port, '127.0.0.1');
    // Rejects where somebody listens there.
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
