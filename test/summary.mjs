// Prints `N passed, N failed[, N skipped]` from a vitest JSON report, and exits with the status of the run.
//
//   node test/summary.mjs REPORT STATUS

import { readFileSync } from 'node:fs';

const [report, status] = process.argv.slice(2);
let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
try {
  counts = JSON.parse(readFileSync(report, 'utf8'));
} catch {
  console.log('The run ended before the tests did; what is wrong stands above.');
}
const skipped = counts.numPendingTests + counts.numTodoTests;
// A run that failed outside of any test (type errors, a suite that cannot start) is one failure more than counted.
const failed = counts.numFailedTests + (Number(status) !== 0 && counts.numFailedTests === 0 ? 1 : 0);
const code = Number(status) !== 0 || failed > 0 ? 1 : 0;
console.log(`${counts.numPassedTests} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = code;
