// Prints `N passed, N failed[, N skipped]` from the JSON reports of vitest in a directory, and exits with the status of the run.
//
//   node test/summary.mjs DIRECTORY STATUS

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory, status] = process.argv.slice(2);
const reports = readdirSync(directory).map(file => JSON.parse(readFileSync(join(directory, file), 'utf8')));
if (reports.length === 0) console.log('The run ended before the tests did; what is wrong stands above.');
const sum = name => reports.reduce((total, report) => total + report[name], 0);
const skipped = sum('numPendingTests') + sum('numTodoTests');
// A run that failed outside of any test (type errors, a suite that cannot start) is one failure more than counted.
const failed = sum('numFailedTests') + (Number(status) !== 0 && sum('numFailedTests') === 0 ? 1 : 0);
const code = Number(status) !== 0 || failed > 0 ? 1 : 0;
console.log(`${sum('numPassedTests')} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = code;
