// Runs in a guest whose kernel tells no symbols of data: what it asks of modules, from its memory and from
// its module files, as JSON.

import type { ModuleAbi } from '../../../agent/compiler/index.ts';
import { HOST_FILES, openKcore, openSymbols, readModuleAbi } from '../../../agent/kernel/index.ts';
import { toFarcallError } from '../../../shared/errors/index.ts';

/** What the guest found. */
export interface ReticentReport {
  readonly origin: string;
  readonly functions: number;
  readonly variables: number;
  /** The code of the error, where the module files cannot be read. */
  readonly fromMemory: string | ModuleAbi;
  readonly fromFiles: ModuleAbi;
}

using memory = openKcore();
const { origin, own: symbols } = openSymbols(memory);
const count = (names: readonly string[]): number =>
  names.filter(name => symbols.lookup(name).length > 0).length;

function fromMemory(): string | ModuleAbi {
  try {
    return readModuleAbi({ symbols, memory, files: { ...HOST_FILES, modules: '/nowhere' } });
  } catch (thrown) {
    return toFarcallError(thrown).code;
  }
}

const report: ReticentReport = {
  origin,
  functions: count(['nr_processes', 'wake_up_process', 'gcd']),
  variables: count(['init_task', 'vermagic', '__start___ksymtab']),
  fromMemory: fromMemory(),
  fromFiles: readModuleAbi({ symbols, memory }),
};
process.stdout.write(JSON.stringify(report));
