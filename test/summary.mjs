// Prints what failed, then `N passed, N failed[, N skipped]`, from what test/counts-reporter.ts wrote into a
// directory; exits with the status of the run.
//
//   node test/summary.mjs DIRECTORY STATUS

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * As much of each failure as tells what it is: the whole of it stands above, in the output of its project.
 */
const MESSAGE_LINES = 12;

const [directory, status] = process.argv.slice(2);
const reports = readdirSync(directory).map(file => ({
  project: basename(file, '.json'),
  ...JSON.parse(readFileSync(join(directory, file), 'utf8')),
}));
if (reports.length === 0) console.log('The run ended before the tests did; what is wrong stands above.');
for (const report of reports) showFailures(report);

const sum = name => reports.reduce((total, report) => total + report[name], 0);
const skipped = sum('skipped');
// A run that failed outside of any test (type errors, a suite that cannot start) is one failure more than
// counted.
const failed = sum('failed') + (Number(status) !== 0 && sum('failed') === 0 ? 1 : 0);
console.log(`${sum('passed')} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = Number(status) !== 0 || failed > 0 ? 1 : 0;

/** Each failure of a project with the start of its message, also one that is no test's. */
function showFailures({ project, success, failures }) {
  for (const { name, message } of failures) {
    console.log(`FAILED ${project} ${name}`);
    console.log(message.split('\n').slice(0, MESSAGE_LINES).join('\n').replace(/^/gm, '    '));
  }
  if (!success && failures.length === 0)
    console.log(`FAILED ${project}: no test of it, but its run; what is wrong stands in its output above`);
}
