import { FarcallError } from '../../../../shared/errors/index.ts';

// Fields of A64 instructions (Arm ARM, C4.1), each at its bits of the word. A value that a field cannot hold
// throws ENCODING_RANGE.

/** The distance field of the word that starts a jump. */
interface JumpField {
  readonly shift: number;
  readonly bits: number;
}

const ADR = 0b10000;

/** imm26 of `b` at bit 0; imm19 of `b.cond`, `cbz` and `cbnz` at bit 5. Both count words. */
function jumpFieldOf(word: number): JumpField {
  return word >>> 26 === 0b000101 ? { shift: 0, bits: 26 } : { shift: 5, bits: 19 };
}

/** The distance of a jump in bytes, as its instruction holds it. */
export function jumpField(word: number, distance: number): number {
  if (((word >>> 24) & 0b11111) === ADR) return adr(distance);
  const { shift, bits } = jumpFieldOf(word);
  return (signed(distance / 4, bits, 'a jump') & (2 ** bits - 1)) << shift;
}

/** imm12 of add, sub and cmp: 0 to 4095. */
export function imm12(value: number): number {
  return unsigned(value, 12, 'an immediate of 12 bits') << 10;
}

/** imm16 and hw of movz, movn and movk: 16 bits, and which of the four parts of a register they go to. */
export function imm16(value: number, part: number): number {
  return (unsigned(part, 2, 'a quarter of a register') << 21) | (unsigned(value, 16, '16 bits') << 5);
}

/** imm12 of loads and stores, which counts in units of what is moved: `ldr xt` reaches 32,760. */
export function scaled(offset: number, bytes: number): number {
  return unsigned(offset / bytes, 12, `the offset of an access to ${bytes} bytes`) << 10;
}

/** immlo and immhi of adr: 21 bits, signed. */
export function adr(distance: number): number {
  const value = signed(distance, 21, 'adr');
  return ((value & 3) << 29) | (((value >> 2) & 0x7ffff) << 5);
}

function unsigned(value: number, bits: number, what: string): number {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) throw range(value, what);
  return value;
}

function signed(value: number, bits: number, what: string): number {
  const limit = 2 ** (bits - 1);
  if (!Number.isInteger(value) || value < -limit || value >= limit) throw range(value, what);
  return value;
}

function range(value: number, what: string): FarcallError {
  return new FarcallError('ENCODING_RANGE', `${value} does not fit in ${what}`);
}
