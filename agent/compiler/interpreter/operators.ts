import type { IrOperator, Temp } from '../ir/index.ts';
import type { Temps } from './temps.ts';

const TWO_TO_32 = 2 ** 32;

/** `to = left operator right`. */
export type Operation = (temps: Temps, to: Temp, left: Temp, right: Temp) => void;

/** Each operator as machine code does it; the IR has seen to it that nothing is divided by zero. */
export const OPERATIONS: Readonly<Record<IrOperator, Operation>> = {
  add({ words }, to, left, right) {
    const low = words[2 * left]! + words[2 * right]!;
    words[2 * to + 1] = words[2 * left + 1]! + words[2 * right + 1]! + (low >= TWO_TO_32 ? 1 : 0);
    words[2 * to] = low;
  },
  sub({ words }, to, left, right) {
    const low = words[2 * left]! - words[2 * right]!;
    words[2 * to + 1] = words[2 * left + 1]! - words[2 * right + 1]! - (low < 0 ? 1 : 0);
    words[2 * to] = low;
  },
  and({ words }, to, left, right) {
    words[2 * to + 1] = words[2 * left + 1]! & words[2 * right + 1]!;
    words[2 * to] = words[2 * left]! & words[2 * right]!;
  },
  or({ words }, to, left, right) {
    words[2 * to + 1] = words[2 * left + 1]! | words[2 * right + 1]!;
    words[2 * to] = words[2 * left]! | words[2 * right]!;
  },
  xor({ words }, to, left, right) {
    words[2 * to + 1] = words[2 * left + 1]! ^ words[2 * right + 1]!;
    words[2 * to] = words[2 * left]! ^ words[2 * right]!;
  },
  eq: (temps, to, a, b) => temps.setSmall(to, isEqual(temps.words, 2 * a, 2 * b) ? 1 : 0),
  ne: (temps, to, a, b) => temps.setSmall(to, isEqual(temps.words, 2 * a, 2 * b) ? 0 : 1),
  ult: (temps, to, a, b) => temps.setSmall(to, compareUnsigned(temps.words, 2 * a, 2 * b) < 0 ? 1 : 0),
  ule: (temps, to, a, b) => temps.setSmall(to, compareUnsigned(temps.words, 2 * a, 2 * b) <= 0 ? 1 : 0),
  slt: (temps, to, a, b) => temps.setSmall(to, compareSigned(temps.words, 2 * a, 2 * b) < 0 ? 1 : 0),
  sle: (temps, to, a, b) => temps.setSmall(to, compareSigned(temps.words, 2 * a, 2 * b) <= 0 ? 1 : 0),
  shl: ({ words }, to, left, right) => shift(words, 'shl', 2 * to, 2 * left, words[2 * right]! & 63),
  shr: ({ words }, to, left, right) => shift(words, 'shr', 2 * to, 2 * left, words[2 * right]! & 63),
  sar: ({ words }, to, left, right) => shift(words, 'sar', 2 * to, 2 * left, words[2 * right]! & 63),
  mul: multiply,
  udiv({ unsigned }, to, left, right) {
    unsigned[to] = unsigned[left]! / unsigned[right]!;
  },
  urem({ unsigned }, to, left, right) {
    unsigned[to] = unsigned[left]! % unsigned[right]!;
  },
  // The least number divided by -1 wraps when it is stored.
  sdiv({ signed }, to, left, right) {
    signed[to] = signed[left]! / signed[right]!;
  },
  srem({ signed }, to, left, right) {
    signed[to] = signed[left]! % signed[right]!;
  },
};

function isEqual(words: Uint32Array, a: number, b: number): boolean {
  return words[a] === words[b] && words[a + 1] === words[b + 1];
}

function compareUnsigned(words: Uint32Array, a: number, b: number): number {
  const high = words[a + 1]! - words[b + 1]!;
  return high !== 0 ? high : words[a]! - words[b]!;
}

function compareSigned(words: Uint32Array, a: number, b: number): number {
  const high = (words[a + 1]! | 0) - (words[b + 1]! | 0);
  return high !== 0 ? high : words[a]! - words[b]!;
}

function shift(
  words: Uint32Array,
  operator: 'shl' | 'shr' | 'sar',
  to: number,
  from: number,
  count: number,
): void {
  const [low, high] = [words[from]!, words[from + 1]!];
  const less = count & 31;
  // A shift of 32 bits by 32 shifts by none, so what comes from the other half goes there in two steps.
  const isFar = count > 31;
  if (operator === 'shl') {
    words[to] = isFar ? 0 : low << less;
    words[to + 1] = isFar ? low << less : (high << less) | ((low >>> 1) >>> (31 - less));
    return;
  }
  const fill = operator === 'sar' ? (high | 0) >> 31 : 0;
  const shifted = operator === 'sar' ? (high | 0) >> less : high >>> less;
  words[to] = isFar ? shifted : (low >>> less) | ((high << 1) << (31 - less));
  words[to + 1] = isFar ? fill : shifted;
}

/** Small factors, which indices and sizes are, need no bigint. */
function multiply(temps: Temps, to: Temp, left: Temp, right: Temp): void {
  const { words, unsigned } = temps;
  const product = words[2 * left]! * words[2 * right]!;
  if (words[2 * left + 1] === 0 && words[2 * right + 1] === 0 && product <= Number.MAX_SAFE_INTEGER) {
    words[2 * to] = product;
    words[2 * to + 1] = product / TWO_TO_32;
    return;
  }
  unsigned[to] = unsigned[left]! * unsigned[right]!;
}
