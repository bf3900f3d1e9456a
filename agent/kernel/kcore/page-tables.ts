import { aarch64PageTables } from './aarch64-page-tables.ts';
import type { PageTables } from './page-walk.ts';
import type { VmcoreInfo } from './vmcoreinfo.ts';
import { x86PageTables } from './x86-64-page-tables.ts';

/** How to find a kernel's page tables, by CPU as `uname -m` says it. */
const PAGE_TABLES: Readonly<Record<string, (info: VmcoreInfo) => PageTables | undefined>> = {
  aarch64: aarch64PageTables,
  x86_64: x86PageTables,
};

/**
 * The kernel's page tables; undefined if this code does not know the CPU, or the kernel does not tell.
 * Threat: then what /proc/kcore returns for unmapped pages is taken for memory, so that a program that is
 * interpreted may return it while a module would fault.
 */
export function pageTablesOf(arch: string, info: VmcoreInfo): PageTables | undefined {
  return Object.hasOwn(PAGE_TABLES, arch) ? PAGE_TABLES[arch]!(info) : undefined;
}
