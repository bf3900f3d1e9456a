import { closeSync, createReadStream, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { FarcallError } from '../../../shared/errors/index.ts';
import { TOKEN_LIMIT_CHARS } from '../../../shared/tokens/index.ts';

const LINE_FEED = 0x0a;

/**
 * The lines of a file with checkpoints or statements, one compact token in each; blank lines are skipped.
 * Throws FILE_UNREADABLE if it cannot be read or if a line is longer than any token.
 */
export async function* readTokenFile(path: string): AsyncIterable<string> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, { encoding: 'latin1' })) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of [...lines, rest]) refuseLong(line);
      for (const line of lines) if (line.trim()) yield line.trim();
    }
  } catch (cause) {
    if (cause instanceof FarcallError) throw cause;
    throw new FarcallError('FILE_UNREADABLE', `${path} cannot be read`, { cause });
  }
  if (rest.trim()) yield rest.trim();

  function refuseLong(line: string): void {
    if (line.length > TOKEN_LIMIT_CHARS)
      throw new FarcallError('FILE_UNREADABLE', `${path} has a line that is longer than any token`);
  }
}

/** The last line of such a file; undefined if the file does not exist or is empty. */
export function lastTokenIn(path: string): string | undefined {
  const descriptor = openIfThere(path);
  if (descriptor === undefined) return undefined;
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, 2 * TOKEN_LIMIT_CHARS));
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
    return tail.toString('latin1').trim().split('\n').at(-1) || undefined;
  } finally {
    closeSync(descriptor);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FarcallError('FILE_UNREADABLE', `${path} cannot be read`, { cause });
  }
}

/**
 * Adds a line to such a file (0600 if it is new), and returns once the line is on the disk. If a
 * crash left part of an earlier line, that part stays a line of its own.
 */
export function appendToken(path: string, token: string): void {
  const descriptor = openSync(path, 'a+', 0o600);
  try {
    const { size } = fstatSync(descriptor);
    const last = Buffer.alloc(1);
    const torn = size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== LINE_FEED;
    writeSync(descriptor, `${torn ? '\n' : ''}${token}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
