import type { DebianArch } from '../../../tools/machine/index.ts';

/** What it takes to build a module for one CPU. */
export interface Toolchain {
  /** In front of gcc, ld, nm and strip. */
  readonly prefix: string;
  /** The kernel's name of the CPU: the folder below arch/. */
  readonly folder: string;
  /** What the kernel's own build says of code generation, as far as a module without mitigations needs it. */
  readonly flags: readonly string[];
  /** A script for the linker, with what the kernel's loader of modules insists on; empty for none. */
  readonly linkerScript: string;
}

/**
 * Sections that arch/arm64/include/asm/module.lds.h (v6.12) makes, and module_frob_arch_sections() looks for.
 */
const ARM64_SECTIONS = ['.plt', '.init.plt', '.text.ftrace_trampoline', '.init.text.ftrace_trampoline'];

/** By CPU; flags from arch/x86/Makefile and arch/arm64/Makefile. */
export const TOOLCHAINS: Readonly<Record<DebianArch, Toolchain>> = {
  amd64: {
    prefix: 'x86_64-linux-gnu-',
    folder: 'x86',
    flags: [
      ...['-mno-sse', '-mno-mmx', '-mno-sse2', '-mno-3dnow', '-mno-avx', '-mno-80387', '-m64'],
      ...['-mpreferred-stack-boundary=3', '-mskip-rax-setup', '-mtune=generic', '-mno-red-zone'],
      ...['-mcmodel=kernel', '-fcf-protection=none'],
    ],
    linkerScript: '',
  },
  arm64: {
    prefix: 'aarch64-linux-gnu-',
    folder: 'arm64',
    flags: ['-mgeneral-regs-only', '-mabi=lp64', '-mbranch-protection=bti', '-ffixed-x18'],
    linkerScript: `SECTIONS {\n${ARM64_SECTIONS.map(name => `  ${name} 0 : { BYTE(0) }\n`).join('')}}\n`,
  },
};
