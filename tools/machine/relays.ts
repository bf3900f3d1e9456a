import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The address under which a guest reaches forwarded ports of the host. */
export const HOST_ADDRESS = '10.0.2.100';

/**
 * A port of the host's loopback that the guest reaches at `HOST_ADDRESS`:guestPort, and nothing else of the
 * host.
 */
export interface Forward {
  guestPort: number;
  hostPort: number;
}

/** The program that QEMU starts for each connection of the guest to a port of `HOST_ADDRESS`. */
export interface Relay {
  guestPort: number;
  /** A command line for g_shell_parse_argv. */
  command: string;
}

/** The guest ports that can be forwarded at any time; others must be named when the machine boots. */
export const FORWARDABLE_PORTS = [4222, 4223, 8443];

/** The forwards of one machine. */
export interface Forwards {
  readonly relays: Relay[];
  /** From now on, new connections to the guest port go to this host port. */
  set(forward: Forward): void;
}

/**
 * Prepares relays for `FORWARDABLE_PORTS` and the guest ports in `initial`. QEMU fixes the relay programs
 * when it starts, so each finds its target in a small file in `directory`, and refuses while there is none.
 */
export function prepareForwards(directory: string, initial: Forward[]): Forwards {
  const ports = new Set([...FORWARDABLE_PORTS, ...initial.map(({ guestPort }) => guestPort)]);
  const fileOf = (guestPort: number) => join(directory, `forward-${guestPort}`);
  const forwards: Forwards = {
    relays: [...ports].map(guestPort => ({ guestPort, command: relayCommand(fileOf(guestPort)) })),
    set({ guestPort, hostPort }) {
      if (!ports.has(guestPort)) {
        throw new Error(`guest port ${guestPort} was not forwardable at boot: ${[...ports].join(', ')} are`);
      }
      writeFileSync(fileOf(guestPort), String(hostPort));
    },
  };
  for (const forward of initial) forwards.set(forward);
  return forwards;
}

function relayCommand(targetFile: string): string {
  return `sh -c 'exec 2>/dev/null; read port < "$0"; exec busybox nc 127.0.0.1 "$port"' '${targetFile}'`;
}
