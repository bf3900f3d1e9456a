import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SUITE_KERNELS, type SuiteKernel } from './kernels.ts';
import type { KernelSupport } from './support-table.ts';

const FILE = fileURLToPath(new URL('../../../.cache/measured/support.json', import.meta.url));

/** As people and `FARCALL_SUITE_KERNELS` name a kernel: `arm64 6.12 16k`. */
export function nameOf({ arch, series, flavour }: SuiteKernel): string {
  return `${arch} ${series} ${flavour}`;
}

/**
 * What the last run of each kernel found, in the order of the table; kernels that were never run are left
 * out.
 */
export function measured(): KernelSupport[] {
  if (!existsSync(FILE)) return [];
  const found: KernelSupport[] = JSON.parse(readFileSync(FILE, 'utf8'));
  const byName = new Map(found.map(support => [nameOf(support), support]));
  return SUITE_KERNELS.flatMap(kernel => byName.get(nameOf(kernel)) ?? []);
}

/** Keeps what a run of one kernel found, in place of what an earlier one did. */
export function keepMeasured(support: KernelSupport): void {
  const others = measured().filter(other => nameOf(other) !== nameOf(support));
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify([...others, support], null, 2)}\n`);
}
