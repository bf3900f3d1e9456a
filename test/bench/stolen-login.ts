import { startFleet } from '../kit/fleet/fleet.ts';
import { type Figure, figure } from './figure.ts';

const HOSTS = 8;
const names = Array.from({ length: HOSTS }, (_, index) => `web-${index}`);

/**
 * How long the thief of a host's login stays on the broker: from the start of `farcall lock host` until a
 * real nats-server has ended the connection, and from the controller's answer on. Each host is locked once.
 */
export async function stolenLogin(): Promise<Figure[]> {
  const fleet = await startFleet({ hosts: Object.fromEntries(names.map(name => [name, { env: 'a' }])) });
  try {
    const [fromCommand, ofCommand]: [number[], number[]] = [[], []];
    for (const name of names) {
      const { connection } = fleet.host(name);
      const startedAt = performance.now();
      const off = connection.closed().then(() => performance.now() - startedAt);
      await fleet.controller.farcallHere('bob', ['lock', 'host', name, '--reason', 'stolen']);
      ofCommand.push(performance.now() - startedAt);
      fromCommand.push(await off);
    }
    return [
      figure('farcall lock host, until the login is off the broker', fromCommand, { mark: 5000 }),
      figure('farcall lock host, until the command ends', ofCommand),
    ];
  } finally {
    await fleet.stop();
  }
}
