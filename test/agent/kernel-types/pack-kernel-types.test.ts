import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packKernelTypes } from '../../../agent/host-kernel/pack-kernel-types.ts';
import { openSymbols } from '../../../agent/kernel/index.ts';
import { kernelTypesCodec } from '../../../shared/messages/index.ts';
import { smallTypes } from '../../kit/kernel-types-kit.ts';
import { KERNEL_FACTS } from '../support/stand-in-stages.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Lines of /proc/kallsyms, of a kernel that lies `offset` further on than it was linked. */
function kallsyms(offset: bigint): string {
  const line = (at: bigint, rest: string): string =>
    `${(at + offset).toString(16).padStart(16, '0')} ${rest}\n`;
  return [
    '0000000000000000 A __per_cpu_start\n0000000000000100 D runqueues\n0000000000001000 A __per_cpu_end\n',
    line(0xffffffff81000000n, 'T _text'),
    line(0xffffffff81000100n, 't zeta'),
    line(0xffffffff81000200n, 'T alpha'),
    line(0xffffffff81000300n, 't alpha.constprop.0'),
    line(0xffffffff81000400n, 't __pfx_alpha'),
    line(0xffffffff81000500n, 't twice'),
    line(0xffffffff81000600n, 't twice'),
    line(0xffffffff82000000n, 'D init_task'),
    line(0xffffffff82000100n, 'd counter.12'),
    line(0xffffffff83000000n, 'T _sinittext'),
    line(0xffffffff83000010n, 't early'),
    line(0xffffffff83001000n, 'T _einittext'),
    line(0xffffffff84000000n, 'B _end'),
    line(0xffffffffc0201000n, 't nfsd_svc\t[nfsd]'),
    line(0xffffffffc0202000n, 'd nfsd_mutex\t[nfsd]'),
  ].join('');
}

async function packed(offset: bigint) {
  const proc = temporaryDirectory();
  const sys = temporaryDirectory();
  writeFileSync(join(proc, 'kallsyms'), kallsyms(offset));
  writeFileSync(join(proc, 'modules'), 'nfsd 815104 13 - Live 0xffffffffc0201000 (E)\n');
  mkdirSync(join(sys, 'kernel', 'btf'), { recursive: true });
  writeFileSync(join(sys, 'kernel', 'btf', 'vmlinux'), 'of the kernel');
  writeFileSync(join(sys, 'kernel', 'btf', 'nfsd'), 'of nfsd');
  const files = { proc, sys, dev: '/dev', modules: '/lib/modules' };
  const { vmlinux } = smallTypes({ release: '6.1.0-test' });
  const symbols = openSymbols(undefined, files).named();
  return packKernelTypes({ facts: KERNEL_FACTS, vmlinux, symbols, files });
}

describe('the packed types of a kernel', () => {
  it('the packed types of a kernel have names in the order of the alphabet with what they are, its own types and those of its modules', async () => {
    const types = kernelTypesCodec.decode(zstdDecompressSync(await packed(0n)));
    expect(types).toMatchObject({ release: KERNEL_FACTS.kernelRelease, arch: 'x86_64', version: '' });
    expect(types.modules.map(({ name, btf }) => [name, Buffer.from(btf).toString()])).toEqual([
      ['nfsd', 'of nfsd'],
    ]);
    const lines = Buffer.from(types.names).toString('latin1').trimEnd().split('\n');
    expect(lines).toEqual(
      [
        ...[
          'p __per_cpu_start',
          'o __per_cpu_end',
          'v _end',
          'f _einittext',
          'i _sinittext',
          'f _text',
          'f alpha',
        ],
        ...[
          'f alpha.constprop.0',
          'i early',
          'v init_task',
          'v nfsd_mutex\tnfsd',
          'f nfsd_svc\tnfsd',
          'p runqueues',
        ],
        ...['f twice', 'f twice', 'f zeta'],
      ].sort((one, other) => (one.slice(2) < other.slice(2) ? -1 : one.slice(2) > other.slice(2) ? 1 : 0)),
    );
  });

  it('the packed types of a kernel are the same bytes wherever the kernel lies, and in whatever order its functions', async () => {
    const here = Buffer.from(await packed(0n));
    expect(here.equals(await packed(0x1240_0000n))).toBe(true);
  });
});
