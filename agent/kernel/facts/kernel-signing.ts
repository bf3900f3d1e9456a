import { closeSync, openSync, readFileSync } from 'node:fs';
import type { KernelSigning } from '../../../shared/messages/index.ts';
import { HOST_FILES, type HostFiles } from '../host-files.ts';
import { parseKeys } from './parse-keys.ts';

export type { KernelSigning };

/** Whether the firmware checks what it boots (UEFI 2.10, 3.3): four bytes of attributes, and 0 or 1. */
const SECURE_BOOT = 'firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** NT_GNU_BUILD_ID (include/linux/elfnote.h) */
const BUILD_ID_TYPE = 3;
const BUILD_ID_LIMIT_BYTES = 64;

/** What no kernel changes while it runs, once it was read: asking the firmware for a variable can take milliseconds. */
const lasting = new WeakMap<HostFiles, Pick<KernelSigning, 'secureBoot' | 'buildId'>>();

/**
 * Which modules the kernel takes, read anew but for what cannot change. Never throws: what cannot be read is said to be
 * unknown, since keys and firmware are no reason to be silent about the rest.
 */
export function readKernelSigning(files: HostFiles = HOST_FILES): KernelSigning {
  return {
    ...readLasting(files),
    kcoreReadable: opens(`${files.proc}/kcore`),
    ...parseKeys(bytesOf(`${files.proc}/keys`).toString('utf8')),
  };
}

function readLasting(files: HostFiles): Pick<KernelSigning, 'secureBoot' | 'buildId'> {
  const known = lasting.get(files);
  const read = {
    secureBoot: known?.secureBoot || secureBootOf(bytesOf(`${files.sys}/${SECURE_BOOT}`)),
    buildId: known?.buildId || parseBuildId(bytesOf(`${files.sys}/kernel/notes`)),
  };
  lasting.set(files, read);
  return read;
}

/**
 * The build id in ELF notes, in hex; empty where there is none.
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

function secureBootOf(variable: Buffer): KernelSigning['secureBoot'] {
  if (variable.length !== 5) return '';
  return variable[4] === 1 ? 'on' : 'off';
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
