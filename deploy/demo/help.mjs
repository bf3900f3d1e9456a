import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

/** What `npm run demo -- --help` prints. */
export const HELP = `npm run demo [-- OPTIONS]

Starts a broker, a controller and virtual machines with stock Debian kernels as hosts, and plays one call through: alice
requests it, bob and carol approve it. Then everything is stopped and removed again.

  --keep             leave it running until Ctrl-C or the end of this terminal, and say how to talk to it
  --no-call          play no call; with --keep, to try farcall yourself (docs/tutorial.md)
  --kernels LIST     only these kernels: some of 5.10, 6.1, 6.12, 7.2; '' for no machine at all
                     (default 6.1,6.12,7.2)
  --folder DIR       put keys and logs into this new folder, and keep it (default: a temporary one, which is removed)
  --help             this text

It needs Debian 12 on x86-64, Node 20 or later, 4 GiB of memory and 3 GiB of disk. The first run downloads npm
packages, Debian packages (as root; otherwise it says which are missing) and three kernels, about 600 MiB together. It needs
neither KVM nor root once the Debian packages are there. Machines run in software emulation, so it takes some minutes.
`;

// `npm run demo -- --help` runs this file alone, so that nothing is installed before anything is said.
if (argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(HELP);
