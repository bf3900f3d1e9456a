import { viewOf } from '../kcore/index.ts';
import { readSections } from './elf-sections.ts';

/** The facts of a module file about the kernel that it was built for. */
export interface ModuleFileAbi {
  readonly vermagic: string | undefined;
  readonly moduleLayoutCrc: number | undefined;
}

const VERSION_ENTRY_BYTES = 64;
const MODULE_LAYOUT = 'module_layout';
const VERSIONS_MAX = 100_000;

/**
 * Reads `.modinfo` and `__versions` (or `__version_ext_crcs` and `__version_ext_names`, 6.14 on) of a module
 * file.
 * @throws FarcallError FILE_UNREADABLE if it is not an ELF64 file
 */
export function readModuleFile(file: Uint8Array): ModuleFileAbi {
  const sections = readSections(file, [
    '.modinfo',
    '__versions',
    '__version_ext_crcs',
    '__version_ext_names',
  ]);
  const versions = sections.get('__versions') ?? new Uint8Array(0);
  const crcs = sections.get('__version_ext_crcs') ?? new Uint8Array(0);
  const names = sections.get('__version_ext_names') ?? new Uint8Array(0);
  return {
    vermagic: modinfoValue(sections.get('.modinfo') ?? new Uint8Array(0), 'vermagic'),
    moduleLayoutCrc: crcInVersions(versions) ?? crcInExtendedVersions(crcs, names),
  };
}

/**
 * The first value of `key` in a `.modinfo` section.
 *
 *     license=GPL\0depends=\0vermagic=6.1.0-37-amd64 SMP preempt mod_unload modversions \0
 */
export function modinfoValue(section: Uint8Array, key: string): string | undefined {
  const entry = texts(section).find(text => text.startsWith(`${key}=`));
  return entry?.slice(key.length + 1);
}

/**
 * CRC of `module_layout` among entries of 64 bytes: u32 CRC, four bytes of padding, name (struct
 * modversion_info).
 */
export function crcInVersions(section: Uint8Array): number | undefined {
  const view = viewOf(section);
  const entries = Math.min(Math.floor(section.length / VERSION_ENTRY_BYTES), VERSIONS_MAX);
  for (let index = 0; index < entries; index++) {
    const at = index * VERSION_ENTRY_BYTES;
    const name = section.subarray(at + 8, at + VERSION_ENTRY_BYTES);
    if (startsWithString(name, MODULE_LAYOUT)) return view.getUint32(at, true);
  }
  return undefined;
}

/** The same in the form of CONFIG_EXTENDED_MODVERSIONS: all CRCs in one section, all names in another. */
export function crcInExtendedVersions(crcs: Uint8Array, names: Uint8Array): number | undefined {
  const index = texts(names).indexOf(MODULE_LAYOUT);
  if (index < 0 || 4 * index + 4 > crcs.length) return undefined;
  return viewOf(crcs).getUint32(4 * index, true);
}

function texts(section: Uint8Array): readonly string[] {
  return Buffer.from(section).toString('latin1').split('\0', VERSIONS_MAX);
}

function startsWithString(bytes: Uint8Array, text: string): boolean {
  return bytes[text.length] === 0 && Buffer.from(bytes.subarray(0, text.length)).toString('latin1') === text;
}
