import { zstdCompressSync } from 'node:zlib';
import { BTF_KIND } from '../../agent/compiler/btf/index.ts';
import { compareNames, type NamedSymbol, nameLine } from '../../agent/compiler/index.ts';
import { type KernelTypes, kernelTypesCodec } from '../../shared/messages/index.ts';
import { BtfBuilder } from '../agent/compiler/support/btf-builder.ts';

/** What differs from one small kernel to the next. */
export interface SmallKernel {
  readonly release: string;
  readonly version?: string;
  readonly arch?: string;
  /** Whether `wake_up_bit` takes an unsigned long, as it does in later kernels. */
  readonly later?: boolean;
}

/** Names of the kernels that {@link smallTypes} makes. */
const NAMES: readonly NamedSymbol[] = [
  ...['_printk', 'wake_up_process', 'wake_up_new_task', 'wake_up_bit', 'wake_up_klogd', 'get_task'].map(
    (name): NamedSymbol => ({ name, kind: 'f', module: undefined }),
  ),
  { name: 'wake_up_early', kind: 'i', module: undefined },
  { name: 'init_task', kind: 'v', module: undefined },
  { name: 'nfsd_svc', kind: 'f', module: 'nfsd' },
];

/** Types and names of a kernel that is small enough to know by heart. */
export function smallTypes({ release, version = '', arch = 'x86_64', later }: SmallKernel): KernelTypes {
  const b = new BtfBuilder();
  const int = b.int('int', 4);
  const ulong = b.int('long unsigned int', 8, false);
  const uint = b.int('unsigned int', 4, false);
  const char = b.int('char', 1);
  const text = b.ref(BTF_KIND.PTR, b.ref(BTF_KIND.CONST, char));
  const pidType = b.ref(BTF_KIND.TYPEDEF, int, 'pid_t');
  const task = b.struct('task_struct', 64, [
    { name: '__state', type: uint, bitOffset: 0 },
    { name: 'pid', type: pidType, bitOffset: 32 },
    { name: 'comm', type: b.array(char, 16), bitOffset: 64 },
    { name: 'parent', type: b.ids + 1, bitOffset: 192 },
  ]);
  const taskPointer = b.ref(BTF_KIND.PTR, task);
  const pointer = b.ref(BTF_KIND.PTR, 0);
  b.enumeration('color', { RED: 0, GREEN: 1 });
  b.func('_printk', int, { fmt: text, '...': 0 });
  b.func('wake_up_process', int, { p: taskPointer });
  b.func('wake_up_new_task', 0, { p: taskPointer });
  b.func('wake_up_bit', 0, { word: pointer, bit: later ? ulong : int });
  b.func('wake_up_early', 0);
  b.func('get_task', taskPointer);
  const names = [...NAMES].sort(compareNames).map(nameLine).join('');
  return { release, version, arch, vmlinux: b.build(), modules: [], names: Buffer.from(names, 'latin1') };
}

/** As a host packs them. */
export function packTypes(types: KernelTypes): Uint8Array {
  return zstdCompressSync(kernelTypesCodec.encode(types));
}
