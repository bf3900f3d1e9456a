import { FarcallError } from '../../../shared/errors/index.ts';
import type { IrProgram } from '../ir/index.ts';

/** The result area starts with u64 end (one of END) and u64 place (an offset in the program text). */
export const RESULT_HEADER_BYTES = 16;

/** The most that one call can bring back, header included; the loader makes room for as much. */
export const RESULT_LIMIT_BYTES = 256 << 10;

/** Where things are in a module's `.data`: result area, temporaries, constant data. */
export interface DataLayout {
  /** Size of the result area, which is at offset 0. */
  readonly resultBytes: number;
  /** Offset of temporary 0; each takes 8 bytes. */
  readonly temps: number;
  /** Offset of the constant data. */
  readonly constants: number;
  readonly sizeBytes: number;
}

/**
 * Lays out `.data`. Temporaries live there and not on the kernel's stack, which is 16 KiB: the program runs once, in one
 * task, so there is one of each.
 */
export function layoutData({ resultBytes, tempCount, data }: IrProgram): DataLayout {
  const area = RESULT_HEADER_BYTES + resultBytes;
  if (area > RESULT_LIMIT_BYTES) {
    throw new FarcallError(
      'PROGRAM_TOO_LARGE',
      `the program's results need ${area} bytes; at most ${RESULT_LIMIT_BYTES} come back`,
    );
  }
  const temps = (area + 7) & ~7;
  const constants = temps + tempCount * 8;
  return { resultBytes: area, temps, constants, sizeBytes: constants + data.length };
}

/** `.data` as it is before the program runs: zeros, then the constants. */
export function initialData(program: IrProgram, layout: DataLayout): Uint8Array {
  const bytes = new Uint8Array(layout.sizeBytes);
  bytes.set(program.data, layout.constants);
  return bytes;
}
