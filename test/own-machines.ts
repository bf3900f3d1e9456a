/**
 * Tests that boot virtual machines of their own, turn those that they have off and on, or install packages.
 */
export const OWN_MACHINES: readonly string[] = [
  'test/kernel/signing/secure-boot.test.ts',
  'test/kernel/site.test.ts',
  'test/kernel/power-cut.test.ts',
  'test/kernel/both-cpus.test.ts',
  'test/browser/machines.test.ts',
  'test/docs/tutorial.test.ts',
  'test/kernel/runner/lifetime.test.ts',
  'test/kernel/signing/stages.test.ts',
  'test/package/install.test.ts',
  'test/package/units.test.ts',
];
