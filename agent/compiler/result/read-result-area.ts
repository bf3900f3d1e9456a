import { errnoName } from '../../../shared/errno/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { MemoryWrite, ResultRow, TypedValue } from '../../../shared/messages/index.ts';
import type { MarshalledValue, ProgramResults } from '../check/index.ts';
import { RESULT_HEADER, RESULT_HEADER_BYTES } from '../codegen/index.ts';
import { bestSymbolAt, type SymbolTable } from '../facts/index.ts';
import { END, resultsBytes } from '../ir/index.ts';
import { programError, type SourceText, spelledAt } from '../preprocessor/index.ts';
import { readRows } from './read-rows.ts';
import type { WritesInput } from './read-write.ts';
import { marshalledToTyped, VOID_VALUE } from './value-to-typed.ts';

/** The rows that `report` wrote. */
export interface ReportedRows {
  readonly rows: readonly ResultRow[];
  /** Rows that found no room. */
  readonly droppedRows: number;
  /** What it wrote to kernel memory, in the order in which it did; absent where it wrote nothing. */
  readonly writes?: readonly MemoryWrite[];
  /** True where it wrote, or may have written, more than is recorded. */
  readonly writesMissed?: boolean;
}

/** How the program ended, by its own account, and what it reported before that. */
export type ProgramEnd = ReportedRows &
  (
    | { readonly kind: 'returned'; readonly value: TypedValue }
    /** `require` said no, or `find_task` found none. */
    | { readonly kind: 'skipped'; readonly error: FarcallError }
    | { readonly kind: 'faulted'; readonly error: FarcallError }
    /** A pointer held no function that may be called, and the program had done nothing before. */
    | { readonly kind: 'refused'; readonly error: FarcallError }
  );

/** A result area, and what the compiler knows of the values that the program wrote into it. */
export interface ResultAreaInput {
  readonly area: Uint8Array;
  readonly program: SourceText;
  /** The values that the program may end with. */
  readonly results: ProgramResults;
  /** What the rows of each `report` hold. */
  readonly rows: readonly (readonly MarshalledValue[])[];
  readonly symbols: SymbolTable;
  /** What it records of its writes; absent for programs that record none. */
  readonly written?: Omit<WritesInput, 'program' | 'symbols'> | undefined;
  /** Turns that its loops might make in all. */
  readonly fuel: number;
}

/**
 * Reads what a module copied out. Throws LOADER_FAILED where the area was never written: the init function
 * ran, as init_module's answer says, but its copy found no page.
 */
export function readResultArea(input: ResultAreaInput): ProgramEnd {
  const { area, program, results, symbols } = input;
  const reported = readReported(input);
  const word = wordsOf(area);
  const partly = rowsAreNotAll(reported);
  const end = Number(word(RESULT_HEADER.END));
  const failed = (message: string, code: EndCode = 'CALL_FAULTED'): FarcallError =>
    programError(code, program, Number(word(RESULT_HEADER.SOURCE_OFFSET)), message);
  switch (end) {
    case END.RETURNED: {
      const bytes = area.subarray(RESULT_HEADER_BYTES);
      const result = results.get(Number(word(RESULT_HEADER.SOURCE_OFFSET)));
      return {
        kind: 'returned',
        value: result ? marshalledToTyped(result, bytes, symbols) : VOID_VALUE,
        ...reported,
      };
    }
    case END.FINISHED:
      return { kind: 'returned', value: VOID_VALUE, ...reported };
    case END.SKIPPED:
      return {
        kind: 'skipped',
        error: failed(whySkipped(program, word), 'CALL_SKIPPED'),
        ...reported,
      };
    case END.DIVIDED_BY_ZERO:
      return { kind: 'faulted', error: failed(`division by zero${partly}`), ...reported };
    case END.OUT_OF_FUEL:
      return {
        kind: 'faulted',
        error: failed(
          `the loops of the program ran ${input.fuel} times in total, which is all that its request gave them${partly}`,
        ),
        ...reported,
      };
    case END.FAULTED: {
      const address = word(RESULT_HEADER.FAULT).toString(16);
      return {
        kind: 'faulted',
        error: failed(`the kernel has no memory for this access at 0x${address}${partly}`),
        ...reported,
      };
    }
    case END.REFUSED: {
      const pointer = whatItHolds(word(RESULT_HEADER.FAULT), symbols);
      return { kind: 'refused', error: failed(pointer, 'POLICY_REFUSED'), ...reported };
    }
    case END.REFUSED_LATE: {
      const message = `${whatItHolds(word(RESULT_HEADER.FAULT), symbols)}; what the program did before stands${partly}`;
      return { kind: 'faulted', error: failed(message, 'POLICY_REFUSED'), ...reported };
    }
    default:
      throw new FarcallError(
        'LOADER_FAILED',
        `the module ran but left no result (its end is ${end}); its value is lost`,
      );
  }
}

/** What a program has reported so far, whether or not it came to an end. Throws as {@link readResultArea}. */
export function readReported(input: ResultAreaInput): ReportedRows {
  const { area, results } = input;
  const start = RESULT_HEADER_BYTES + resultsBytes(results);
  if (area.length < start)
    throw new FarcallError('LOADER_FAILED', `the result area has only ${area.length} bytes`);
  const word = wordsOf(area);
  const used = Math.min(area.length, Number(word(RESULT_HEADER.USED)));
  return readRows(input, { start, end: used, dropped: Number(word(RESULT_HEADER.DROPPED)) });
}

/**
 * What an error says of the rows that were reported before it; nothing where there are none. People take the
 * rows of a program for all that there is unless they are told.
 */
export function rowsAreNotAll({ rows }: ReportedRows): string {
  if (rows.length === 0) return '';
  return `; its rows are those that it reported before (${rows.length}), and not all that there is`;
}

function wordsOf(area: Uint8Array): (offset: number) => bigint {
  const view = new DataView(area.buffer, area.byteOffset, area.byteLength);
  return offset => view.getBigUint64(offset, true);
}

type EndCode = 'CALL_FAULTED' | 'CALL_SKIPPED' | 'POLICY_REFUSED';

function whatItHolds(pointer: bigint, symbols: SymbolTable): string {
  const holder = bestSymbolAt(symbols, pointer);
  const hex = `0x${pointer.toString(16)}`;
  const distance = holder && holder.offset > 0n ? `, 0x${holder.offset.toString(16)} bytes into it` : '';
  const name = holder ? `${holder.symbol.name} (${hex}${distance})` : hex;
  return `this host's policy does not permit to call what the pointer holds, ${name}; it was not called`;
}

/** The detail of a watch is what register_kprobe() answered, or 0. */
function whySkipped(program: SourceText, word: (offset: number) => bigint): string {
  const place = Number(word(RESULT_HEADER.SOURCE_OFFSET));
  if (spelledAt(program, place, 9) === 'find_task') return 'this host has no such task';
  if (spelledAt(program, place, 5) === 'watch') {
    const error = Number(BigInt.asIntN(32, word(RESULT_HEADER.FAULT)));
    if (error === 0) return 'the watch was ended by a signal';
    const name = errnoName(-error) ?? String(error);
    return `the kernel refused the probe of this watch: ${name}${WHY_REFUSED.get(name) ?? ''}`;
  }
  return 'this condition does not hold on this host';
}

/** What the answers of register_kprobe() mean (kernel/kprobes.c, v6.12). */
const WHY_REFUSED: ReadonlyMap<string, string> = new Map([
  ['EILSEQ', '; no instruction begins at this offset'],
  ['EINVAL', '; it forbids probes there, or has changed the code there itself'],
  ['ENOENT', '; the function is being unloaded'],
  ['EOPNOTSUPP', '; probes are off on this host'],
  ['EAGAIN', '; it could not take its own locks'],
]);
