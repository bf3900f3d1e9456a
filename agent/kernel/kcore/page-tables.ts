import { aarch64PageTables } from './aarch64-page-tables.ts';
import type { PageTables } from './page-walk.ts';
import type { VmcoreInfo } from './vmcoreinfo.ts';
import { x86PageTables } from './x86-64-page-tables.ts';

/** By CPU, as `uname -m` says it, what its kernel says of its page tables. */
const PAGE_TABLES: Readonly<Record<string, (info: VmcoreInfo) => PageTables | undefined>> = {
  aarch64: aarch64PageTables,
  x86_64: x86PageTables,
};

/**
 * The kernel's page tables; undefined if the CPU is not known here, or the kernel does not tell. Threat: there, what
 * /proc/kcore says of pages that are not mapped is taken for memory, so that a program that is interpreted may return it
 * where a module would fault.
 */
export function pageTablesOf(arch: string, info: VmcoreInfo): PageTables | undefined {
  return Object.hasOwn(PAGE_TABLES, arch) ? PAGE_TABLES[arch]!(info) : undefined;
}
