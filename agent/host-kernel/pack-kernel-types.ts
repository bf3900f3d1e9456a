import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { KERNEL_MODULES_LIMIT, kernelTypesCodec } from '../../shared/messages/index.ts';
import { compareNames, type NamedSymbol, nameLine } from '../compiler/index.ts';
import { TimeSlice } from '../interpret/index.ts';
import type { HostFiles } from '../kernel/index.ts';
import type { ReportedKernelFacts } from '../stages/index.ts';

/** Most bytes of unpacked types of all modules; modules that do not fit are left out. */
const MODULES_LIMIT_BYTES = 48 << 20;
const MODULE_NAME = /^[A-Za-z0-9_]{1,64}$/;

/** The types, names and module files of this kernel, and the facts that go before them. */
export interface PackedSources {
  readonly facts: Pick<ReportedKernelFacts, 'kernelRelease' | 'kernelVersion' | 'arch'>;
  /** BTF of the kernel itself. */
  readonly vmlinux: Uint8Array;
  readonly symbols: Iterable<NamedSymbol>;
  readonly files: HostFiles;
}

/**
 * The types and names of this kernel, packed, by which programs are checked: its types, those of the loaded
 * modules, and the names of its functions and variables in alphabetical order. No address is in it. Takes
 * half a second, and yields every few milliseconds.
 */
export async function packKernelTypes(sources: PackedSources): Promise<Uint8Array> {
  const { facts, vmlinux, symbols, files } = sources;
  const { kernelRelease: release, kernelVersion: version = '', arch } = facts;
  const names = await listNames(symbols);
  const types = kernelTypesCodec.encode({
    ...{ release, version, arch, vmlinux, names },
    modules: moduleTypes(files),
  });
  return await promisify(zstdCompress)(types, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
}

async function listNames(symbols: Iterable<NamedSymbol>): Promise<Uint8Array> {
  const slice = new TimeSlice();
  const groups = new Map<string, NamedSymbol[]>();
  for (const symbol of symbols) {
    const start = symbol.name.slice(0, 4);
    const group = groups.get(start);
    if (group) group.push(symbol);
    else groups.set(start, [symbol]);
    if (slice.isOver) await nextSlice(slice);
  }
  const parts: string[] = [];
  // A shorter name sorts before longer ones that begin with it, so the groups can be joined as they are.
  for (const start of [...groups.keys()].sort()) {
    const lines = groups.get(start)!.sort(compareNames).map(nameLine);
    parts.push(lines.join(''));
    if (slice.isOver) await nextSlice(slice);
  }
  return Buffer.from(parts.join(''), 'latin1');
}

async function nextSlice(slice: TimeSlice): Promise<void> {
  await setImmediate();
  slice.renew();
}

/** Split BTF of the loaded modules, by name, as many as fit. */
function moduleTypes(files: HostFiles): { name: string; btf: Uint8Array }[] {
  const folder = join(files.sys, 'kernel', 'btf');
  const modules: { name: string; btf: Uint8Array }[] = [];
  let remainingBytes = MODULES_LIMIT_BYTES;
  for (const name of namesIn(folder)) {
    const btf =
      modules.length < KERNEL_MODULES_LIMIT ? readUpTo(join(folder, name), remainingBytes) : undefined;
    if (!btf) continue;
    remainingBytes -= btf.length;
    modules.push({ name, btf });
  }
  return modules;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => name !== 'vmlinux' && MODULE_NAME.test(name))
      .sort();
  } catch {
    return [];
  }
}

/** Undefined if it is longer, or the module was just taken out: its types are no matter then. */
function readUpTo(path: string, limitBytes: number): Uint8Array | undefined {
  try {
    return statSync(path).size <= limitBytes ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}
