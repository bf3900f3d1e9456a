import { expect, test } from 'vitest';
import { Compiler } from '../../../../agent/compiler/index.ts';
import { kernelOfHost } from '../../../controller/module-signing/support/asking-host.ts';
import { memoryOf } from '../support/memory-of.ts';
import { interpretToEnd } from '../support/run-to-end.ts';

const kernel = kernelOfHost({
  offsets: { sprint_symbol: 0x5000n, read_block: 0x6000n, strncpy_from_kernel_nofault: 0x7000n },
});
const start = kernel.symbols.lookup('read_block')[0]!.address;

function named(address: bigint): string | undefined {
  const program = `symbol_name((void *)${BigInt.asUintN(64, address)}UL)`;
  const call = new Compiler(kernel).compileWithoutModule(program, 'farcall_test');
  if (call.image) throw new Error(`the effect is ${call.effect}`);
  const end = call.readResult(interpretToEnd(call.interpret(memoryOf([]))));
  return end.kind === 'returned' ? end.value?.string : undefined;
}

test('a program that asks for the symbol of an address is a read, and is told name and offset', () => {
  expect(named(start)).toBe('read_block+0x0');
  expect(named(start + 0x10n)).toBe('read_block+0x10');
  expect(named(8n)).toBe('0x8');
});

test('a program that calls a function has its kernel name the symbol, which is no call of the program', () => {
  const program = 'extern int read_block(void *); symbol_name((void *)1UL)';
  const { ir, callees } = new Compiler(kernel).compile(program, 'farcall_test');
  expect(callees.map(({ name }) => name)).toEqual(['read_block']);
  expect(
    JSON.stringify(ir.blocks, (_key, value) => (typeof value === 'bigint' ? String(value) : value)),
  ).toContain('sprint_symbol');
});
