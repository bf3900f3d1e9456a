import { readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  ensureKernelFixtures,
  exportKernelFacts,
  type KernelSeries,
  sharedMachine,
} from '../../../tools/machine/index.ts';

test.each<KernelSeries>(['6.1', '6.12', '7.2'])(
  'the facts of %s are in the cache after one boot',
  async series => {
    const fixtures = await exportKernelFacts(await sharedMachine(series));
    expect(await ensureKernelFixtures(series)).toEqual(fixtures);
    const btf = await readFile(fixtures.vmlinuxBtf);
    expect(btf.readUInt16LE(0)).toBe(0xeb9f);
    const kallsyms = await readFile(fixtures.kallsyms, 'utf8');
    expect(kallsyms).toMatch(/^ffffffff[0-9a-f]{8} T _printk$/m);
    expect(await readFile(fixtures.version, 'utf8')).toContain(fixtures.kernel.release);
    expect((await readFile(fixtures.kcoreHead)).includes('VMCOREINFO')).toBe(true);
    expect((await stat(fixtures.moduleBtf['9p']!)).size).toBeGreaterThan(1000);
  },
);
