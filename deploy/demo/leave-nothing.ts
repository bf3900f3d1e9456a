import { spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A process that removes a folder when this one has ended. */
export interface Remover {
  /** Leaves the folder as it is. */
  keep(): void;
}

/** Reads one word; at the end of its input, however this process ended, it removes the folder. */
const SCRIPT = `trap '' HUP INT TERM
read -r word
[ "$word" = keep ] && exit
sleep 1
rm -rf -- "$1"`;

/**
 * Removes `folder`, with the private keys in it, once this process has ended: also by SIGKILL, which leaves
 * it no time to do so itself. What wrote into the folder is killed by the kernel in the same moment.
 */
export function removeAfterUs(folder: string): Remover {
  const remover = spawn('sh', ['-c', SCRIPT, 'sh', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  remover.unref();
  remover.stdin.on('error', () => undefined);
  return { keep: () => void remover.stdin.end('keep\n') };
}

/** Removes everything from `folder` but the logs. */
export function keepLogsOnly(folder: string): void {
  for (const name of readdirSync(folder))
    if (!name.endsWith('.log')) rmSync(join(folder, name), { recursive: true, force: true });
}
