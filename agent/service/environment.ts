import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock/index.ts';
import type { KernelStages } from '../kernel-stages/index.ts';

/** The parts of an agent that its process supplies, and that tests replace. */
export interface AgentEnvironment {
  readonly stages: KernelStages;
  readonly clock: Clock;
  readonly log: Logger;
  /** At least 0, below 1; for jitter only. */
  readonly random: () => number;
}
