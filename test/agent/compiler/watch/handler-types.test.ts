import { afterAll, describe, expect, test } from 'vitest';
import { Compiler } from '../../../../agent/compiler/index.ts';
import { failureOf } from '../support/guarded.ts';
import { readElf } from '../support/read-elf.ts';
import { canBuild, TEST_CPUS } from '../support/test-cpus.ts';
import { probedKernel } from './probed-kernel.ts';

const ENTRY = 0x11223344;
const RETURN = 0x55667788;

/** How functions begin that are called through a pointer: `endbr64`, and `bti c`. */
const STARTS: Readonly<Record<string, string>> = { x86_64: 'f30f1efa', aarch64: '5f2403d5' };

const PROGRAM =
  'watch (few, a) for_ms (10) report(a); watch_return (few) for_ms (10) report(elapsed_ns()); 1';

describe.each(TEST_CPUS.filter(canBuild))('the type of a handler, $arch', cpu => {
  const kernel = probedKernel(cpu);
  afterAll(() => kernel.close());

  const compile = (hashes: object, marks: readonly string[] = []) => {
    const { symbols, abi } = kernel.compilerInput;
    const lookup = (name: string) =>
      marks.includes(name) ? [{ name, address: 1n, type: 'T', module: undefined }] : symbols.lookup(name);
    const input = { ...kernel.compilerInput, symbols: { ...symbols, lookup }, abi: { ...abi, ...hashes } };
    return new Compiler(input).compile(PROGRAM, 'farcall_test');
  };
  const textOf = (hashes: object): string =>
    Buffer.from(readElf(compile(hashes).image).sections.get('.init.text')!.bytes).toString('hex');
  const word = (hash: number): string => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(hash);
    return bytes.toString('hex');
  };
  const gap = (hash: number): string => `b8${word(hash)}${'00'.repeat(7)}${word(hash)}`;

  test('the type of a handler is right before it, and where x86 kernels with call padding look', () => {
    const text = textOf({ kcfiEntryHash: ENTRY, kcfiReturnHash: RETURN });
    const start = STARTS[cpu.arch]!;
    // The handler of the entry; that of the return, and the one that notes the time of its entry.
    expect(text.split(`${gap(ENTRY)}${start}`)).toHaveLength(2);
    expect(text.split(`${gap(RETURN)}${start}`)).toHaveLength(3);
  });

  test('the type of a handler is zeros on a kernel without kCFI', () => {
    const start = STARTS[cpu.arch]!;
    // Three handlers, and init.
    expect(textOf({}).split(`${'00'.repeat(16)}${start}`)).toHaveLength(5);
  });

  test('the type of a handler must be known where the kernel checks it', () => {
    const mark = ['report_cfi_failure'];
    expect(failureOf(() => compile({ kcfiEntryHash: ENTRY }, mark)).message).toMatch(
      /checks the types of handlers/,
    );
    expect(failureOf(() => compile({ kcfiReturnHash: RETURN }, mark)).message).toMatch(/kCFI/);
    compile({ kcfiEntryHash: ENTRY, kcfiReturnHash: RETURN }, mark);
  });
});
