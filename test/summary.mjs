// Prints what failed, then `N passed, N failed[, N skipped]`, from the JSON reports of vitest in a directory; exits with the
// status of the run.
//
//   node test/summary.mjs DIRECTORY STATUS

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

/** As much of each failure as tells what it is: the whole of it stands above, in the output of its project. */
const MESSAGE_LINES = 12;

const [directory, status] = process.argv.slice(2);
const reports = readdirSync(directory).map(file => ({
  project: basename(file, '.json'),
  ...JSON.parse(readFileSync(join(directory, file), 'utf8')),
}));
if (reports.length === 0) console.log('The run ended before the tests did; what is wrong stands above.');
for (const report of reports) showFailures(report);

const sum = name => reports.reduce((total, report) => total + report[name], 0);
const skipped = sum('numPendingTests') + sum('numTodoTests');
// A run that failed outside of any test (type errors, a suite that cannot start) is one failure more than counted.
const failed = sum('numFailedTests') + (Number(status) !== 0 && sum('numFailedTests') === 0 ? 1 : 0);
const code = Number(status) !== 0 || failed > 0 ? 1 : 0;
console.log(`${sum('numPassedTests')} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = code;

/** Each failed test of a project with the start of its message, and a failure that is no test's. */
function showFailures({ project, success, testResults }) {
  const shown = testResults.flatMap(file => failuresOf(file));
  for (const { name, message } of shown) {
    console.log(`FAILED ${project} ${name}`);
    console.log(message.split('\n').slice(0, MESSAGE_LINES).join('\n').replace(/^/gm, '    '));
  }
  if (!success && shown.length === 0)
    console.log(`FAILED ${project}: no test of it, but its run; what is wrong stands in its output above`);
}

function failuresOf({ name, status: state, message, assertionResults }) {
  const file = relative(process.cwd(), name);
  const tests = assertionResults
    .filter(test => test.status === 'failed')
    .map(test => ({ name: `${file} > ${test.fullName}`, message: test.failureMessages.join('\n') }));
  return tests.length === 0 && state === 'failed' ? [{ name: file, message }] : tests;
}
