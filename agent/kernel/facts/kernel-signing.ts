import { closeSync, openSync, readFileSync } from 'node:fs';
import type { KernelSigning } from '../../../shared/messages/index.ts';
import { HOST_FILES, type HostFiles } from '../host-files/index.ts';
import { parseKeys } from './parse-keys.ts';

export type { KernelSigning };

/** NT_GNU_BUILD_ID (include/linux/elfnote.h) */
const BUILD_ID_TYPE = 3;
const BUILD_ID_LIMIT_BYTES = 64;

/** The facts that no kernel changes while it runs. */
const buildIds = new WeakMap<HostFiles, string>();

/**
 * Which modules the kernel takes; what cannot change is read once. Never throws: what cannot be read is
 * reported as unknown, so that the other facts are still reported.
 */
export function readKernelSigning(files: HostFiles = HOST_FILES): KernelSigning {
  return {
    kcoreReadable: opens(`${files.proc}/kcore`),
    buildId: buildId(files),
    ...parseKeys(bytesOf(`${files.proc}/keys`).toString('utf8')),
  };
}

function buildId(files: HostFiles): string {
  const known = buildIds.get(files) || parseBuildId(bytesOf(`${files.sys}/kernel/notes`));
  buildIds.set(files, known);
  return known;
}

/**
 * The build id in ELF notes, in hex; empty if there is none.
 *
 *     u32 name_bytes; u32 desc_bytes; u32 type; name and desc, each padded to 4
 */
export function parseBuildId(notes: Buffer): string {
  for (let at = 0; at + 12 <= notes.length; ) {
    const [nameBytes, descBytes] = [notes.readUInt32LE(at), notes.readUInt32LE(at + 4)];
    const desc = at + 12 + padded(nameBytes);
    if (desc + descBytes > notes.length) return '';
    const isGnu = notes.toString('latin1', at + 12, at + 12 + nameBytes) === 'GNU\0';
    if (isGnu && notes.readUInt32LE(at + 8) === BUILD_ID_TYPE)
      return descBytes <= BUILD_ID_LIMIT_BYTES ? notes.toString('hex', desc, desc + descBytes) : '';
    at = desc + padded(descBytes);
  }
  return '';
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

function opens(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch {
    return false;
  }
}
