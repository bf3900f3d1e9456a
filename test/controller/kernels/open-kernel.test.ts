import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openKernel } from '../../../controller/kernels/open-kernel.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { KERNEL_TYPES_LIMITS } from '../../../shared/messages/index.ts';
import { packTypes, smallTypes } from '../../kit/kernel-types-kit.ts';

const BUILD = { release: '6.1.0', version: '#1 SMP', arch: 'x86_64' };
const TYPES = smallTypes(BUILD);

describe('packed types of a kernel', () => {
  it('packed types of a kernel are opened if they are of the expected kernel', async () => {
    const languageService = await openKernel(packTypes(TYPES), BUILD);
    expect(languageService.functionCount).toBe(6);
    expect(languageService.check('wake_up_process(get_task())').diagnostics).toEqual([]);
    for (const other of [{ release: '6.2.0' }, { version: '#2 SMP' }, { arch: 'aarch64' }])
      await expect(openKernel(packTypes(TYPES), { ...BUILD, ...other })).rejects.toMatchObject({
        code: 'MESSAGE_INVALID',
      });
  });

  it('packed types of a kernel that would unpack to more than their limit are refused, before they take that room', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(KERNEL_TYPES_LIMITS.unpackedBytes + 1));
    expect(bomb.length).toBeLessThan(20_000);
    const before = process.memoryUsage().rss;
    const wide = zstdCompressSync(Buffer.alloc(64));
    // Frame header with the largest window that can be asked for: 3.75 TB (RFC 8878, 3.1.1.1.2).
    const huge = Buffer.from([...wide.subarray(0, 4), 0x00, 0xff, ...wide.subarray(6)]);
    for (const bytes of [bomb, huge])
      await expect(openKernel(bytes, BUILD)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' });
    expect(process.memoryUsage().rss - before).toBeLessThan(4 * KERNEL_TYPES_LIMITS.unpackedBytes);
  });

  it.each([
    ['types that are no BTF', { vmlinux: Buffer.from('no BTF') }, 'BTF_INVALID'],
    ['names that are no list', { names: Buffer.from('no list') }, 'MESSAGE_INVALID'],
  ])('packed types of a kernel with %s are refused', async (_name, wrong, code) => {
    await expect(openKernel(packTypes({ ...TYPES, ...wrong }), BUILD)).rejects.toMatchObject({ code });
  });

  it('packed types of a kernel with types of a module that cannot be read are as if it had none', async () => {
    const modules = [{ name: 'nfsd', btf: Buffer.from('no BTF') }];
    const languageService = await openKernel(packTypes({ ...TYPES, modules }), BUILD);
    expect(languageService.check('nfsd_svc@nfsd()').diagnostics).toMatchObject([
      { code: 'SYMBOL_NOT_CALLABLE' },
    ]);
  });

  it('types of any bytes, or with changed bytes, give a kernel or a FarcallError', async () => {
    const good = packTypes(TYPES);
    const changed = fc.tuple(fc.nat(TYPES.vmlinux.length - 1), fc.nat(255)).map(([at, value]) => {
      const vmlinux = Buffer.from(TYPES.vmlinux);
      vmlinux[at] = value;
      return packTypes({ ...TYPES, vmlinux });
    });
    const cut = fc.nat(good.length - 1).map(length => good.subarray(0, length));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 100 }), changed, cut), async bytes => {
        try {
          const languageService = await openKernel(bytes, BUILD);
          expect(languageService.functionCount).toBeGreaterThanOrEqual(0);
          languageService.check('wake_up_process(get_task())->pid');
          languageService.complete({ program: 'get_task()->', offset: 12, limit: 10 });
          for (const _each of languageService.functions(() => true));
        } catch (error) {
          expect(error).toBeInstanceOf(FarcallError);
        }
      }),
      { numRuns: 400 },
    );
  });
});
