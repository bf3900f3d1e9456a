import { FarcallError } from '../../../shared/errors/index.ts';
import type { Relocation } from '../codegen/index.ts';

/** What one CPU's ELF files have of their own. */
export interface ElfMachine {
  /** e_machine. */
  readonly machine: number;
  /** Relocation type for each kind that back ends ask for. */
  readonly relocationTypes: Readonly<Record<Relocation['kind'], number>>;
}

const MACHINES: Readonly<Record<string, ElfMachine>> = {
  // EM_X86_64; R_X86_64_PLT32, R_X86_64_PC32, R_X86_64_64 (psABI x86-64, table 4.10)
  x86_64: { machine: 62, relocationTypes: { call: 4, pc32: 2, abs64: 1 } },
};

/** The ELF numbers of the CPU that `uname -m` calls `arch`. */
export function elfMachine(arch: string): ElfMachine {
  const found = Object.hasOwn(MACHINES, arch) ? MACHINES[arch] : undefined;
  if (!found) throw new FarcallError('KERNEL_LACKS', `farcall writes no ELF files for ${arch}`);
  return found;
}
