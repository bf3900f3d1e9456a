import { FarcallError } from '../../../../shared/errors/index.ts';
import { bare, findMember } from '../../ctype/index.ts';
import type { KernelSymbol } from '../../facts/index.ts';
import type { WatchMoment } from '../../program/index.ts';
import type {
  CalledFunction,
  HolderSupport,
  KernelEntry,
  ProbeLayout,
  StackSupport,
  WatchSupport,
} from '../tree/index.ts';
import type { KernelNames } from './kernel-names.ts';
import { refuseInitText } from './resolve-function.ts';
import { type SupportFunction, supportFunction } from './task-support.ts';

/**
 * Functions that the body of a watch may call, and why they are safe there: it runs with preemption off, on
 * any CPU, perhaps in an interrupt, and the task that entered the function may hold any lock.
 */
export const WATCH_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['ktime_get_mono_fast_ns', 'reads a clock without a lock'],
  ['ktime_get_raw_fast_ns', 'reads a clock without a lock'],
  ['ktime_get_boot_fast_ns', 'reads a clock without a lock'],
  ['ktime_get_real_fast_ns', 'reads a clock without a lock'],
  ['sched_clock', 'reads a counter of the CPU'],
  ['_printk_deferred', 'writes to the log and leaves the console to others'],
  ['printk_deferred', 'the same before 5.15'],
  ['irq_work_queue', 'sets bits and raises an interrupt; made to be called in an NMI'],
]);

/** Why the body of a watch may not call the function, or a pointer where there is none. */
export function whyNotInWatch(callee: CalledFunction | undefined): string | undefined {
  if (!callee) return 'a pointer cannot be called: nobody knows what its function does';
  if (WATCH_FUNCTIONS.has(callee.name)) return undefined;
  const others = [...WATCH_FUNCTIONS.keys()].join(', ');
  return `'${callee.name}' cannot be called: it may sleep or take a lock, as far as farcall knows (these are safe: ${others})`;
}

/**
 * Text that kprobes refuse, by the symbols around it (kernel/kprobes.c, arch/x86/kernel/kprobes/core.c,
 * v6.12).
 */
const FORBIDDEN_TEXT: readonly (readonly [section: string, why: string])[] = [
  ['kprobes_text', 'it is a part of kprobes'],
  ['noinstr_text', 'it runs where the kernel is not ready for a breakpoint (noinstr)'],
  ['entry_text', 'it is code by which the kernel is entered'],
];

/** The same on AArch64 beside those (arch_populate_kprobe_blacklist() in its kprobes.c, v6.12). */
const FORBIDDEN_ON_ARM: typeof FORBIDDEN_TEXT = [
  ['irqentry_text', 'it is code by which the kernel is entered'],
  ['idmap_text', 'it runs while the kernel changes its own mapping'],
  ['hyp_text', 'it is a part of the hypervisor'],
];

/**
 * Why a kprobe at the entry of the function is impossible; undefined where nothing is known against it. A
 * name that NOKPROBE_SYMBOL was said of has a variable of its own (include/asm-generic/kprobes.h, v6.12).
 *
 * Threat: a breakpoint in the code that handles breakpoints takes the machine down. The kernel refuses these
 * as well; to say it here tells why, and on which kernels.
 */
export function whyNotWatched(
  { name, address, type }: CalledFunction,
  names: KernelNames,
): string | undefined {
  const { symbols } = names;
  if (symbols.lookup(`_kbl_addr_${name}`).length > 0)
    return 'the kernel forbids probes there (NOKPROBE_SYMBOL): its handling of probes may come through it';
  const isArm = registerAt(names, 'pc') !== undefined;
  for (const [section, why] of [...FORBIDDEN_TEXT, ...(isArm ? FORBIDDEN_ON_ARM : [])]) {
    const start = symbols.lookup(`__${section}_start`)[0]?.address;
    const end = symbols.lookup(`__${section}_end`)[0]?.address;
    if (start !== undefined && end !== undefined && address >= start && address < end)
      return `the kernel forbids probes there: ${why}`;
  }
  return type.params.length > PARAMS_LIMIT ? `it has more than ${PARAMS_LIMIT} parameters` : undefined;
}

const PARAMS_LIMIT = 64;

/**
 * Why no probe can be so many bytes behind the entry of the function; undefined where nothing is known
 * against it. On AArch64 each instruction has 4 bytes; on x86-64 the kernel looks for itself where they begin
 * (can_probe() in arch/x86/kernel/kprobes/core.c, v6.12), and answers EILSEQ.
 *
 * Threat: an offset over the end of the function reaches another one, which the host's policy does not see.
 */
export function whyNoOffset(
  { address }: CalledFunction,
  offset: number,
  names: KernelNames,
): string | undefined {
  const { symbols } = names;
  const isFixed = registerAt(names, 'pc') !== undefined;
  if (isFixed && offset % INSTRUCTION_BYTES !== 0)
    return `no instruction begins there: each has ${INSTRUCTION_BYTES} bytes on this CPU`;
  // Recorded names have no neighbours: the host has looked when it recorded them.
  if (!symbols.namesAt) return undefined;
  if (symbols.containing(address + BigInt(offset))?.symbol.address === address) return undefined;
  return 'that is beyond its end';
}

const INSTRUCTION_BYTES = 4;

/** Clones of a function that gcc or clang made beside it: what calls them does not come by its entry. */
export function clonesBeside(name: string, { symbols }: KernelNames): readonly string[] {
  return symbols
    .variants(name)
    .map(symbol => symbol.name)
    .filter(variant => /\.(constprop|isra|part)\b/.test(variant));
}

/**
 * The one clone that is all that a compiler left of a function. A call of it is refused, because its
 * parameters may be others than the source says; a probe at its entry looks at none. Undefined where the
 * function is there itself, or where there are several: one of them would not be all.
 *
 * Threat: a host's policy denies a function by its name, and its clone has another. So the clone goes by the
 * name of the function here; the names at its address are beside it. Throws SYMBOL_AMBIGUOUS where there are
 * several, with their names.
 */
export function onlyClone(
  name: string,
  module: string | undefined,
  names: KernelNames,
): CalledClone | undefined {
  if (names.symbols.lookup(name).length > 0) return undefined;
  const clones = wholeClones(name, names);
  const [clone] = clones;
  if (!clone || (module !== undefined && clone.module !== module)) return undefined;
  const list = clones.map(each => `"${each.name}"`).join(', ');
  if (clones.length > 1)
    throw new FarcallError(
      'SYMBOL_AMBIGUOUS',
      `this kernel's compiler replaced '${name}' by several clones: write one of ${list} in its place, or watch_any (${name}) for all of them`,
    );
  return calledClone(clone, name, names);
}

interface CalledClone {
  readonly symbol: string;
  readonly callee: CalledFunction;
}

/** Clones that have the whole of a function in them, and no part of it alone. */
export function wholeClones(name: string, { symbols }: KernelNames): readonly KernelSymbol[] {
  return symbols
    .variants(name)
    .filter(each => /\.(constprop|isra)\b/.test(each.name) && !/\.(part|cold)\b/.test(each.name));
}

/** The clone that the program names. Throws SYMBOL_UNKNOWN with those that there are. */
export function cloneCalled(clone: string, name: string, names: KernelNames): CalledClone {
  const clones = wholeClones(name, names);
  const found = clones.filter(each => each.name === clone);
  if (found.length > 1)
    throw new FarcallError(
      'SYMBOL_AMBIGUOUS',
      `this kernel has ${found.length} clones that are called '${clone}'`,
    );
  const called = found[0] && calledClone(found[0], name, names);
  if (called) return called;
  const list =
    clones.length > 0 ? `: those of '${name}' are ${clones.map(each => each.name).join(', ')}` : '';
  throw new FarcallError('SYMBOL_UNKNOWN', `this kernel has no clone '${clone}'${list}`);
}

function calledClone(clone: KernelSymbol, name: string, names: KernelNames): CalledClone | undefined {
  const { module, address } = clone;
  const [type] = names.prototypes(name, module);
  if (!type) return undefined;
  refuseInitText(clone, names);
  return { symbol: clone.name, callee: { name, module, address, type } };
}

/**
 * What this kernel has for watches. struct kprobe and struct kretprobe are public, and their members are
 * where BTF says (include/linux/kprobes.h, v5.10 to v6.12). Throws KERNEL_LACKS with the name of what is
 * missing.
 */
export function watchSupport(names: KernelNames, moment: WatchMoment): WatchSupport {
  const isReturn = moment === 'return';
  return {
    probe: isReturn ? returnProbe(names) : entryProbe(names),
    register: probeEntry(names, isReturn ? 'register_kretprobe' : 'register_kprobe'),
    unregister: probeEntry(names, isReturn ? 'unregister_kretprobe' : 'unregister_kprobe'),
    sleep: probeEntry(names, 'schedule_timeout_killable'),
    clock: probeEntry(names, 'ktime_get'),
    fastClock: probeEntry(names, FAST_CLOCK),
  };
}

/** For a function of a module. Throws KERNEL_LACKS. */
export function holderSupport(names: KernelNames): HolderSupport {
  return {
    holderOf: probeEntry(names, '__module_address'),
    get: probeEntry(names, 'try_module_get'),
    put: probeEntry(names, 'module_put'),
  };
}

const FAST_CLOCK = 'ktime_get_mono_fast_ns';

/** Offsets in struct kprobe. Throws KERNEL_LACKS. */
export function entryProbe(names: KernelNames): ProbeLayout {
  const { sizeBytes, offset } = structOf(names, 'kprobe');
  return {
    sizeBytes,
    addr: offset('addr'),
    handler: offset('pre_handler'),
    missed: [{ offset: offset('nmissed'), bytes: 8 }],
    returns: undefined,
  };
}

function returnProbe(names: KernelNames): ProbeLayout {
  const { sizeBytes, offset } = structOf(names, 'kretprobe');
  const kprobe = structOf(names, 'kprobe');
  const start = offset('kp');
  return {
    sizeBytes,
    addr: start + kprobe.offset('addr'),
    handler: offset('handler'),
    missed: [
      { offset: start + kprobe.offset('nmissed'), bytes: 8 },
      { offset: offset('nmissed'), bytes: 4 },
    ],
    returns: {
      maxactive: offset('maxactive'),
      entryHandler: offset('entry_handler'),
      dataSize: offset('data_size'),
      instanceData: structOf(names, 'kretprobe_instance').offset('data'),
      clock: probeEntry(names, FAST_CLOCK),
    },
  };
}

/** A structure of the kernel that farcall itself writes or reads. */
export interface KernelStruct {
  readonly sizeBytes: number;
  /** Offset of a member in bytes. Throws KERNEL_LACKS. */
  readonly offset: (member: string) => number;
}

/** The structure of that name. Throws KERNEL_LACKS. */
export function structOf(names: KernelNames, name: string): KernelStruct {
  const found = bare(names.tagged('struct', name) ?? { kind: 'void' });
  if (found.kind !== 'struct' || !found.sizeBytes) throw lacks(`struct ${name}: it has no such probes`);
  const offset = (member: string): number => {
    const place = findMember(found, member);
    if (!place) throw lacks(`the member '${member}' of struct ${name}`);
    return place.bitOffset / 8;
  };
  return { sizeBytes: found.sizeBytes, offset };
}

/** A function of the kernel that probes need. Throws KERNEL_LACKS. */
export function probeEntry(names: KernelNames, name: string): SupportFunction {
  const found = supportFunction(names, name);
  if (!found) throw lacks(name);
  return found;
}

/** A clock for {@link WATCH_FUNCTIONS} that goes on while the host sleeps. Throws KERNEL_LACKS. */
export function bootClock(names: KernelNames): KernelEntry {
  return probeEntry(names, 'ktime_get_boot_fast_ns');
}

/** The function and callers that `stack_here()` has at most. */
export const STACK_ENTRIES = 16;

/**
 * How the stack of a watched function is saved: it walks from the registers of its entry, so that neither
 * probe nor handler are in it (kernel/stacktrace.c, v5.10 to v6.12; it takes no lock, as perf uses it in an
 * NMI). On AArch64 the caller is in x30 until the function has saved it. Throws KERNEL_LACKS.
 */
export function stackSupport(names: KernelNames, { isInside }: { readonly isInside: boolean }): StackSupport {
  const pc = registerAt(names, 'pc');
  const first = registerAt(names, 'regs');
  const save = probeEntry(names, 'stack_trace_save_regs');
  if (isInside || pc === undefined || first === undefined) return { save, link: undefined };
  return { save, link: { pc, register: first + LINK_REGISTER * 8 } };
}

/** Offset of a member of struct pt_regs; undefined where it has none. */
function registerAt(names: KernelNames, member: string): number | undefined {
  const registers = bare(names.tagged('struct', 'pt_regs') ?? { kind: 'void' });
  const found = registers.kind === 'struct' ? findMember(registers, member) : undefined;
  return found && found.bitOffset / 8;
}

const LINK_REGISTER = 30;

/**
 * Where an x86-64 CPU keeps its current task: `current_task`, or the first member of `pcpu_hot` from 6.2 to
 * 6.14 (arch/x86/include/asm/current.h); AArch64 has it in SP_EL0.
 */
export function currentOfCpu({ symbols }: KernelNames): bigint | undefined {
  const find = (name: string): bigint | undefined =>
    symbols.lookup(name).find(({ module }) => module === undefined)?.address;
  return find('pcpu_hot') ?? find('current_task');
}

function lacks(what: string): FarcallError {
  return new FarcallError('KERNEL_LACKS', `this kernel lacks ${what}`);
}
