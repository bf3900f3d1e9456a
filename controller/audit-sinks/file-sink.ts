import { existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FarcallError } from '../../shared/errors/index.ts';
import { syncDirectory } from '../../shared/files/index.ts';
import { type AuditFormat, auditLine } from '../audit-formats/index.ts';
import type { Sink } from './sink.ts';

const LINE_FEED = 0x0a;

/** A file to which entries are appended. */
export interface FileSettings {
  readonly path: string;
  readonly format: AuditFormat;
}

/**
 * Appends entries to a file, one in a line. A new file is its owner's alone (0600). Entries are synced
 * (fsync) before they count as settled. The file is opened for each write, so that it can be renamed at any
 * time, without a signal. A crash or a full disk may leave a part of a line; it stays a line of its own, and
 * the entries since the settled one are written again. Nothing is ever cut off the file: another controller
 * on the same machine may have settled what stands behind it.
 */
export function fileSink({ path, format }: FileSettings): Sink {
  let settled = 0;
  return {
    name: 'file',
    async write(entries) {
      try {
        await append(path, entries.map(entry => `${auditLine(entry, format)}\n`).join(''));
      } catch (cause) {
        const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
        throw new FarcallError('FILE_UNREADABLE', `${path} cannot be written: ${reason}`, { cause });
      }
      settled = entries.at(-1)?.seq ?? settled;
    },
    settledSeq: () => settled,
    takeLoss: () => false,
    close: async () => undefined,
  };
}

async function append(path: string, text: string): Promise<void> {
  const isNew = !existsSync(path);
  const file = await open(path, 'a+', 0o600);
  try {
    await file.writeFile(`${(await isTorn(file)) ? '\n' : ''}${text}`, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
  if (isNew) syncDirectory(dirname(path));
}

async function isTorn(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  const last = Buffer.alloc(1);
  return size > 0 && (await file.read(last, 0, 1, size - 1)).bytesRead === 1 && last[0] !== LINE_FEED;
}
