import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { buildLoader, GO_BYTES } from '../../../../agent/compiler/index.ts';
import { DEADLINES } from '../../../kit/deadlines.ts';
import { disassemble, withFile } from '../support/disassemble.ts';
import { failureOf } from '../support/guarded.ts';
import { readElf } from '../support/read-elf.ts';
import { canRun, TEST_CPUS } from '../support/test-cpus.ts';

const HEADERS_BYTES = 64 + 3 * 56;

/** System calls by number, and how the code of each CPU makes one. */
const SYSTEM_CALLS: Readonly<
  Record<
    string,
    { readonly names: Readonly<Record<number, string>>; readonly number: RegExp; readonly call: string }
  >
> = {
  x86_64: {
    names: {
      0: 'read',
      1: 'write',
      8: 'lseek',
      149: 'mlock',
      175: 'init_module',
      228: 'clock_gettime',
      231: 'exit_group',
    },
    number: /^mov \$0x([0-9a-f]+),%eax$/,
    call: 'syscall',
  },
  aarch64: {
    names: {
      62: 'lseek',
      63: 'read',
      64: 'write',
      94: 'exit_group',
      105: 'init_module',
      113: 'clock_gettime',
      228: 'mlock',
    },
    number: /^mov x8, #0x([0-9a-f]+)$/,
    call: 'svc #0x0',
  },
};

describe.each(TEST_CPUS)('the loader for $arch', ({ arch }) => {
  const loader = buildLoader(arch);
  const { text } = readElf(loader);

  test('the loader is a static executable that starts at its first instruction', () => {
    expect(text).toMatch(/Type: +EXEC \(Executable file\)/);
    expect(text).toMatch(/Entry point address: +0x100000e8/);
  });

  test('the loader has code that cannot be written, memory that cannot run, and a stack that cannot run', () => {
    const segments = [...text.matchAll(/^ +(LOAD|GNU_STACK) .* (R ?W? ?E?) +0x/gm)].map(([, type, flags]) => [
      type,
      flags!.trim(),
    ]);
    expect(segments).toEqual([
      ['LOAD', 'R E'],
      ['LOAD', 'RW'],
      ['GNU_STACK', 'RW'],
    ]);
    expect(text).not.toMatch(/INTERP|DYNAMIC/);
  });

  test('the loader has segments that start on a page, however large pages are', () => {
    const addresses = [...text.matchAll(/^ +LOAD +0x0+ 0x([0-9a-f]+)/gm)].map(([, at]) => BigInt(`0x${at}`));
    expect(addresses).toHaveLength(2);
    for (const address of addresses) expect(address % 0x10000n).toBe(0n);
  });

  test('the loader makes the system calls that it should, in their order', () => {
    const { names, number, call } = SYSTEM_CALLS[arch]!;
    let last = -1;
    const calls: (string | undefined)[] = [];
    for (const { text } of disassemble(loader.subarray(HEADERS_BYTES), arch)) {
      const moved = number.exec(text);
      if (moved) last = Number.parseInt(moved[1]!, 16);
      if (text !== call) continue;
      calls.push(last < 0 ? 'as the go message says' : names[last]);
      last = -1;
    }
    expect(calls).toEqual([
      'mlock',
      'read',
      'read',
      'lseek',
      'clock_gettime',
      'as the go message says',
      'clock_gettime',
      'write',
      'exit_group',
    ]);
  });
});

test('a CPU that is not known has no loader', () => {
  for (const arch of ['', 'sparc64', 'constructor', '__proto__']) {
    expect(failureOf(() => buildLoader(arch)).code).toBe('KERNEL_LACKS');
  }
});

// A whole go message is never sent here: it would have the loader load a module into the kernel of this
// machine.
describe.each(TEST_CPUS.filter(canRun))(
  'without a whole go message the loader loads nothing, $arch',
  ({ arch, emulator }) => {
    const inputs = [0, 1, GO_BYTES - 1].map(length => [length, Buffer.alloc(length)] as const);
    const stdio = ['pipe', 'pipe', 'pipe'] as const;

    test.each(inputs)('with %d bytes and the end of file it exits in silence', (_, input) => {
      const { status, signal, stdout, stderr } = withFile(buildLoader(arch), path => {
        const [program, ...args] = [...emulator, path];
        return spawnSync(program!, args, { input, stdio: [...stdio], timeout: DEADLINES.commandMs });
      });
      expect({ status, signal, stdout: stdout.length, stderr: stderr.length }).toEqual({
        status: 0,
        signal: null,
        stdout: 0,
        stderr: 0,
      });
    });

    // What an emulator can say of system calls itself, it says on its standard error.
    const strace = emulator.length > 0 ? [...emulator, '-strace'] : ['strace'];
    const hasStrace = emulator.length > 0 || spawnSync('strace', ['-V']).status === 0;

    test.skipIf(!hasStrace).each(inputs)(
      'with %d bytes strace sees no init_module (skipped without strace)',
      (_, input) => {
        const { stderr } = withFile(buildLoader(arch), path => {
          const [program, ...args] = [...strace, path];
          return spawnSync(program!, args, {
            input,
            stdio: [...stdio],
            timeout: DEADLINES.commandMs,
            encoding: 'utf8',
          });
        });
        const calls = [...stderr.matchAll(/^(?:\d+ )?(\w+)\(/gm)].map(([, name]) => name);
        expect([...new Set(calls)].filter(name => name !== 'execve')).toEqual([
          'mlock',
          'read',
          'exit_group',
        ]);
      },
    );
  },
);
