/** What the suite looks at, in the order of the support table. */
export const AREAS = {
  calls: 'calls and values',
  structures: 'structures by value, in/out parameters',
  reads: 'kernel data against /proc',
  tasks: 'tasks and RCU',
  writes: 'writes',
  ends: 'faults, fuel, refusals',
  library: 'the C library',
  modules: 'functions and types of modules',
  shapes: 'argument shapes, with a test module',
} as const;

/** One part of what farcall does in a kernel. */
export type Area = keyof typeof AREAS;
