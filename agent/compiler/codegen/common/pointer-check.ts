import { type CallTarget, END, type PointerCheck } from '../../ir/index.ts';
import type { CodeLabel, LabelledCode } from './labelled-code.ts';
import type { MachineFrame } from './machine-frame.ts';

/**
 * Ends the program unless the register holds an address that `check` permits: a search by halving, in which
 * the addresses are constants of the code.
 *
 * Threat: a program that writes could change a table in the module's data, or the pointer between its test
 * and its call. The code of a module cannot be written while it runs, and the register that is tested is the
 * one that is called.
 */
export function emitPointerCheck<Reg>(
  frame: MachineFrame<LabelledCode, Reg>,
  pointer: Reg,
  check: PointerCheck,
): void {
  const { permitted, mayBeNull, end, sourceOffset } = check;
  const refused = frame.stub(sourceOffset, end === END.REFUSED ? frame.refused : frame.refusedLate);
  const found = frame.asm.label();
  frame.recordAddress(pointer);
  if (mayBeNull) {
    frame.compareAddress(pointer, 0n);
    frame.jumpIf('equal', found);
  }
  search(permitted);
  frame.asm.bind(found);

  function search(addresses: readonly CallTarget[]): void {
    const middle = addresses.length >>> 1;
    if (addresses.length === 0) return frame.jump(refused);
    frame.compareAddress(pointer, addresses[middle]!.address);
    frame.jumpIf('equal', found);
    const below = middle === 0 ? refused : frame.asm.label();
    frame.jumpIf('below', below);
    search(addresses.slice(middle + 1));
    if (middle > 0) bindBelow(below, addresses.slice(0, middle));
  }

  function bindBelow(below: CodeLabel, addresses: readonly CallTarget[]): void {
    frame.asm.bind(below);
    search(addresses);
  }
}
