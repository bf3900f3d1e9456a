export { AREAS, type Area } from './areas.ts';
export { type Case, CaseResults } from './case.ts';
export { CASES } from './cases.ts';
export { callsFromCommandLine, SUITE_KERNELS, type SuiteKernel } from './kernels.ts';
export { keepMeasured, measured, nameOf } from './measured.ts';
export { runSuite, type SuiteRun } from './run-suite.ts';
export { type KernelSupport, withSupportTable } from './support-table.ts';
