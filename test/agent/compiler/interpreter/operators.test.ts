import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OPERATIONS } from '../../../../agent/compiler/interpreter/operators.ts';
import { Temps } from '../../../../agent/compiler/interpreter/temps.ts';
import type { IrOperator } from '../../../../agent/compiler/ir/index.ts';

const signed = (value: bigint): bigint => BigInt.asIntN(64, value);
const truth = (value: boolean): bigint => (value ? 1n : 0n);

/** What each operator is in plain arithmetic. */
const MODEL: Readonly<Record<IrOperator, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  sdiv: (a, b) => signed(a) / signed(b),
  udiv: (a, b) => a / b,
  srem: (a, b) => signed(a) % signed(b),
  urem: (a, b) => a % b,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << (b & 63n),
  sar: (a, b) => signed(a) >> (b & 63n),
  shr: (a, b) => a >> (b & 63n),
  eq: (a, b) => truth(a === b),
  ne: (a, b) => truth(a !== b),
  slt: (a, b) => truth(signed(a) < signed(b)),
  sle: (a, b) => truth(signed(a) <= signed(b)),
  ult: (a, b) => truth(a < b),
  ule: (a, b) => truth(a <= b),
};

const EDGES = [0n, 1n, 31n, 32n, 33n, 63n, 64n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n]
  .flatMap(value => [value, value - 1n, -value, ~value, value << 31n, value << 32n])
  .concat(1n << 63n, (1n << 63n) - 1n)
  .map(value => BigInt.asUintN(64, value));

const values = fc.oneof(
  fc.constantFrom(...EDGES),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: 0n, max: (1n << 33n) - 1n }),
);

test.each(Object.keys(MODEL) as IrOperator[])('the operator %s computes what C says', operator => {
  const temps = new Temps(3);
  const isDivision = /div|rem/.test(operator);
  const check = (a: bigint, b: bigint): void => {
    if (isDivision && b === 0n) return;
    // The result may go where an operand was.
    for (const to of [0, 1, 2]) {
      temps.unsigned.set([a, b, 0x5555n]);
      OPERATIONS[operator](temps, to, 0, 1);
      expect(temps.unsigned[to], `${a} ${operator} ${b} to ${to}`).toBe(
        BigInt.asUintN(64, MODEL[operator](a, b)),
      );
    }
  };
  for (const a of EDGES) for (const b of EDGES) check(a, b);
  fc.assert(fc.property(values, values, check), { numRuns: 1000 });
});

test.each([8, 16, 32] as const)('a value of %d bits is extended', bits => {
  const temps = new Temps(2);
  fc.assert(
    fc.property(values, value => {
      for (const isSigned of [true, false]) {
        temps.unsigned[0] = value;
        temps.extend(1, 0, bits, isSigned);
        const wanted = isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
        expect(temps.unsigned[1]).toBe(BigInt.asUintN(64, wanted));
      }
    }),
    { numRuns: 1000 },
  );
});
