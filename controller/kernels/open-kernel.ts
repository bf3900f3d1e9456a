import { promisify } from 'node:util';
import { constants, zstdDecompress } from 'node:zlib';
import { Btf, type LanguageService, NamedSymbols, openLanguageService } from '../../agent/compiler/index.ts';
import { releasedLibrary } from '../../shared/assets/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { KERNEL_TYPES_LIMITS, type KernelTypes, kernelTypesCodec } from '../../shared/messages/index.ts';
import type { KernelBuild } from '../store/index.ts';
import { buildKey, buildName } from './kernel-builds.ts';

/**
 * The largest window that a packer of ours uses, as a power of two: what asks for more memory than that is
 * refused.
 */
const WINDOW_LOG_MAX = 27;

/**
 * The kernel whose packed types these are.
 *
 * Threats: a few bytes that unpack to gigabytes (unpacking stops at its limit, and asks for no more memory
 * than that); bytes that are no types, or of another kernel (decoded, opened and compared here, before
 * anything is kept). What is left to a host that lies is to mislead checks of programs: its name stands
 * beside each. Throws MESSAGE_INVALID or BTF_INVALID.
 */
export async function openKernel(packed: Uint8Array, build: KernelBuild): Promise<LanguageService> {
  const types = kernelTypesCodec.decode(await unpack(packed));
  if (buildKey(types) !== buildKey(build))
    throw new FarcallError(
      'MESSAGE_INVALID',
      `the types are of ${buildName(types)}, not of ${buildName(build)}`,
    );
  const btf = new Btf(types.vmlinux);
  const symbols = new NamedSymbols(types.names);
  const { arch, release } = types;
  const namesOfLibrary = (): readonly string[] => releasedLibrary().names;
  const moduleBtf = modulesOf(types, btf);
  return await openLanguageService({ arch, release, btf, symbols, moduleBtf, namesOfLibrary });
}

async function unpack(packed: Uint8Array): Promise<Uint8Array> {
  try {
    return await promisify(zstdDecompress)(packed, {
      maxOutputLength: KERNEL_TYPES_LIMITS.unpackedBytes,
      params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
    });
  } catch (cause) {
    const limit = KERNEL_TYPES_LIMITS.unpackedBytes;
    const message = `the types of a kernel cannot be unpacked: they are damaged, or more than ${limit} bytes`;
    throw new FarcallError('MESSAGE_INVALID', message, { cause });
  }
}

/** Opened when a program names the module; what cannot be read is as if the module were not loaded. */
function modulesOf({ modules }: KernelTypes, base: Btf): (name: string) => Btf | undefined {
  const bytes = new Map(modules.map(({ name, btf }) => [name, btf]));
  const opened = new Map<string, Btf | undefined>();
  return name => {
    const own = bytes.get(name);
    if (own && !opened.has(name)) opened.set(name, openModule(own, base));
    return opened.get(name);
  };
}

function openModule(bytes: Uint8Array, base: Btf): Btf | undefined {
  try {
    return new Btf(bytes, base);
  } catch (thrown) {
    if (thrown instanceof FarcallError && thrown.code === 'BTF_INVALID') return undefined;
    throw thrown;
  }
}
