import { globMatches } from '../../../../shared/glob/index.ts';

/** Functions of one kind, by patterns of their names, and why calling one is a write. */
export interface WritingKind {
  readonly reason: string;
  /** `*` stands for any characters, `?` for one. */
  readonly names: readonly string[];
}

/**
 * Functions that write by their kind: their caller names the address, and chooses what is written there.
 *
 * Threat: `memcpy(&panic_timeout, "\1", 4)` writes as `panic_timeout = 1` does, and would count as a call,
 * for which a bundle may ask fewer approvals. A call of one of these is a `write`. The table knows no more
 * than names: any other function may write, too, because a call may do anything.
 */
export const WRITING_KINDS: readonly WritingKind[] = [
  {
    reason: 'copies, moves or fills bytes at an address',
    names: ['*memcpy*', '*memmove*', '*memset*', 'clear_page*', 'copy_page*', 'copy_highpage'],
  },
  {
    reason: 'copies from or to memory of a process, of the kernel, or of an iterator',
    names: [
      '*copy_to_*',
      '*copy_from_*',
      'copy_mc_*',
      '*access_*_vm',
      '__put_user_?',
      '__put_user_nocheck_?',
    ],
  },
  {
    reason: 'writes a string to an address',
    names: [
      '*strcpy*',
      '*strncpy*',
      '*strlcpy*',
      '*strscpy*',
      '*strcat*',
      '*strncat*',
      '*strlcat*',
      'strsep',
      'strreplace',
      'string_escape_*',
      'string_unescape*',
    ],
  },
  {
    reason: 'prints into memory',
    names: [
      'sprintf',
      'snprintf',
      'scnprintf',
      'vsprintf',
      'vsnprintf',
      'vscnprintf',
      '*bprintf',
      'bstr_printf',
      'vbin_printf',
      'bin2hex',
      'hex_dump_to_buffer',
    ],
  },
  {
    reason: 'stores what it reads from a text at an address',
    names: [
      '*kstrto*',
      'simple_strto*',
      'sscanf',
      'vsscanf',
      'hex2bin',
      'bitmap_parse*',
      'param_set_*',
      'proc_do*',
    ],
  },
  {
    reason: 'sets what its caller names',
    names: ['*_set', '*set_bit', '*clear_bit', '*bitmap_clear*', 'get_random_bytes*'],
  },
  {
    reason: 'writes to devices, or to registers of the CPU',
    names: [
      'iowrite*',
      '*wrmsr*',
      '*write_msr*',
      'native_write_cr?',
      'pci_*write_config_*',
      'pci_bus_write_config_*',
    ],
  },
  {
    reason: 'writes code, or makes memory writable',
    names: [
      'text_poke*',
      '*patch_text*',
      'aarch64_insn_write*',
      'aarch64_insn_copy',
      'aarch64_insn_set',
      'set_memory_*',
      '__set_fixmap',
    ],
  },
];

/** Why a call of the function counts as a write; undefined where it counts as a call. */
export function writesByKind(name: string): string | undefined {
  return WRITING_KINDS.find(({ names }) => names.some(pattern => globMatches(pattern, name)))?.reason;
}
