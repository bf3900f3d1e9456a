import { closeSync, existsSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
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
 * time, without a signal. A crash may leave a part of a line; it stays a line of its own, and the entry is
 * written again.
 */
export function fileSink({ path, format }: FileSettings): Sink {
  let settled = 0;
  return {
    name: 'file',
    async write(entries) {
      try {
        append(path, entries.map(entry => `${auditLine(entry, format)}\n`).join(''));
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

function append(path: string, text: string): void {
  const isNew = !existsSync(path);
  const descriptor = openSync(path, 'a+', 0o600);
  try {
    const bytes = Buffer.from(`${isTorn(descriptor) ? '\n' : ''}${text}`, 'utf8');
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (isNew) syncDirectory(dirname(path));
}

function isTorn(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== LINE_FEED;
}
