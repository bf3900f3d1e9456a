import { expect, test } from 'vitest';
import { byVersion } from '../../../tools/machine/kernels.ts';

test('the newest of several packages is the one with the highest version', () => {
  const names = [
    'linux-image-6.12.90+deb13.1-amd64',
    'linux-image-6.12.107+deb13-amd64',
    'linux-image-6.12.9+deb13-amd64',
  ];
  expect(names.sort(byVersion).at(-1)).toBe('linux-image-6.12.107+deb13-amd64');
});
