import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { buildLoader, GO_BYTES } from '../../../agent/compiler/index.ts';
import { disassemble, withFile } from './support/disassemble.ts';
import { failureOf } from './support/guarded.ts';
import { readElf } from './support/read-elf.ts';

const loader = buildLoader('x86_64');
const HEADERS_BYTES = 64 + 3 * 56;

describe('readelf finds a static executable', () => {
  const { text } = readElf(loader);

  test('that starts at its first instruction', () => {
    expect(text).toMatch(/Type: +EXEC \(Executable file\)/);
    expect(text).toMatch(/Entry point address: +0x100000e8/);
  });

  test('with code that cannot be written, memory that cannot run, and a stack that cannot run', () => {
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
});

test('it makes the system calls that it should, in their order', () => {
  const names: Readonly<Record<number, string>> = {
    0: 'read',
    1: 'write',
    8: 'lseek',
    149: 'mlock',
    228: 'clock_gettime',
    231: 'exit_group',
    175: 'init_module',
  };
  let rax = -1;
  const calls: (string | undefined)[] = [];
  for (const { text } of disassemble(loader.subarray(HEADERS_BYTES))) {
    const moved = /^mov \$0x([0-9a-f]+),%eax$/.exec(text);
    if (moved) rax = Number.parseInt(moved[1]!, 16);
    if (text === 'syscall') calls.push(names[rax]);
  }
  expect(calls).toEqual([
    'mlock',
    'read',
    'read',
    'lseek',
    'clock_gettime',
    'init_module',
    'clock_gettime',
    'write',
    'exit_group',
  ]);
});

test('no loader for a CPU that is not known', () => {
  for (const arch of ['', 'sparc64', 'constructor', '__proto__']) {
    expect(failureOf(() => buildLoader(arch)).code).toBe('KERNEL_LACKS');
  }
});

// A whole go message is never sent here: it would have the loader load a module into the kernel of this machine.
describe.skipIf(process.arch !== 'x64')(
  'without a whole go message it loads nothing (skipped where the CPU is not x86-64)',
  () => {
    const inputs = [0, 1, GO_BYTES - 1].map(length => [length, Buffer.alloc(length)] as const);
    const stdio = ['pipe', 'pipe', 'pipe'] as const;

    test.each(inputs)('with %d bytes and the end of file it exits in silence', (_, input) => {
      const { status, signal, stdout, stderr } = withFile(loader, path =>
        spawnSync(path, { input, stdio: [...stdio], timeout: 10_000 }),
      );
      expect({ status, signal, stdout: stdout.length, stderr: stderr.length }).toEqual({
        status: 0,
        signal: null,
        stdout: 0,
        stderr: 0,
      });
    });

    const hasStrace = spawnSync('strace', ['-V']).status === 0;

    test.skipIf(!hasStrace).each(inputs)(
      'with %d bytes strace sees no init_module (skipped without strace)',
      (_, input) => {
        const { stderr } = withFile(loader, path =>
          spawnSync('strace', [path], { input, stdio: [...stdio], timeout: 10_000, encoding: 'utf8' }),
        );
        const calls = [...stderr.matchAll(/^(\w+)\(/gm)].map(([, name]) => name);
        expect([...new Set(calls)]).toEqual(['execve', 'mlock', 'read', 'exit_group']);
      },
    );
  },
);
