import { type CompiledModule, RESULT_HEADER, type ReportedRows } from '../compiler/index.ts';
import { HOST_FILES, type HostFiles, type KernelMemory, readOptionalHostText } from '../kernel/index.ts';

/** Opens the kernel's memory, to be closed by the caller; throws where it is closed. */
export type OpenMemory = () => KernelMemory & Disposable;

/**
 * The rows that the program of a module has reported while the module still runs, read from the module's own
 * memory; undefined where the kernel does not say where that is, or does not let it be read.
 *
 * A module takes its room before it fills it. So the length counts that was read first: what is within it has
 * been written by the time that the whole area is read.
 *
 * Threat: the module ends in between, its memory becomes somebody else's, and what is there is taken for rows
 * and sent. No two modules of one boot have the same name; so what is read counts only if the module is still
 * at the same place afterwards.
 */
export function readReportedSoFar(
  call: Pick<CompiledModule, 'moduleName' | 'resultBytes' | 'readReported'>,
  openMemory: OpenMemory,
  files: HostFiles = HOST_FILES,
): ReportedRows | undefined {
  try {
    const address = addressOfArea(call.moduleName, files);
    if (address === undefined) return undefined;
    using memory = openMemory();
    const used = memory.read(address + BigInt(RESULT_HEADER.USED), 8);
    const area = memory.read(address, call.resultBytes);
    if (addressOfArea(call.moduleName, files) !== address) return undefined;
    area.set(used, RESULT_HEADER.USED);
    return call.readReported(area);
  } catch {
    // The outcome stands without rows; the late result has them.
    return undefined;
  }
}

/**
 * Where the kernel has put the module's `.bss` (kernel/module/sysfs.c, v6.12), which begins with the area.
 */
export function addressOfArea(moduleName: string, { sys }: HostFiles): bigint | undefined {
  const text = readOptionalHostText(`${sys}/module/${moduleName}/sections/.bss`)?.trim() ?? '';
  return /^0x[0-9a-f]{1,16}$/.test(text) && BigInt(text) !== 0n ? BigInt(text) : undefined;
}
