import { FarcallError } from '../../../../shared/errors/index.ts';
import { type HandlerProgram, type IrProgram, roundUp } from '../../ir/index.ts';
import { temporarySlots } from './temporary-slots.ts';

/** The result area starts with five u64. */
export const RESULT_HEADER = {
  /** One of END. */
  END: 0,
  /** An offset in the program text. */
  SOURCE_OFFSET: 8,
  /** The address at fault, where END says so. */
  FAULT: 16,
  /** Bytes of the area that hold something. */
  USED: 24,
  /** Rows that found no room. */
  DROPPED: 32,
} as const;

/** Bytes of {@link RESULT_HEADER}. */
export const RESULT_HEADER_BYTES = 40;

/** A row starts with u32 report index and u32 size of what follows. */
export const ROW_HEADER_BYTES = 8;

/** The most that one call can bring back, header included; the loader makes room for as much. */
export const RESULT_LIMIT_BYTES = 256 << 10;

/**
 * Where things are in a module's `.bss`: result area, temporaries, the program's own memory. It is all zeros,
 * and takes no room in the image; constant data is in `.data`.
 */
export interface DataLayout {
  /** Size of the result area, which is at offset 0: header, value, rows. */
  readonly resultBytes: number;
  /** Offset of temporary 0; each takes 8 bytes. */
  readonly temps: number;
  /** Offset of a u64 that counts down. */
  readonly fuel: number;
  /** Offset of the address that is read or written next. */
  readonly address: number;
  /** Offset of 8 bytes to read into. */
  readonly scratch: number;
  /** Offset of the program's own memory. */
  readonly locals: number;
  readonly sizeBytes: number;
}

/**
 * Lays out `.bss`. Temporaries live there and not on the kernel's stack, which is 16 KiB: the program runs
 * once, in one task, so there is one of each.
 */
export function layoutData({ resultBytes, rowsBytes, tempCount, localBytes }: IrProgram): DataLayout {
  const area = RESULT_HEADER_BYTES + resultBytes + rowsBytes;
  if (area > RESULT_LIMIT_BYTES) {
    throw new FarcallError(
      'PROGRAM_TOO_LARGE',
      `the program's results need ${area} bytes; the limit is ${RESULT_LIMIT_BYTES}`,
    );
  }
  const temps = roundUp(area, 8);
  const fuel = temps + tempCount * 8;
  const address = fuel + 8;
  const scratch = address + 8;
  const locals = roundUp(scratch + 8, 16);
  return { resultBytes: area, temps, fuel, address, scratch, locals, sizeBytes: locals + localBytes };
}

/** Where things are on the stack of a handler, from the lowest address on. */
export interface HandlerLayout extends Omit<DataLayout, 'resultBytes'> {
  /** Which of the 8 bytes at `temps` a temporary has. */
  readonly slots: readonly number[];
  /** Offset of the address of the registers with which the function was entered, or returned. */
  readonly registers: number;
  /** Offset of the address of what the kernel has for one call of the function. */
  readonly instance: number;
  /** Offset of the third argument, of a handler that asks for it. */
  readonly third: number | undefined;
}

/**
 * The most that a handler takes of the stack of the task that entered the function: a sixteenth, and less
 * than the kernel's own functions are warned of (CONFIG_FRAME_WARN).
 */
const HANDLER_LIMIT_BYTES = 1024;

/**
 * Lays out the stack of a handler, which runs on all CPUs at once. A temporary that lives within one block
 * shares its place with others. Throws PROGRAM_TOO_LARGE over the limit.
 */
export function layoutHandler(handler: HandlerProgram): HandlerLayout {
  const { slots, count } = temporarySlots(handler);
  const registers = count * 8;
  const instance = registers + 8;
  const third = handler.blocks.some(({ instructions }) => instructions.some(({ op }) => op === 'third'))
    ? instance + 8
    : undefined;
  const fuel = (third ?? instance) + 8;
  const address = fuel + 8;
  const scratch = address + 8;
  const locals = roundUp(scratch + 8, 16);
  const sizeBytes = roundUp(locals + handler.localBytes, 16);
  if (sizeBytes > HANDLER_LIMIT_BYTES)
    throw new FarcallError(
      'PROGRAM_TOO_LARGE',
      `the body of a watch needs ${sizeBytes} bytes of the kernel's stack; the limit is ${HANDLER_LIMIT_BYTES}`,
    );
  return { slots, temps: 0, registers, instance, third, fuel, address, scratch, locals, sizeBytes };
}

/** What of `.bss` is not zero when the program starts; the code writes it. */
export function initialWords(
  program: Pick<IrProgram, 'resultBytes' | 'fuel'>,
  { fuel }: DataLayout,
): readonly { readonly offset: number; readonly value: bigint }[] {
  return [
    { offset: RESULT_HEADER.USED, value: BigInt(RESULT_HEADER_BYTES + program.resultBytes) },
    { offset: fuel, value: BigInt(program.fuel) },
  ];
}
