import { describe, expect, it } from 'vitest';
import { auditDigest } from '../../../../controller/store/index.ts';
import { sha256 } from '../../../../shared/tokens/index.ts';
import { ENGINES, newParts } from '../../../kit/engines.ts';

const BUILD = { release: '6.1.0-50-amd64', version: '#1 SMP', arch: 'x86_64' };

describe.each(ENGINES)('the types of kernels in the store, on $name', engine => {
  const stores = engine.use();

  it('the types of kernels in the store are kept by build, replaced and dropped; the log does not tell of them', async () => {
    const { kernelTypes, audit } = await newParts(stores);
    const entries = async () => (await audit.page({ afterSeq: 0, limit: 10 })).length;
    const before = await entries();
    const types = (text: string) => {
      const packed = Buffer.from(text);
      return { ...BUILD, packed, digest: sha256(packed), functions: 44_561, host: 'web-1' };
    };
    await kernelTypes.keep(types('old'));
    await kernelTypes.keep({ ...types('new'), host: 'web-2' });
    await kernelTypes.keep({ ...types('other'), version: '#2 SMP' });
    const list = await kernelTypes.list();
    expect(list).toMatchObject([
      { ...BUILD, functions: 44_561, host: 'web-2', fetchedAtMs: expect.any(Number) },
      { ...BUILD, version: '#2 SMP', host: 'web-1' },
    ]);
    expect(list[0]).not.toHaveProperty('packed');
    const packed = await kernelTypes.packed(BUILD);
    expect(auditDigest(packed!)).toBe(Buffer.from(list[0]!.digest).toString('hex'));
    await kernelTypes.drop(BUILD);
    expect(await kernelTypes.packed(BUILD)).toBeUndefined();
    expect((await kernelTypes.list()).length).toBe(1);
    expect(await entries()).toBe(before);
  });
});
