// Runs in a guest: closes its kernel step by step, and prints as JSON what agent/kernel gets after each step.
//
//   node guest-locked.ts [FILE=VALUE …]

import { writeFileSync } from 'node:fs';
import { openKcore, openSymbols, readKernelFacts, readModuleAbi } from '../../../agent/kernel/index.ts';

/** Each a value, or the code and message of the error. */
export interface LockedReport {
  readonly facts: unknown;
  readonly kcore: unknown;
  readonly symbols: unknown;
  readonly abi: unknown;
}

function attempt(make: () => unknown): unknown {
  try {
    return make();
  } catch (thrown) {
    if (!(thrown instanceof Error) || !('code' in thrown)) throw thrown;
    return { code: thrown.code, message: thrown.message };
  }
}

function lookAround(): LockedReport {
  const table = attempt(() => openSymbols(undefined).table) as ReturnType<typeof openSymbols>['table'];
  return {
    facts: attempt(() => readKernelFacts()),
    kcore: attempt(() => {
      using kcore = openKcore();
      return kcore.segments.length > 0;
    }),
    symbols: 'code' in table ? table : table.lookup('wake_up_process').length,
    abi: attempt(() => readModuleAbi({ symbols: table, memory: undefined })),
  };
}

const reports = [lookAround()];
for (const step of process.argv.slice(2)) {
  const [file, value] = step.split('=') as [string, string];
  writeFileSync(file, value);
  reports.push(lookAround());
}
process.stdout.write(JSON.stringify(reports));
