import { BTF_KIND } from '../../../../agent/compiler/btf/index.ts';
import { Btf, Compiler, type KernelSymbol, type ModuleAbi } from '../../../../agent/compiler/index.ts';
import type { BtfBuilder } from './btf-builder.ts';
import { symbolTable } from './small-kernel.ts';

export interface KernelOptions {
  /** Default `x86_64`. */
  readonly arch?: string;
  /** Functions and where they are. */
  readonly text: Readonly<Record<string, bigint>>;
  readonly abi?: Partial<ModuleAbi>;
}

/** A compiler for the kernel that `b` describes, to which what every kernel has is added. */
export function kernelOf(b: BtfBuilder, { arch = 'x86_64', text, abi }: KernelOptions): Compiler {
  const name = b.array(b.int('char', 1), 56);
  const pointer = b.ref(BTF_KIND.PTR, 0);
  b.struct('module', 896, [
    { name: 'name', type: name, bitOffset: 24 * 8 },
    { name: 'init', type: pointer, bitOffset: 312 * 8 },
  ]);
  const functions = {
    copy_to_user_nofault: 0xffffffff81234560n,
    copy_from_kernel_nofault: 0xffffffff81234570n,
    copy_to_kernel_nofault: 0xffffffff81234580n,
    strncpy_from_kernel_nofault: 0xffffffff81234590n,
    ...text,
  };
  const symbols = Object.entries(functions).map(
    ([name, address]): KernelSymbol => ({ name, address, type: 'T', module: undefined }),
  );
  return new Compiler({
    arch,
    btf: new Btf(b.build()),
    symbols: symbolTable(symbols),
    abi: { vermagic: '6.1.0-test SMP ', moduleLayoutCrc: undefined, kcfiInitHash: undefined, ...abi },
  });
}
