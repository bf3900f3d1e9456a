import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Calls `use` with the path of a file that holds `bytes`, and removes it afterwards. */
export function withFile<T>(bytes: Uint8Array, use: (path: string) => T, name = 'file'): T {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-test-'));
  try {
    const path = join(folder, name);
    writeFileSync(path, bytes, { mode: 0o700 });
    return use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One instruction: its offset, and its text (AT&T on x86-64) with single blanks and without comments. */
export interface Disassembled {
  readonly offset: number;
  readonly text: string;
}

/** What reads the machine code of each CPU that we make code for. */
const OBJDUMP: Readonly<Record<string, { readonly program: string; readonly machine: string }>> = {
  x86_64: { program: 'objdump', machine: 'i386:x86-64' },
  aarch64: { program: 'aarch64-linux-gnu-objdump', machine: 'aarch64' },
};

/** What objdump, which knows nothing of our assemblers, makes of machine code. */
export function disassemble(code: Uint8Array, arch = 'x86_64'): Disassembled[] {
  const { program, machine } = OBJDUMP[arch]!;
  const listing = withFile(code, path =>
    execFileSync(program, ['-D', '-w', '-b', 'binary', '-m', machine, '--no-show-raw-insn', path], {
      encoding: 'utf8',
    }),
  );
  return [...listing.matchAll(/^ +([0-9a-f]+):\t(.*)$/gm)].map(([, offset, text]) => ({
    offset: Number.parseInt(offset!, 16),
    text: text!
      .replace(/\s+(#|\/\/) .*$/, '')
      .replace(/\s+/g, ' ')
      .trim(),
  }));
}
