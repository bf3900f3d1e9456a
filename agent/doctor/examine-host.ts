import type { Clock } from '../../shared/clock/index.ts';
import { examineBrokers, examineClock, type Finding } from '../../shared/doctor/index.ts';
import { examineFiles } from './examine-files.ts';
import { examineKernel, type ModulePolicy } from './examine-kernel.ts';
import { examineTrust } from './examine-trust.ts';

/** Inputs of {@link examineHost}. */
export interface DoctorSources {
  readonly configFile: string;
  readonly clock: Clock;
}

/**
 * Looks at everything that must hold for a call to run on this host: the files, the kernel, the trust bundle,
 * the login, the brokers and the clock. It changes nothing, and an agent may be running. Never throws for
 * what it finds.
 */
export async function examineHost({ configFile, clock }: DoctorSources): Promise<readonly Finding[]> {
  const { findings, config, policy } = examineFiles(configFile);
  const kernel = examineKernel(policy);
  if (!config) return [...findings, ...kernel, ...(await examineClock())];
  const rest = await Promise.all([examineTrust(config, clock), examineBrokers(config.nats), examineClock()]);
  return [...findings, ...kernel, ...rest.flat()];
}

/**
 * What of {@link examineHost} can be looked at on a machine that is no host yet, and may become one with this
 * policy: the kernel, modules and the clock. Never throws for what it finds.
 */
export async function examineMachine(policy: ModulePolicy): Promise<readonly Finding[]> {
  return [...examineKernel(policy), ...(await examineClock())];
}
