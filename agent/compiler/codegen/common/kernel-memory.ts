import type { Instruction } from '../../ir/index.ts';
import type { LabelledCode } from './labelled-code.ts';
import type { MachineFrame } from './machine-frame.ts';

// Loads and stores of a program: calls of functions that survive a bad address, on every CPU.

type Of<K extends Instruction['op']> = Extract<Instruction, { op: K }>;

/**
 * long copy_from_kernel_nofault(void *dst, const void *src, size_t size): 0, or an error (mm/maccess.c,
 * v6.12).
 */
export function emitRead<R>(
  frame: MachineFrame<LabelledCode, R>,
  { to, address, bytes, sourceOffset }: Of<'read'>,
): void {
  const { roles } = frame;
  const [target, source, size] = roles.args;
  frame.loadTemp(source, address);
  frame.recordAddress(source);
  frame.imm(roles.accumulator, 0n);
  frame.storeTemp(to);
  frame.lea(target, frame.offsetOf(to));
  frame.imm(size, BigInt(bytes));
  frame.callHelper('copyFromKernel');
  frame.faultUnlessZero(sourceOffset);
}

/** A structure, to the program's own memory. */
export function emitReadBlock<R>(
  frame: MachineFrame<LabelledCode, R>,
  { to, address, bytes, sourceOffset }: Of<'read-block'>,
): void {
  const [target, source, size] = frame.roles.args;
  frame.loadTemp(source, address);
  frame.recordAddress(source);
  frame.leaLocal(target, to);
  frame.imm(size, BigInt(bytes));
  frame.callHelper('copyFromKernel');
  frame.faultUnlessZero(sourceOffset);
}

/**
 * long strncpy_from_kernel_nofault(char *dst, const void *src, long count): length with NUL, or an error. The
 * caller has filled what it writes to with zeros.
 */
export function emitReadString<R>(
  frame: MachineFrame<LabelledCode, R>,
  { to, address, bytes }: Of<'read-string'>,
): void {
  const [target, source, size] = frame.roles.args;
  frame.leaLocal(target, to + 8);
  frame.loadTemp(source, address);
  frame.imm(size, BigInt(bytes));
  frame.callHelper('copyString');
  frame.store(frame.layout.locals + to, frame.roles.accumulator);
}

/** long copy_to_kernel_nofault(void *dst, const void *src, size_t size): one store for an aligned scalar. */
export function emitWrite<R>(
  frame: MachineFrame<LabelledCode, R>,
  { address, from, bytes, sourceOffset }: Of<'write'>,
): void {
  const [target, source, size] = frame.roles.args;
  emitProbe(frame, { address, offset: 0, bytes, sourceOffset });
  frame.loadTemp(target, address);
  frame.lea(source, frame.offsetOf(from));
  frame.imm(size, BigInt(bytes));
  frame.callHelper('copyToKernel');
  frame.faultUnlessZero(sourceOffset);
}

/** A structure: both its ends must be the kernel's. */
export function emitWriteBlock<R>(
  frame: MachineFrame<LabelledCode, R>,
  { address, from, bytes, sourceOffset }: Of<'write-block'>,
): void {
  const [target, source, size] = frame.roles.args;
  emitProbe(frame, { address, offset: 0, bytes: 1, sourceOffset });
  emitProbe(frame, { address, offset: bytes - 1, bytes: 1, sourceOffset });
  frame.loadTemp(target, address);
  frame.recordAddress(target);
  frame.leaLocal(source, from);
  frame.imm(size, BigInt(bytes));
  frame.callHelper('copyToKernel');
  frame.faultUnlessZero(sourceOffset);
}

interface Probe {
  readonly address: number;
  readonly offset: number;
  readonly bytes: number;
  readonly sourceOffset: number;
}

/**
 * Refuses an address that cannot be read. copy_to_kernel_nofault() does not look whether the address is the
 * kernel's, as copy_from_kernel_nofault() does, and a write to a user address is an oops, fixup or not, on
 * x86-64 under SMAP (do_user_addr_fault(), arch/x86/mm/fault.c, v6.12) and on arm64 outside of the routines
 * for user memory (do_page_fault(), arch/arm64/mm/fault.c, v6.12): a null pointer would be one.
 */
function emitProbe<R>(
  frame: MachineFrame<LabelledCode, R>,
  { address, offset, bytes, sourceOffset }: Probe,
): void {
  const [target, source, size] = frame.roles.args;
  frame.loadTemp(source, address);
  if (offset > 0) frame.add(source, offset);
  frame.recordAddress(source);
  frame.lea(target, frame.layout.scratch);
  frame.imm(size, BigInt(bytes));
  frame.callHelper('copyFromKernel');
  frame.faultUnlessZero(sourceOffset);
}
