import { machine, release } from 'node:os';
import { HOST_FILES, type HostFiles, readHostText, readOptionalHostText } from '../host-files.ts';
import { type Capability, missingCapabilities } from './capabilities.ts';
import { type KernelSigning, readKernelSigning } from './kernel-signing.ts';

/** How far the kernel is locked down (kernel_lockdown(7)); empty where it has no lockdown. */
export type Lockdown = '' | 'none' | 'integrity' | 'confidentiality';

/**
 * What the kernel of this host is and what it lets us do, by the names of HostFacts in shared/messages. All of it may
 * change while the agent runs but `kernelRelease`, `arch` and `bootId`: sig_enforce, lockdown and modules_disabled can be
 * raised at run time, one way.
 */
export interface KernelFacts {
  /** `uname -r`. */
  readonly kernelRelease: string;
  /** `uname -m`. */
  readonly arch: string;
  /** Whether the kernel takes no more modules until it boots again. */
  readonly modulesDisabled: boolean;
  /** Whether it takes signed modules only. */
  readonly sigEnforce: boolean;
  readonly lockdown: Lockdown;
  /** Bits of /proc/sys/kernel/tainted. */
  readonly taint: number;
  readonly bootId: string;
  /** Of the rights that farcall needs, those that this process does not have. */
  readonly missingCapabilities: readonly Capability[];
  /** Which modules it takes, and whose. */
  readonly signing: KernelSigning;
}

/**
 * Reads them anew. What a kernel was built without counts as switched off.
 * @throws FarcallError FILE_UNREADABLE, PERMISSION
 */
export function readKernelFacts(files: HostFiles = HOST_FILES): KernelFacts {
  const sysctl = `${files.proc}/sys/kernel`;
  return {
    kernelRelease: release(),
    arch: machine(),
    modulesDisabled: isOn(readOptionalHostText(`${sysctl}/modules_disabled`)),
    sigEnforce: isOn(readOptionalHostText(`${files.sys}/module/module/parameters/sig_enforce`)),
    lockdown: parseLockdown(readOptionalHostText(`${files.sys}/kernel/security/lockdown`) ?? ''),
    taint: parseTaint(readOptionalHostText(`${sysctl}/tainted`) ?? ''),
    bootId: (readOptionalHostText(`${sysctl}/random/boot_id`) ?? '').trim().slice(0, 64),
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

/** A decimal number; 0 for anything else. */
export function parseTaint(text: string): number {
  const taint = /^\d{1,15}$/.test(text.trim()) ? Number(text.trim()) : 0;
  return Number.isSafeInteger(taint) ? taint : 0;
}

/** A kernel flag: `1` or `Y`. */
function isOn(text: string | undefined): boolean {
  const flag = text?.trim();
  return flag === '1' || flag === 'Y';
}
