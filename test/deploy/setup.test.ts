import { expect, test } from 'vitest';
// @ts-expect-error plain JavaScript that runs before TypeScript can
import { checkNode } from '../../deploy/setup/check-node.mjs';
// @ts-expect-error plain JavaScript that runs before TypeScript can
import { debianPackagesFor } from '../../deploy/setup/debian-packages.mjs';

test('tests need a broker, a database, virtual machines and binutils', () => {
  expect(debianPackagesFor('test')).toEqual(
    expect.arrayContaining([
      'nats-server',
      'postgresql',
      'qemu-system-x86',
      'busybox-static',
      'binutils',
      'qemu-user',
    ]),
  );
});

test('quick tests need neither a browser nor a machine of the same CPU', () => {
  const quick = debianPackagesFor('quick');
  expect(quick).toContain('nats-server');
  expect(quick).not.toContain('chromium');
  expect(quick).not.toContain('qemu-system-x86');
});

test('an unknown purpose is refused with the known ones', () => {
  expect(() => debianPackagesFor('lunch')).toThrow(
    /--for takes one of setup, demo, test, quick, package, bench, not 'lunch'/,
  );
});

test('the Node of Debian 12 is refused by the setup, which says where to get a newer one', () => {
  expect(() => checkNode('18.19.0')).toThrow(/needs Node 20 or later, and this is 18\.19\.0.*nodejs\.org/s);
  expect(() => checkNode('20.0.0')).not.toThrow();
});
