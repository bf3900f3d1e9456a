import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';

/** Speaks to QEMU itself, not to its guest: QEMU's docs/interop/qmp-spec (QEMU Machine Protocol). */
export interface Monitor {
  /**
   * Runs one command of QEMU, and gives what it returns. Rejects with QEMU's own words, or when QEMU ends
   * first.
   */
  execute(command: string): Promise<unknown>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(reason: Error): void;
}

/** One line from QEMU: an answer, or an event, which has neither of these members. */
interface Line {
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

/** Opens the monitor on `socket`, the host's end of QEMU's monitor. */
export function openMonitor(socket: Duplex): Monitor {
  // QEMU answers in the order in which it was asked.
  const waiting: Waiting[] = [];
  let ended = false;
  socket.on('error', () => {});
  socket.once('close', () => {
    ended = true;
    for (const { reject } of waiting.splice(0)) reject(new Error('the machine ended'));
  });
  createInterface({ input: socket }).on('line', text => {
    const line: Line = JSON.parse(text);
    if ('return' in line) waiting.shift()?.resolve(line.return);
    else if (line.error) waiting.shift()?.reject(new Error(`QEMU says: ${line.error.desc}`));
  });
  const execute = (command: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(new Error('the machine ended'));
      waiting.push({ resolve, reject });
      socket.write(`${JSON.stringify({ execute: command })}\n`);
    });
  execute('qmp_capabilities').catch(() => {});
  return { execute };
}
