import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock/index.ts';
import type { KernelStages } from '../kernel-stages/index.ts';

/** What an agent takes from outside, beside its configuration. */
export interface AgentEnvironment {
  readonly stages: KernelStages;
  readonly clock: Clock;
  readonly log: Logger;
  /** At least 0, below 1; for jitter only. */
  readonly random: () => number;
}
