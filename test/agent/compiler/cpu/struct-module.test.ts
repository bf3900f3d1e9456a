import { describe, expect, test } from 'vitest';
import { BTF_KIND, Btf } from '../../../../agent/compiler/btf/index.ts';
import { structModuleLayout } from '../../../../agent/compiler/kmodule/index.ts';
import { BtfBuilder } from '../support/btf-builder.ts';
import { failureOf } from '../support/guarded.ts';

interface ModuleShape {
  readonly sizeBytes?: number;
  readonly nameBytes?: number;
  readonly nameBit?: number;
  readonly initBit?: number;
}

/** The BTF of a kernel whose struct module looks like this. */
function kernelWith({ sizeBytes = 896, nameBytes = 56, nameBit = 192, initBit = 2496 }: ModuleShape): Btf {
  const b = new BtfBuilder();
  const name = b.array(b.int('char', 1), nameBytes);
  const init = b.ref(BTF_KIND.PTR, 0);
  b.struct('module', sizeBytes, [
    { name: 'name', type: name, bitOffset: nameBit },
    { name: 'init', type: init, bitOffset: initBit },
  ]);
  return new Btf(b.build());
}

describe('struct module is read from BTF', () => {
  test.each([
    ['6.1', { sizeBytes: 896, initBit: 312 * 8 }, 896, 312],
    ['6.12', { sizeBytes: 1280, initBit: 312 * 8 }, 1280, 312],
    ['7.2', { sizeBytes: 1280, initBit: 304 * 8 }, 1280, 304],
  ] as const)('of %s', (_, shape, sizeBytes, initOffset) => {
    expect(structModuleLayout(kernelWith(shape))).toEqual({
      sizeBytes,
      nameOffset: 24,
      nameBytes: 56,
      initOffset,
    });
  });

  test('a structure of that name without the members is not it', () => {
    const b = new BtfBuilder();
    b.struct('module', 8, [{ name: 'name', type: b.int('int', 4), bitOffset: 0 }]);
    b.struct('module', 8, []);
    expect(failureOf(() => structModuleLayout(new Btf(b.build()))).code).toBe('KERNEL_LACKS');
  });

  test.each([
    ['init runs past the end', { initBit: 889 * 8 }],
    ['init is far behind the end', { initBit: 0xfffffff8 }],
    ['init starts within a byte', { initBit: 2497 }],
    ['the name runs past the end', { nameBit: 841 * 8 }],
    ['the name starts within a byte', { nameBit: 193 }],
    ['the name has no room', { nameBytes: 0 }],
    ['the name is larger than all', { nameBytes: 0xffffffff }],
    ['it has no size', { sizeBytes: 0 }],
    ['it is larger than memory', { sizeBytes: 0xffffffff }],
  ] as const)('a layout in which %s is refused', (_, shape) => {
    expect(failureOf(() => structModuleLayout(kernelWith(shape))).code).toBe('KERNEL_LACKS');
  });
});
