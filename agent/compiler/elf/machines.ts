import { FarcallError } from '../../../shared/errors/index.ts';
import type { Relocation } from '../codegen/index.ts';

/** The parts of ELF and of the kernel's module loader that differ between CPUs. */
export interface ElfMachine {
  /** e_machine. */
  readonly machine: number;
  /** Relocation type for each kind that its back end, or the parts of a module around the code, ask for. */
  readonly relocationTypes: Readonly<Partial<Record<Relocation['kind'], number>>>;
  /**
   * Sections of a module without content, executable, which the kernel's loader insists on and fills itself.
   */
  readonly emptySections: readonly string[];
  /** Entries of a module's `.modinfo` beside those that every module has. */
  readonly modinfo: readonly string[];
  /**
   * The word behind the two distances of an entry in the exception table that says: go on at the second, no
   * more.
   */
  readonly plainFixup: number;
}

const MACHINES: Readonly<Record<string, ElfMachine>> = {
  // EM_X86_64; R_X86_64_PLT32, R_X86_64_PC32, R_X86_64_64 (psABI x86-64, table 4.10)
  x86_64: {
    machine: 62,
    relocationTypes: { call: 4, pc32: 2, abs64: 1 },
    emptySections: [],
    // A kernel with CONFIG_MITIGATION_RETPOLINE warns about a module without it (kernel/module/main.c,
    // v6.12).
    modinfo: ['retpoline=Y'],
    // EX_TYPE_DEFAULT (arch/x86/include/asm/extable_fixup_types.h, v6.12)
    plainFixup: 1,
  },
  // EM_AARCH64; R_AARCH64_PREL32, R_AARCH64_ABS64, R_AARCH64_MOVW_UABS_G0_NC, G1_NC, G2_NC, G3 (aaelf64, 5.7)
  aarch64: {
    machine: 183,
    relocationTypes: {
      pc32: 261,
      abs64: 257,
      'abs16-0': 264,
      'abs16-1': 266,
      'abs16-2': 268,
      'abs16-3': 269,
    },
    // module_frob_arch_sections() (arch/arm64/kernel/module-plts.c) and module_init_ftrace_plt() (module.c,
    // v6.12)
    emptySections: ['.plt', '.init.plt', '.text.ftrace_trampoline', '.init.text.ftrace_trampoline'],
    modinfo: [],
    // u16 type 3: EX_TYPE_KACCESS_ERR_ZERO since 6.0, EX_TYPE_UACCESS_ERR_ZERO before, and both do the same.
    // u16 data: two registers to write to, of which 31 is none (arch/arm64/include/asm/asm-extable.h and
    // mm/extable.c, v5.16 to v6.12).
    plainFixup: 3 | (31 << 16) | (31 << 21),
  },
};

/** The ELF numbers of the CPU that `uname -m` calls `arch`. */
export function elfMachine(arch: string): ElfMachine {
  const found = Object.hasOwn(MACHINES, arch) ? MACHINES[arch] : undefined;
  if (!found) throw new FarcallError('KERNEL_LACKS', `farcall writes no ELF files for ${arch}`);
  return found;
}

/** The type of a relocation of the kind. */
export function relocationType({ machine, relocationTypes }: ElfMachine, kind: Relocation['kind']): number {
  const type = relocationTypes[kind];
  if (type === undefined)
    throw new FarcallError('INTERNAL', `ELF machine ${machine} has no relocation '${kind}'`);
  return type;
}
