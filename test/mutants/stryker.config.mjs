import { ROOM, reportOf } from './rooms.ts';

/** How Stryker changes one room; mutate-room.ts starts it. */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner', new URL('ignore-words.ts', import.meta.url).pathname],
  ignorers: ['words'],
  vitest: { configFile: 'test/mutants/vitest.config.ts', related: false },
  mutate: [`${ROOM}/**/*.ts`],
  coverageAnalysis: 'perTest',
  // No text is changed: most are messages, which let nobody in. Whatever compares a text is still taken out.
  mutator: { excludedMutations: ['StringLiteral'] },
  // TypeScript 7 has no API that could rewrite tsconfig.json; nothing needs it rewritten.
  tsconfigFile: 'test/mutants/no-tsconfig.json',
  tempDirName: '.cache/stryker',
  ignorePatterns: ['dist', '.cache', 'docs'],
  reporters: ['json'],
  jsonReporter: { fileName: reportOf(ROOM) },
  concurrency: 1,
  // Beyond what the tests took before: a mutant that never ends is killed.
  timeoutMS: 10_000,
};
