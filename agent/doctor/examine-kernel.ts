import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, ok, orUnfit, unfit, warning } from '../../shared/doctor/index.ts';
import { moduleProblem } from '../fitness/index.ts';
import { checkKernel } from '../host-kernel/index.ts';
import { HOST_FILES, type HostFiles, type KernelFacts, readKernelFacts } from '../kernel/index.ts';
import type { HostPolicy } from '../policy/index.ts';
import { signingMode } from '../signing/index.ts';

/** What of a policy decides whether a host loads modules. */
export type ModulePolicy = Pick<HostPolicy, 'effects' | 'moduleSigning'>;

/** Bit of the kernel's taint: it died in an oops (Documentation/admin-guide/tainted-kernels.rst). */
const TAINT_DIE = 1 << 7;

/**
 * What of this kernel a call needs: its types and symbols, its memory, and that it takes modules. `policy` is
 * undefined where it cannot be read.
 */
export function examineKernel(
  policy: ModulePolicy | undefined,
  files: HostFiles = HOST_FILES,
): readonly Finding[] {
  const facts = readKernelFacts(files);
  return [
    typesAndSymbols(facts, files),
    rights(facts),
    ...(policy ? [modules(facts, policy)] : []),
    health(facts),
    ...confinement(files),
  ];
}

function typesAndSymbols({ kernelRelease, arch }: KernelFacts, files: HostFiles): Finding {
  const remedy = 'run the doctor as root; if something is missing still, this host needs another kernel';
  return orUnfit('kernel', remedy, () => {
    checkKernel(files);
    return ok('kernel', `${kernelRelease} (${arch}): its types, symbols and memory can be read`);
  });
}

function rights({ missingCapabilities }: KernelFacts): Finding {
  if (missingCapabilities.length === 0)
    return ok('rights', 'this process has every capability that a call needs');
  return unfit(
    'rights',
    `this process lacks ${missingCapabilities.join(', ')}`,
    'run the command as root; for the agent, see CapabilityBoundingSet in its unit',
  );
}

function modules(facts: KernelFacts, policy: ModulePolicy): Finding {
  const reason = moduleProblem({ facts, policy });
  const by = signingMode(policy, facts);
  if (reason === undefined)
    return ok('modules', `this kernel takes modules${by === 'none' ? '' : `, signed by: ${by}`}`);
  return unfit('modules', reason, 'see the guide about module signing, and moduleSigning in the policy');
}

function health({ taint }: KernelFacts): Finding {
  if ((taint & TAINT_DIE) === 0) return ok('health', 'the kernel has had no oops since it booted');
  return warning(
    'health',
    'the kernel has had an oops since it booted',
    'look at its log, and reboot when you can',
  );
}

/** What else may refuse: it is named, since refusals of its kind are hard to find. */
function confinement({ sys }: HostFiles): readonly Finding[] {
  const enforce = textOf(join(sys, 'fs', 'selinux', 'enforce'));
  const apparmor = textOf(join(sys, 'module', 'apparmor', 'parameters', 'enabled'));
  const confined = textOf('/proc/self/attr/current');
  const name = enforce === '1' ? 'SELinux enforces' : apparmor === 'Y' ? 'AppArmor is on' : undefined;
  if (name === undefined) return [];
  return [ok('confinement', `${name}; this process runs as ${confined || 'unconfined'}`)];
}

function textOf(path: string): string {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8').replaceAll('\0', '').trim() : '';
  } catch {
    return '';
  }
}
