import { viewOf } from './memory.ts';

/**
 * The kernel's own key=value list for crash tools, e.g. `SYMBOL(_stext)=ffffffff9a200000`,
 * `OSRELEASE=6.1.0-37-amd64`. Which keys there are differs between kernels.
 */
export class VmcoreInfo {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  /** The value of any key, as text. */
  value(key: string): string | undefined {
    return this.#values.get(key);
  }

  /** The address under `SYMBOL(name)`: the running kernel's, KASLR included. */
  symbol(name: string): bigint | undefined {
    const text = this.#values.get(`SYMBOL(${name})`);
    return text !== undefined && /^[0-9a-f]{1,16}$/.test(text) ? BigInt(`0x${text}`) : undefined;
  }
}

const NOTE_NAME = 'VMCOREINFO';
const ENTRIES_MAX = 4096;

/**
 * Finds the VMCOREINFO note among the notes of a core file and reads it; undefined if there is none.
 * It stands in /proc/kcore since 4.19 (fs/proc/kcore.c); its content is kernel/vmcore_info.c, before 6.9
 * kernel/crash_core.c.
 *
 *     0b 00 00 00  lengths of name and text, type   "VMCOREINFO\0"   OSRELEASE=6.1.0-37-amd64\n…
 */
export function findVmcoreInfo(notes: Uint8Array): VmcoreInfo | undefined {
  const view = viewOf(notes);
  let at = 0;
  while (at + 12 <= notes.length) {
    const nameBytes = view.getUint32(at, true);
    const textBytes = view.getUint32(at + 4, true);
    const nameAt = at + 12;
    const textAt = nameAt + roundUp4(nameBytes);
    if (textAt + textBytes > notes.length) return undefined;
    const name = latin1(notes.subarray(nameAt, nameAt + nameBytes));
    if (name === `${NOTE_NAME}\0`) return parseVmcoreInfo(latin1(notes.subarray(textAt, textAt + textBytes)));
    at = textAt + roundUp4(textBytes);
  }
  return undefined;
}

/** Reads lines of `KEY=value`; lines of another form, and lines past the 4,096th, are left out. */
export function parseVmcoreInfo(text: string): VmcoreInfo {
  const values = new Map<string, string>();
  for (const line of text.split('\n', ENTRIES_MAX)) {
    const equals = line.indexOf('=');
    if (equals > 0) values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return new VmcoreInfo(values);
}

function roundUp4(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
