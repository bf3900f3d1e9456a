import type { IrOperator, Temp } from '../ir/index.ts';
import type { Temps } from './temps.ts';

const TWO_TO_32 = 2 ** 32;

/** `to = left operator right`, as machine code does it; the IR has seen to it that nothing is divided by zero. */
export function operate(temps: Temps, operator: IrOperator, to: Temp, left: Temp, right: Temp): void {
  const { words } = temps;
  const [a, b, c] = [2 * left, 2 * right, 2 * to];
  switch (operator) {
    case 'add': {
      const low = words[a]! + words[b]!;
      words[c + 1] = words[a + 1]! + words[b + 1]! + (low >= TWO_TO_32 ? 1 : 0);
      words[c] = low;
      return;
    }
    case 'sub': {
      const low = words[a]! - words[b]!;
      words[c + 1] = words[a + 1]! - words[b + 1]! - (low < 0 ? 1 : 0);
      words[c] = low;
      return;
    }
    case 'and':
      words[c + 1] = words[a + 1]! & words[b + 1]!;
      words[c] = words[a]! & words[b]!;
      return;
    case 'or':
      words[c + 1] = words[a + 1]! | words[b + 1]!;
      words[c] = words[a]! | words[b]!;
      return;
    case 'xor':
      words[c + 1] = words[a + 1]! ^ words[b + 1]!;
      words[c] = words[a]! ^ words[b]!;
      return;
    case 'eq':
      return temps.setSmall(to, isEqual(words, a, b) ? 1 : 0);
    case 'ne':
      return temps.setSmall(to, isEqual(words, a, b) ? 0 : 1);
    case 'ult':
      return temps.setSmall(to, compareUnsigned(words, a, b) < 0 ? 1 : 0);
    case 'ule':
      return temps.setSmall(to, compareUnsigned(words, a, b) <= 0 ? 1 : 0);
    case 'slt':
      return temps.setSmall(to, compareSigned(words, a, b) < 0 ? 1 : 0);
    case 'sle':
      return temps.setSmall(to, compareSigned(words, a, b) <= 0 ? 1 : 0);
    case 'shl':
    case 'shr':
    case 'sar':
      return shift(words, operator, c, a, words[b]! & 63);
    case 'mul':
      return multiply(temps, to, left, right);
    case 'udiv':
      temps.unsigned[to] = temps.unsigned[left]! / temps.unsigned[right]!;
      return;
    case 'urem':
      temps.unsigned[to] = temps.unsigned[left]! % temps.unsigned[right]!;
      return;
    // The least number divided by -1 wraps when it is stored.
    case 'sdiv':
      temps.signed[to] = temps.signed[left]! / temps.signed[right]!;
      return;
    case 'srem':
      temps.signed[to] = temps.signed[left]! % temps.signed[right]!;
      return;
  }
}

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
