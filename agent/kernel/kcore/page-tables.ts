import type { VmcoreInfo } from './vmcoreinfo.ts';
import { type PageTableRoot, pageTableRoot } from './x86-page-tables.ts';

/**
 * By CPU, as `uname -m` says it, where the kernel's page tables start. AArch64 is not there: its tables have another form
 * for each size of pages and addresses, and nothing here walks them yet. Threat: what /proc/kcore says there of pages that
 * are not mapped is taken for memory, so that a program that is interpreted may return it where a module would fault.
 */
const ROOTS: Readonly<Record<string, (info: VmcoreInfo) => PageTableRoot | undefined>> = {
  x86_64: pageTableRoot,
};

/** What a walk of the kernel's page tables starts from; undefined where the CPU or the kernel does not tell. */
export function pageTablesOf(arch: string, info: VmcoreInfo): PageTableRoot | undefined {
  return Object.hasOwn(ROOTS, arch) ? ROOTS[arch]!(info) : undefined;
}
