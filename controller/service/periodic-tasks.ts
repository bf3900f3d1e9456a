import { publishAborts } from '../abort/index.ts';
import { publishOrders } from '../dispatch/index.ts';
import { noteOverdueReviews } from '../emergency/index.ts';
import { expireOverdue, receiveDeferredHellos } from '../gather/index.ts';
import { lockTask } from '../locks/index.ts';
import type { RolloutDriver } from '../rollout/index.ts';
import { freshnessPublisher, trustAnnouncer } from '../trust/index.ts';
import { advanceAll } from './advance-request.ts';
import type { PeriodicTask } from './run-tasks.ts';
import type { Services } from './services.ts';

/** Inputs of the periodic tasks. */
export interface PeriodicTaskDeps extends Services {
  /** Drives one rollout as far as it goes now. */
  readonly drive: RolloutDriver['drive'];
  readonly takeOver: RolloutDriver['takeOver'];
}

async function refreshTrust({ registry }: PeriodicTaskDeps): Promise<void> {
  await registry.refresh();
}

async function driveRollouts({ takeOver }: PeriodicTaskDeps): Promise<void> {
  await takeOver();
}

async function makeCheckpoint({ checkpointMaker }: PeriodicTaskDeps): Promise<void> {
  await checkpointMaker.makeIfDue();
}

/** The tasks that a controller runs whenever time has passed or something has happened, in this order. */
export function periodicTasks(): readonly PeriodicTask<PeriodicTaskDeps>[] {
  return [
    refreshTrust,
    receiveDeferredHellos,
    lockTask(),
    trustAnnouncer(),
    freshnessPublisher(),
    publishAborts,
    expireOverdue,
    noteOverdueReviews,
    advanceAll,
    driveRollouts,
    publishOrders,
    makeCheckpoint,
  ];
}
