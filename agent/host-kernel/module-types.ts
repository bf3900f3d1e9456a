import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Btf } from '../compiler/index.ts';
import { type HostFiles, hostFileError, systemErrorCode } from '../kernel/index.ts';

/** A module's name is part of a path here; `find_module` takes anything else. */
const MODULE_NAME = /^[A-Za-z0-9_]{1,64}$/;

interface KnownTypes {
  /** Number of the file: the kernel makes a new one each time that the module is loaded. */
  readonly inode: bigint;
  readonly btf: Btf;
}

/**
 * Looks up the types of a loaded module, split BTF over `base`. They are read at the first lookup, and again
 * after the module was reloaded. Undefined for a module that is not loaded, or that was built without types.
 */
export function moduleTypes(base: Btf, files: HostFiles): (module: string) => Btf | undefined {
  const known = new Map<string, KnownTypes>();
  return module => {
    if (!MODULE_NAME.test(module)) return undefined;
    const path = join(files.sys, 'kernel', 'btf', module);
    const inode = inodeOf(path);
    let types = known.get(module);
    if (inode === undefined) known.delete(module);
    else if (types?.inode !== inode) {
      types = { inode, btf: new Btf(readFile(path), base) };
      known.set(module, types);
    }
    return inode === undefined ? undefined : types?.btf;
  };
}

/** The names of the loaded modules that have types; none where they cannot be listed. */
export function modulesWithTypes(files: HostFiles): readonly string[] {
  try {
    const found = readdirSync(join(files.sys, 'kernel', 'btf'));
    return found.filter(name => name !== 'vmlinux' && MODULE_NAME.test(name)).sort();
  } catch {
    // Only an error message is poorer.
    return [];
  }
}

function inodeOf(path: string): bigint | undefined {
  try {
    return statSync(path, { bigint: true }).ino;
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'ENOENT') return undefined;
    throw hostFileError(path, thrown);
  }
}

function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw hostFileError(path, thrown);
  }
}
