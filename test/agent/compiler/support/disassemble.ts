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

/** One instruction: its offset in hexadecimal, and AT&T text with single blanks and without comments. */
export interface Disassembled {
  readonly offset: number;
  readonly text: string;
}

/** What objdump, which knows nothing of our assembler, makes of x86-64 machine code. */
export function disassemble(code: Uint8Array): Disassembled[] {
  const listing = withFile(code, path =>
    execFileSync('objdump', ['-D', '-w', '-b', 'binary', '-m', 'i386:x86-64', '--no-show-raw-insn', path], {
      encoding: 'utf8',
    }),
  );
  return [...listing.matchAll(/^ +([0-9a-f]+):\t(.*)$/gm)].map(([, offset, text]) => ({
    offset: Number.parseInt(offset!, 16),
    text: text!
      .replace(/ +#.*$/, '')
      .replace(/\s+/g, ' ')
      .trim(),
  }));
}
