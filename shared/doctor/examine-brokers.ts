import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { FarcallError, toFarcallError } from '../errors/index.ts';
import { brokerTls, hostsOf } from '../tls/index.ts';
import { type Finding, ok, unfit, warning } from './finding.ts';

const LIMIT_MS = 5000;
const DEFAULT_PORT = 4222;
const DAY_MS = 86_400_000;

/** A broker greets with one line (the NATS protocol, INFO); what is longer is none. */
const GREETING_BYTES = 65_536;

/** The brokers of a configuration. */
export interface BrokersToReach {
  readonly servers: readonly string[];
  /** Certificates to trust for them, instead of the system's. */
  readonly caFile?: string | undefined;
}

/**
 * Whether this machine reaches its brokers: the name, the port, the greeting, and the certificate. It does
 * not log in, because the service has the login in use.
 */
export async function examineBrokers(nats: BrokersToReach): Promise<readonly Finding[]> {
  const reached = await Promise.all(
    nats.servers.map(async (server): Promise<{ server: string; text?: string; problem?: string }> => {
      try {
        return { server, text: await reach(server, nats) };
      } catch (thrown) {
        return { server, problem: problemOf(thrown) };
      }
    }),
  );
  const isAlone = reached.every(({ problem }) => problem !== undefined);
  const judge = isAlone ? unfit : warning;
  return reached.map(({ server, text, problem }) =>
    problem === undefined
      ? ok('broker', `${server}: ${text}`)
      : judge('broker', `${server}: ${problem}`, 'look at DNS, routes, firewalls and the broker itself'),
  );
}

async function reach(server: string, { servers, caFile }: BrokersToReach): Promise<string> {
  const [host] = hostsOf([server]) as [string];
  const port = Number(new URL(server).port) || DEFAULT_PORT;
  const tls = brokerTls(servers, caFile);
  const { address } = await lookup(host);
  const startMs = performance.now();
  using socket = disposable(connectTcp({ host: address, port }));
  await greeting(socket.it);
  const took = () => `reached in ${Math.round(performance.now() - startMs)} ms`;
  if (!tls) return took();
  using secure = disposable(
    connectTls({
      ...{ socket: socket.it, minVersion: 'TLSv1.3', ...tls },
      // RFC 6066, section 3: a server name is no address.
      ...(isIP(host) === 0 && { servername: host }),
    }),
  );
  await event(secure.it, 'secureConnect');
  const endsAtMs = Date.parse(secure.it.getPeerCertificate().valid_to);
  return `${took()}, its certificate ends in ${Math.floor((endsAtMs - Date.now()) / DAY_MS)} days`;
}

function disposable<S extends Socket>(it: S): { readonly it: S } & Disposable {
  // An error that comes when nobody waits any more is no error of ours.
  it.on('error', () => undefined);
  return { it, [Symbol.dispose]: () => void it.destroy() };
}

async function event(socket: Socket, name: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new FarcallError('UNREACHABLE', 'no answer within 5 s')), LIMIT_MS);
  const closed = (): void => reject(new FarcallError('UNREACHABLE', 'it closes the connection'));
  socket.once(name, resolve).once('error', reject).once('close', closed);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    socket.off(name, resolve).off('error', reject).off('close', closed);
  }
}

/** Waits for the line with which a broker greets. Throws UNREACHABLE where something else answers. */
async function greeting(socket: Socket): Promise<void> {
  let text = '';
  while (!text.includes('\n')) {
    await event(socket, 'readable');
    text += String(socket.read() ?? '');
    if (text.length > GREETING_BYTES) break;
  }
  if (!/^INFO \{/.test(text)) throw new FarcallError('UNREACHABLE', 'something answers that is no broker');
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'nobody knows this name (DNS)',
  EAI_AGAIN: 'the name cannot be looked up now (DNS)',
  ECONNREFUSED: 'nothing listens on this port',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
};

function problemOf(thrown: unknown): string {
  const code = thrown instanceof Error ? String((thrown as NodeJS.ErrnoException).code ?? '') : '';
  return WORDS[code] ?? toFarcallError(thrown).message;
}
