import { machine, release, version } from 'node:os';
import { HOST_FILES, type HostFiles, readHostText, readOptionalHostText } from '../host-files/index.ts';
import { readBootAndTaint } from './boot-and-taint.ts';
import { type Capability, missingCapabilities } from './capabilities.ts';
import { type KernelSigning, readKernelSigning } from './kernel-signing.ts';

/** How far the kernel is locked down (kernel_lockdown(7)); empty if it has no lockdown. */
export type Lockdown = '' | 'none' | 'integrity' | 'confidentiality';

/**
 * What the kernel of this host is and what it allows, by the names of HostFacts in shared/messages. All of it
 * except `kernelRelease`, `arch` and `bootId` may change while the agent runs: sig_enforce, lockdown and
 * modules_disabled can be raised at run time, but not lowered.
 */
export interface KernelFacts {
  /** `uname -r`. */
  readonly kernelRelease: string;
  /** `uname -v`: which build of this release it is. */
  readonly kernelVersion: string;
  /** `uname -m`. */
  readonly arch: string;
  /** Whether the kernel takes no more modules until it boots again. */
  readonly modulesDisabled: boolean;
  /** Whether it takes signed modules only. */
  readonly sigEnforce: boolean;
  readonly lockdown: Lockdown;
  /** Whether the firmware started the kernel by Secure Boot; undefined if there is no EFI. */
  readonly secureBoot: boolean | undefined;
  /** Bits of /proc/sys/kernel/tainted. */
  readonly taint: number;
  readonly bootId: string;
  /** The capabilities that farcall needs and this process lacks. */
  readonly missingCapabilities: readonly Capability[];
  /** Which modules the kernel takes, and by whose keys. */
  readonly signing: KernelSigning;
}

/**
 * Reads the facts. A feature that the kernel was built without counts as switched off.
 * @throws FarcallError FILE_UNREADABLE, PERMISSION
 */
export function readKernelFacts(files: HostFiles = HOST_FILES): KernelFacts {
  const sysctl = `${files.proc}/sys/kernel`;
  return {
    kernelRelease: release(),
    kernelVersion: version(),
    arch: machine(),
    modulesDisabled: isOn(readOptionalHostText(`${sysctl}/modules_disabled`)),
    sigEnforce: isOn(readOptionalHostText(`${files.sys}/module/module/parameters/sig_enforce`)),
    lockdown: parseLockdown(readOptionalHostText(`${files.sys}/kernel/security/lockdown`) ?? ''),
    secureBoot: secureBoot(files),
    ...readBootAndTaint(files),
    missingCapabilities: missingCapabilities(readHostText(`${files.proc}/self/status`)),
    signing: readKernelSigning(files),
  };
}

/**
 * The level in brackets.
 *
 *     none [integrity] confidentiality
 */
export function parseLockdown(text: string): Lockdown {
  const level = /\[(none|integrity|confidentiality)\]/.exec(text)?.[1];
  return (level ?? '') as Lockdown;
}

/**
 * The variable of UEFI (2.10, section 3.3): one byte, after the four bytes of attributes that efivarfs
 * prepends.
 */
const SECURE_BOOT_VARIABLE = 'firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

/**
 * Cached by the folder of /sys: it cannot change before the next boot, and each read may call the firmware.
 */
const secureBootOf = new Map<string, boolean | undefined>();

function secureBoot({ sys }: HostFiles): boolean | undefined {
  if (secureBootOf.has(sys)) return secureBootOf.get(sys);
  const variable = readOptionalHostText(`${sys}/${SECURE_BOOT_VARIABLE}`);
  const isOn = variable === undefined ? undefined : variable.charCodeAt(variable.length - 1) === 1;
  secureBootOf.set(sys, isOn);
  return isOn;
}

/** A kernel flag: `1` or `Y`. */
function isOn(text: string | undefined): boolean {
  const flag = text?.trim();
  return flag === '1' || flag === 'Y';
}
