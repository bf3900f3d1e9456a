import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Finding, ok, unfit, warning } from '../../shared/doctor/index.ts';
import { type ListenAddress, parseListen } from '../../shared/listen/index.ts';
import { apiTls, type ControllerConfig } from '../config/index.ts';

const LIMIT_MS = 5000;

/**
 * The addresses on which the controller listens: whether it does, and whether nothing else has them. It is
 * known by its certificate.
 */
export async function examinePorts(config: ControllerConfig, hasStore: boolean): Promise<readonly Finding[]> {
  const { listen, console: page, metrics } = config;
  const others = [
    ...(page ? [['the console', page.listen] as const] : []),
    ...(metrics ? [['metrics', metrics.listen] as const] : []),
  ];
  const isRunning = listen.startsWith('unix:')
    ? await answers({ path: listen.slice(5) })
    : await isOurs(config);
  if (isRunning === 'other')
    return [
      unfit(
        'controller',
        `something answers on ${listen} with another certificate than the configured one`,
        'reload the controller if that is it; else ss -ltnp says what it is',
      ),
    ];
  const notRunning = hasStore
    ? unfit('controller', 'the controller does not run', 'systemctl start farcall-controller')
    : warning('controller', 'the controller does not run yet', 'systemctl enable --now farcall-controller');
  const controller = isRunning ? ok('controller', `the controller runs, on ${listen}`) : notRunning;
  const all =
    isRunning || listen.startsWith('unix:') ? others : [['the operator API', listen] as const, ...others];
  return [controller, ...(await Promise.all(all.map(each => port(each, isRunning === true))))];
}

async function port([what, address]: readonly [string, string], isRunning: boolean): Promise<Finding> {
  const at = parseListen(address);
  const isHeld = await answers(at);
  if (isRunning)
    return isHeld
      ? ok('port', `${what} listens on ${address}`)
      : unfit('port', `nothing listens on ${address}, for ${what}`, 'reload or restart the controller');
  if (isHeld)
    return unfit('port', `${address}, for ${what}, is taken`, `ss -ltnp 'sport = :${at.port}' says by what`);
  try {
    const server = createServer().listen(at.port, at.host);
    await once(server, 'listening');
    server.close();
    return ok('port', `${address} is free, for ${what}`);
  } catch (thrown) {
    const code = String((thrown as NodeJS.ErrnoException).code);
    return unfit('port', `${address}, for ${what}: ${code}`, 'look at the address in the configuration');
  }
}

/** An address that means all of this machine's is reached by loopback. */
function reachable({ host, port: number }: ListenAddress): ListenAddress {
  const loopback = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return { host: loopback, port: number };
}

async function answers(address: ListenAddress | { readonly path: string }): Promise<boolean> {
  const socket = connect('path' in address ? address : reachable(address));
  socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

/** Whether the operator API answers with the configured certificate. */
async function isOurs(config: ControllerConfig): Promise<boolean | 'other'> {
  const address = parseListen(config.listen);
  if (!(await answers(address))) return false;
  const own = certificateOf(config);
  if (own === undefined) return true;
  // Nothing is sent and nothing believed: the certificate is only compared with our own.
  const socket = connectTls({ ...reachable(address), rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerX509Certificate()?.fingerprint256 === own ? true : 'other';
  } catch {
    return 'other';
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

function certificateOf(config: ControllerConfig): string | undefined {
  try {
    const tls = apiTls(config);
    return tls && new X509Certificate(tls.certificates).fingerprint256;
  } catch {
    // What is wrong with it is said elsewhere.
    return undefined;
  }
}
