import { FarcallError } from '../../../shared/errors/index.ts';
import { writeExecutable } from '../elf/index.ts';
import { loaderText as aarch64 } from './aarch64.ts';
import { BSS_BYTES, LOADER } from './layout.ts';
import { loaderText as x86_64 } from './x86-64.ts';

const TEXTS: Readonly<Record<string, () => Uint8Array>> = { x86_64, aarch64 };

/**
 * The loader: a static executable of a few hundred bytes which loads the module that it reads from its
 * standard input. Node has no raw system calls, and the module needs an address in the process that loads it.
 * A process of its own also means that an oops kills it and not the agent.
 */
export function buildLoader(arch: string): Uint8Array {
  const text = Object.hasOwn(TEXTS, arch) ? TEXTS[arch] : undefined;
  if (!text) throw new FarcallError('KERNEL_LACKS', `farcall has no loader for ${arch}`);
  return writeExecutable({
    arch,
    textAddress: LOADER.TEXT_ADDRESS,
    text: text(),
    bssAddress: LOADER.REPLY_ADDRESS,
    bssBytes: BSS_BYTES,
  });
}
