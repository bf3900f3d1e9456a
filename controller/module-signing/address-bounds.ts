import { FarcallError } from '../../shared/errors/index.ts';
import type { BuildFacts } from '../../shared/messages/index.ts';

interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

/** Where addresses of a CPU can be. */
interface AddressRoom {
  /** The kernel's text and data. */
  readonly kernel: Range;
  readonly modules: Range;
}

/** Highest offset of a per-CPU variable or an absolute symbol; those are no addresses. */
const OFFSETS_END = 16n << 20n;

/** How far text and data of one kernel reach around the start of its text. */
const KERNEL_REACH = 1n << 30n;

/**
 * By `uname -m` (Documentation/arch/x86/x86_64/mm.rst and Documentation/arch/arm64/memory.rst, v6.12). On
 * arm64 the kernel and its modules lie somewhere in the upper half, near to each other.
 */
const ROOMS: Readonly<Record<string, AddressRoom>> = {
  x86_64: {
    kernel: { from: 0xffff_ffff_8000_0000n, to: 0xffff_ffff_c000_0000n },
    modules: { from: 0xffff_ffff_a000_0000n, to: 0xffff_ffff_ff00_0000n },
  },
  aarch64: {
    kernel: { from: 0xffff_8000_0000_0000n, to: 0xffff_ffff_0000_0000n },
    modules: { from: 0xffff_8000_0000_0000n, to: 0xffff_ffff_0000_0000n },
  },
};

/**
 * Throws SIGNING_REFUSED where an address that a host names cannot be what it is said to be: the start of the
 * text outside of where kernels are, a symbol of the kernel far from it, a symbol of a module outside of
 * where modules are.
 *
 * Threat: a lied address makes a signed module call something else than its approvers read. Bounds alone only
 * keep such a call out of user memory, physical memory and devices; that a name means the same in all kernels
 * of one build is held by the agreement of hosts (`kernelFactsOf`).
 */
export function checkAddresses({ arch, symbols, pointers }: BuildFacts, textStart: bigint): void {
  const room = ROOMS[arch];
  if (!room) throw refused(`modules for ${arch} are not signed`);
  if (!within(textStart, room.kernel))
    throw refused(`a kernel does not begin at 0x${textStart.toString(16)}`);
  const check = ({ name, address, module }: Named, isOfKernel: (at: bigint) => boolean): void => {
    const at = BigInt(`0x${address}`);
    const fits = module === '' ? isOfKernel(at) : within(at, room.modules);
    if (!fits) throw refused(`${name}${module && `@${module}`} cannot be at 0x${address}`);
  };
  const isNear = (at: bigint): boolean => isNearText(at, textStart, room);
  for (const { found } of symbols)
    for (const each of found) check(each, at => at < OFFSETS_END || isNear(at));
  for (const { functions } of pointers) for (const each of functions) check(each, isNear);
}

interface Named {
  readonly name: string;
  readonly address: string;
  readonly module: string;
}

function isNearText(at: bigint, textStart: bigint, { kernel }: AddressRoom): boolean {
  const distance = at > textStart ? at - textStart : textStart - at;
  return within(at, kernel) && distance < KERNEL_REACH;
}

function within(address: bigint, { from, to }: Range): boolean {
  return address >= from && address < to;
}

function refused(why: string): FarcallError {
  return new FarcallError('SIGNING_REFUSED', `the facts of the host cannot be right: ${why}`);
}
