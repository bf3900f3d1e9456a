import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import type { SymbolTable } from '../compiler/index.ts';
import { HOST_FILES, type HostFiles } from './host-files/index.ts';
import { type KernelMemory, viewOf } from './kcore/index.ts';

/** Where the types of the kernel itself are read. */
export interface BtfSources {
  readonly memory: KernelMemory | undefined;
  readonly symbols: SymbolTable;
  readonly files?: HostFiles;
}

const START = '__start_BTF';
const BTF_MAGIC = 0xeb9f;
const HEADER_BYTES = 24;

/**
 * The bytes of /sys/kernel/btf/vmlinux: from the kernel's memory, where they stand from `__start_BTF` on (one
 * read; the file gives a page at a time, which makes 1,200 reads and takes twice as long), else from the
 * file.
 * @throws FarcallError KERNEL_LACKS if this kernel carries no types
 */
export function readVmlinuxBtf({ memory, symbols, files = HOST_FILES }: BtfSources): Uint8Array {
  const path = join(files.sys, 'kernel', 'btf', 'vmlinux');
  try {
    const { size } = statSync(path);
    return readFromMemory(memory, symbols, size) ?? readFileSync(path);
  } catch (thrown) {
    const message = `${path} cannot be read: this kernel was built without CONFIG_DEBUG_INFO_BTF, or /sys is not mounted`;
    throw new FarcallError('KERNEL_LACKS', message, { cause: thrown });
  }
}

/** Undefined if memory does not hold at this symbol what the file holds: BTF of exactly its size. */
function readFromMemory(
  memory: KernelMemory | undefined,
  symbols: SymbolTable,
  sizeBytes: number,
): Uint8Array | undefined {
  const [start, ...others] = symbols.lookup(START);
  if (!memory || !start || others.length > 0) return undefined;
  try {
    const bytes = memory.read(start.address, sizeBytes);
    return isWholeBtf(bytes) ? bytes : undefined;
  } catch (thrown) {
    if (toFarcallError(thrown).code === 'INTERNAL') throw thrown;
    return undefined;
  }
}

/**
 * u16 magic; u8 version; u8 flags; u32 hdr_len; u32 type_off; u32 type_len; u32 str_off; u32 str_len; strings
 * are last.
 */
function isWholeBtf(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  const view = viewOf(bytes);
  const end = view.getUint32(4, true) + view.getUint32(16, true) + view.getUint32(20, true);
  return view.getUint16(0, true) === BTF_MAGIC && end === bytes.length;
}
