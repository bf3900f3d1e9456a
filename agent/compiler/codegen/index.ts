import { FarcallError } from '../../../shared/errors/index.ts';
import { aarch64 } from './aarch64/generate.ts';
import type { BackEnd } from './common/index.ts';
import { x86_64 } from './x86-64/generate.ts';

export {
  Assembler as Arm64Assembler,
  COND as ARM64_COND,
  REG as ARM64_REG,
} from './aarch64/assembler.ts';
export type {
  BackEnd,
  CodegenInput,
  CodeLabel,
  FaultEntry,
  MachineCode,
  Relocation,
} from './common/index.ts';
export {
  type DataLayout,
  type FindFunction,
  HELPERS,
  layoutData,
  RESULT_HEADER,
  RESULT_HEADER_BYTES,
  RESULT_LIMIT_BYTES,
  ROW_HEADER_BYTES,
} from './common/index.ts';
export { Assembler as X86Assembler, CC, REG } from './x86-64/assembler.ts';

const BACK_ENDS: readonly BackEnd[] = [x86_64, aarch64];

/**
 * The back end of the CPU that `uname -m` calls `arch`. Throws KERNEL_LACKS for a CPU that farcall does not
 * know.
 */
export function backEndFor(arch: string): BackEnd {
  const found = BACK_ENDS.find(each => each.arch === arch);
  if (found) return found;
  const known = BACK_ENDS.map(each => each.arch).join(', ');
  throw new FarcallError('KERNEL_LACKS', `farcall cannot generate code for ${arch}; it can for ${known}`);
}
export { type Stretch, StretchSlots, sharedTemps } from './common/index.ts';
