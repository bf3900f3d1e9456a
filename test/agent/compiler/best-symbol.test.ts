import { expect, test } from 'vitest';
import { bestSymbolAt } from '../../../agent/compiler/facts/index.ts';
import type { KernelSymbol } from '../../../agent/compiler/index.ts';
import { symbolTable } from './support/small-kernel.ts';

const at = (address: bigint, type: string, name: string): KernelSymbol => ({
  ...{ name, type, address },
  module: undefined,
});

const symbols = symbolTable([
  at(0x1000n, 't', '__do_sys_getpid'),
  at(0x1000n, 'T', '__ia32_sys_getpid'),
  at(0x1000n, 'T', '__x64_sys_getpid'),
  at(0x2000n, 't', 'only_local'),
  at(0x3000n, 'T', '__memcpy'),
  at(0x3000n, 'W', 'memcpy'),
]);

test.each([
  [0x1000n, '__x64_sys_getpid', 0n],
  [0x1007n, '__x64_sys_getpid', 7n],
  [0x2001n, 'only_local', 1n],
  [0x3000n, 'memcpy', 0n],
])('the address %i is named by the best of its symbols, %s', (address, name, offset) => {
  const found = bestSymbolAt(symbols, address);
  expect([found?.symbol.name, found?.offset]).toEqual([name, offset]);
});

test('an address before all symbols has no name', () => {
  expect(bestSymbolAt(symbols, 1n)).toBeUndefined();
});
