import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { lastLines } from './tool.ts';

/** The text that a machine wrote to its serial console, kept in a file and in memory. */
export interface MachineConsole {
  readonly file: string;
  /** Everything so far. */
  text(): string;
  /** The last `count` lines, for error messages. */
  tail(count?: number): string;
  /** Resolves when `marker` was written, rejects when the console ends first. */
  waitFor(marker: string): Promise<void>;
}

/** Records `streams` (a machine's serial console, QEMU's own complaints) into `file`. */
export function recordConsole(streams: Readable[], file: string): MachineConsole {
  const sink = createWriteStream(file);
  const waiting = new Set<() => void>();
  let recorded = '';
  let open = streams.length;
  for (const stream of streams) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      recorded += chunk.replaceAll('\r', '');
      sink.write(chunk);
      for (const check of waiting) check();
    });
    stream.on('close', () => {
      open -= 1;
      if (open === 0) sink.end();
      for (const check of waiting) check();
    });
  }
  return {
    file,
    text: () => recorded,
    tail: (count = 40) => lastLines(recorded, count),
    waitFor(marker) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const check = () => {
        if (recorded.includes(marker)) resolve();
        else if (open === 0) reject(new Error(`the console ended without '${marker}'`));
        else return;
        waiting.delete(check);
      };
      waiting.add(check);
      check();
      return promise;
    },
  };
}
