import { closeSync, existsSync, linkSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { FarcallError } from '../../shared/errors/index.ts';
import type { Terminal } from './terminal.ts';

/** Takes text, piece by piece. */
export type WriteText = (text: string) => void;

/**
 * Has `work` write to stdout, or to the file `path`: 0600, since results are nobody else's business. The file
 * must not exist, and is there only once it is whole. Throws FILE_UNREADABLE where it cannot be written.
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
