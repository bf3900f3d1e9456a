import { closeSync, existsSync, linkSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { Terminal } from '../session/index.ts';

/** Writes the next piece of a text. */
export type WriteText = (text: string) => void;

/**
 * Runs `work`, which writes to stdout, or to the file `path`. The file gets mode 0600, because results are
 * confidential. It must not exist before, and appears only once it is complete. Throws FILE_UNREADABLE if it
 * cannot be written.
 */
export async function toOutput<T>(
  terminal: Terminal,
  path: string | undefined,
  work: (write: WriteText) => Promise<T>,
): Promise<T> {
  if (path === undefined) return work(text => terminal.write(text));
  const part = `${path}.part-${process.pid}`;
  if (existsSync(path)) throw new FarcallError('FILE_UNREADABLE', `--output: ${path} exists already`);
  const file = onDisk(path, () => openSync(part, 'wx', 0o600));
  try {
    const result = await work(text => void onDisk(path, () => writeAll(file, text)));
    onDisk(path, () => linkSync(part, path));
    return result;
  } finally {
    closeSync(file);
    unlinkSync(part);
  }
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `--output: ${path} cannot be written`, { cause });
  }
}
