import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { HOST_FILES, type HostFiles } from '../kernel/index.ts';
import { openHostKernel } from './host-kernel.ts';

/** A file that a kernel with the feature has, and what the feature is for. */
interface Feature {
  readonly path: string;
  readonly option: string;
  readonly need: string;
}

function featuresIn({ proc, sys }: HostFiles): readonly Feature[] {
  return [
    { path: join(proc, 'modules'), option: 'CONFIG_MODULES', need: 'farcall calls functions from modules' },
    { path: join(proc, 'kallsyms'), option: 'CONFIG_KALLSYMS', need: 'farcall finds functions by name' },
    {
      path: join(sys, 'kernel', 'btf', 'vmlinux'),
      option: 'CONFIG_DEBUG_INFO_BTF',
      need: 'farcall compiles against its types',
    },
  ];
}

/**
 * Whether an agent can run on this kernel: opens it as the agent does. To be called before the machine
 * becomes a host. Throws KERNEL_LACKS and what {@link openHostKernel} throws, with words for who sets the
 * machine up.
 */
export function checkKernel(files: HostFiles = HOST_FILES): void {
  const missing = featuresIn(files).filter(({ path }) => !existsSync(path));
  if (missing.length > 0)
    throw new FarcallError(
      'KERNEL_LACKS',
      `the kernel ${release()} cannot be used: ${missing
        .map(({ path, option, need }) => `it has no ${path} (${option} is off, and ${need})`)
        .join('; ')}`,
    );
  try {
    openHostKernel(files);
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    throw new FarcallError(code, `the kernel ${release()} cannot be used: ${message}`, { cause: thrown });
  }
}
