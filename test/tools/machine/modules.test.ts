import { expect, test } from 'vitest';
import { loadOrder, moduleName } from '../../../tools/machine/modules.ts';

const DEP = [
  'kernel/net/9p/9pnet_virtio.ko.xz: kernel/net/9p/9pnet.ko.xz kernel/drivers/virtio/virtio.ko.xz',
  'kernel/net/9p/9pnet.ko.xz:',
  'kernel/fs/9p/9p.ko.xz: kernel/fs/netfs/netfs.ko.xz kernel/net/9p/9pnet.ko.xz',
  'kernel/fs/netfs/netfs.ko.xz:',
  'kernel/drivers/virtio/virtio.ko.xz:',
  '',
].join('\n');

test('each module comes once, after all that it needs', () => {
  expect(loadOrder(DEP, '', ['9pnet_virtio', '9p']).map(moduleName)).toEqual([
    '9pnet',
    'virtio',
    '9pnet_virtio',
    'netfs',
    '9p',
  ]);
});

test('what is built in needs no file', () => {
  expect(loadOrder(DEP, 'kernel/drivers/virtio/virtio-pci.ko\n', ['virtio_pci'])).toEqual([]);
});

test('a module that the kernel does not have is named', () => {
  expect(() => loadOrder(DEP, '', ['zonefs'])).toThrow('this kernel has no module zonefs');
});

test.each([
  ['kernel/fs/9p/9p.ko', '9p'],
  ['a/virtio-rng.ko.xz', 'virtio_rng'],
  ['a/b.ko.zst', 'b'],
])('the module in %s is called %s', (path, name) => {
  expect(moduleName(path)).toBe(name);
});
