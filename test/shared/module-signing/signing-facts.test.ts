import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appendSignature, enforcesSignatures } from '../../../shared/module-signing/index.ts';

test.each([
  [{ sigEnforce: false, lockdown: 'none' }, false],
  [{ sigEnforce: false, lockdown: '' }, false],
  [{ sigEnforce: true, lockdown: 'none' }, true],
  [{ sigEnforce: false, lockdown: 'integrity' }, true],
  [{ sigEnforce: true, lockdown: 'confidentiality' }, true],
] as const)('a kernel with %j enforces signatures: %s', (facts, enforces) => {
  expect(enforcesSignatures(facts)).toBe(enforces);
});

test('a signed module ends as include/linux/module_signature.h says', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      (image, der) => {
        const signed = Buffer.from(appendSignature(image, der));
        const marker = '~Module signature appended~\n';
        expect(signed.subarray(-marker.length).toString('latin1')).toBe(marker);
        const about = signed.subarray(-marker.length - 12, -marker.length);
        expect([...about.subarray(0, 8)]).toEqual([0, 0, 2, 0, 0, 0, 0, 0]);
        const end = signed.length - marker.length - 12;
        expect(signed.subarray(end - about.readUInt32BE(8), end).equals(der)).toBe(true);
        expect(signed.subarray(0, image.length).equals(image)).toBe(true);
      },
    ),
  );
});

test('no signature, or one that no key makes, is not appended', () => {
  for (const length of [0, 8193])
    expect(() => appendSignature(new Uint8Array(4), new Uint8Array(length))).toThrow(/is empty or too long/);
});
