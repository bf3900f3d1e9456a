import { isSymbolName, NAME_MAX_BYTES } from '../../compiler/index.ts';
import type { SymbolStore } from './symbol-store.ts';

/**
 * What GCC and Clang append to a function's name when they clone, split or promote it: `.constprop.0`,
 * `.isra.0.cold`, `.part.3`, `.llvm.1234567890`, `.lto_priv.0`, and `$<hash>` of Clang's ThinLTO.
 */
const SUFFIX =
  /^(?:\.(?:constprop|isra|part|cold|llvm|lto_priv|localalias|__uniq)(?:\.[0-9]+)?)+$|^\$[0-9a-f]+$/;

/** The handles of the symbols in `store` that are `name` plus a compiler's suffix. */
export function findVariants(store: SymbolStore, name: string): readonly number[] {
  if (!isSymbolName(name)) return [];
  const wanted = Buffer.from(name, 'latin1');
  const found: number[] = [];
  store.scan(name.length + 2, NAME_MAX_BYTES, (handle, bytes, start, end) => {
    for (let at = 0; at < wanted.length; at++) if (bytes[start + at] !== wanted[at]) return;
    const suffix = Buffer.from(bytes.subarray(start + wanted.length, end)).toString('latin1');
    if (SUFFIX.test(suffix)) found.push(handle);
  });
  return found;
}
