import { FarcallError } from '../../../shared/errors/index.ts';
import type { CalledFunction } from '../check/index.ts';
import type { FunctionType } from '../ctype/index.ts';
import type {
  BlockIndex,
  CallTarget,
  CheckIndex,
  Instruction,
  IrProgram,
  PointerCheck,
} from './blocks/index.ts';
import { END, targetsOf } from './blocks/index.ts';
import type { CheckedPointer, Region } from './lowering.ts';
import { PointerValues } from './pointer-values.ts';

/** A function that a pointer may hold. */
export interface PermittedFunction extends CallTarget {
  /** The module that holds it; undefined for the kernel itself. */
  readonly module: string | undefined;
}

/**
 * The functions of this kernel that may be called through a pointer to a function of `prototype`: exactly
 * that prototype, and permitted by the host's policy.
 */
export type PermittedFunctions = (prototype: FunctionType) => readonly PermittedFunction[];

/** Nothing may be called through a pointer, unless the program names it. */
export const NONE_PERMITTED: PermittedFunctions = () => [];

/** Functions that one check may permit: each takes some 20 to 30 bytes of the module's code. */
export const PERMITTED_LIMIT = 4096;

/** A lowered program, and what its pointers may hold. */
export interface ChecksInput {
  readonly ir: IrProgram;
  readonly regions: readonly Region[];
  /** The functions that the program names. The host's policy knows them. */
  readonly callees: readonly CalledFunction[];
  readonly permitted: PermittedFunctions;
}

/**
 * The checks of a program: a pointer that can only hold functions that the program names may hold these; any
 * other may hold what `permitted` has of its prototype. Throws PROGRAM_TOO_LARGE over the limit.
 */
export function resolveChecks(
  pointers: readonly CheckedPointer[],
  { ir, regions, callees, permitted }: ChecksInput,
): PointerCheck[] {
  if (pointers.length === 0) return [];
  const values = new PointerValues(ir, regions);
  const late = checksAfterActs(ir);
  return pointers.map(({ value, prototype, mayBeNull, sourceOffset }, index) => {
    const named = namedOnly(values.of(value), callees);
    const end = late.has(index) ? END.REFUSED_LATE : END.REFUSED;
    const shared = { prototype, mayBeNull, end, sourceOffset };
    if (named) return { ...shared, permitted: ascending(named), isNamed: true };
    return { ...shared, permitted: ascending(limited(permitted(prototype), prototype)), isNamed: false };
  });
}

/** Undefined where the pointer may hold something else, or nothing. 0 is no function, and never called. */
function namedOnly(
  values: ReadonlySet<bigint> | undefined,
  callees: readonly CalledFunction[],
): CallTarget[] | undefined {
  if (!values) return undefined;
  const named = [...values]
    .filter(value => value !== 0n)
    .map(value => callees.find(each => each.address === value));
  const known = named.filter(each => each !== undefined);
  return known.length === named.length && known.length > 0 ? known : undefined;
}

function limited(functions: readonly PermittedFunction[], prototype: FunctionType): readonly CallTarget[] {
  if (functions.length <= PERMITTED_LIMIT) return functions;
  throw new FarcallError(
    'PROGRAM_TOO_LARGE',
    `a pointer may hold any of ${functions.length} functions with ${prototype.params.length} parameters that this host's policy permits; the limit is ${PERMITTED_LIMIT}`,
  );
}

function ascending(functions: readonly CallTarget[]): CallTarget[] {
  const byAddress = new Map<bigint, CallTarget>();
  for (const { name, address } of functions)
    if (!byAddress.has(address)) byAddress.set(address, { name, address });
  return [...byAddress.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** The checks that are reached, on some way, behind a call or a write of the program. */
function checksAfterActs({ blocks }: IrProgram): Set<CheckIndex> {
  const late = new Set<CheckIndex>();
  const reached = new Set<BlockIndex>();
  const todo: BlockIndex[] = [];
  const reach = (index: BlockIndex): void => {
    for (const target of targetsOf(blocks[index]!.terminator)) {
      if (reached.has(target)) continue;
      reached.add(target);
      todo.push(target);
    }
  };
  for (const [index, { instructions }] of blocks.entries()) if (instructions.some(isAct)) reach(index);
  for (let index = todo.pop(); index !== undefined; index = todo.pop()) reach(index);
  for (const [index, { instructions }] of blocks.entries()) {
    let acted = reached.has(index);
    for (const instruction of instructions) {
      if ('check' in instruction && instruction.check !== undefined && acted) late.add(instruction.check);
      acted ||= isAct(instruction);
    }
  }
  return late;
}

/** Whether the instruction does something that remains: what farcall calls itself is given back. */
function isAct(instruction: Instruction): boolean {
  const { op } = instruction;
  if (op === 'call') return instruction.ofProgram;
  if (op === 'write') return !instruction.isOwn;
  return op === 'write-block' || op === 'exchange';
}
